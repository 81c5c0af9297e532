package receipt

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/auditlake/auditlake/storage/vfs"
)

// Options say where receipts lie and how many are kept.
type Options struct {
	FS  vfs.FS
	Dir string // has a folder for each channel
	// MaxReceipts is how many receipts of a channel are kept at least, if the last day brought that many; 0: 10
	// million. Up to MaxRunReceipts more may be kept.
	MaxReceipts int64
	// MaxRunReceipts is the most receipts of a file; 0: 1 million.
	MaxRunReceipts int64
	// MaxFilterBytes bounds the memory of the filters of all files; 0: 40 MiB. Each search reads the files that
	// have no filter in memory.
	MaxFilterBytes int64
	Log            *slog.Logger // of damaged files; nil: none
}

const (
	defaultMaxReceipts    = 10_000_000
	defaultMaxRunReceipts = 1_000_000
	defaultFilterBytes    = 40 << 20
)

// Memory is the memory of all channels of a lake. It is safe for concurrent use.
type Memory struct {
	options Options

	mu       sync.Mutex
	channels map[string]*channel // mu: by id
	filters  int64               // mu: bytes of the filters of all runs
	recent   int                 // mu: receipts in no file yet

	// files is read-locked to read files, and locked to remove files that no channel has any more.
	files sync.RWMutex
}

// channel is what is remembered of one channel.
type channel struct {
	recent  map[Key]Receipt // Memory.mu: receipts in no file yet
	claimed map[Key]*Claim  // Memory.mu: keys of events that are being pushed
	runs    []*run          // Memory.mu: oldest first; replaced by a new list with each change
	next    uint64          // Memory.mu: number of the next file
}

// New returns an empty memory, see Open.
func New(options Options) *Memory {
	if options.MaxReceipts == 0 {
		options.MaxReceipts = defaultMaxReceipts
	}
	if options.MaxRunReceipts == 0 {
		options.MaxRunReceipts = defaultMaxRunReceipts
	}
	if options.MaxFilterBytes == 0 {
		options.MaxFilterBytes = defaultFilterBytes
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	return &Memory{options: options, channels: map[string]*channel{}}
}

func (m *Memory) channelLocked(id string) *channel {
	c := m.channels[id]
	if c == nil {
		c = &channel{recent: map[Key]Receipt{}, claimed: map[Key]*Claim{}, next: 1}
		m.channels[id] = c
	}
	return c
}

// Recent is the number of receipts in no file yet.
func (m *Memory) Recent() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.recent
}

// Keep remembers receipts, which the owner has made durable in its log, until Settle.
func (m *Memory) Keep(channelID string, receipts []Receipt) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.channelLocked(channelID)
	before := len(c.recent)
	for i := range receipts {
		c.recent[receipts[i].Key] = receipts[i]
	}
	m.recent += len(c.recent) - before
}

// Claim is the right to push events of some keys: no other caller pushes them at the same time.
type Claim struct {
	memory    *Memory
	channelID string
	channel   *channel
	keys      []Key // the claimed ones
	firsts    map[Key]Receipt
	done      chan struct{} // closed when the claim is released
}

// Claim claims keys, once no other caller has a claim to any of them, and finds those with a receipt that holds at
// now: see First. The caller releases the claim.
func (m *Memory) Claim(ctx context.Context, channelID string, keys []Key, now time.Time) (*Claim, error) {
	claim := &Claim{memory: m, channelID: channelID, firsts: map[Key]Receipt{}, done: make(chan struct{})}
	for {
		other := m.claimOrWait(claim, keys, now.UnixMilli())
		if other == nil {
			break
		}
		select {
		case <-other.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if err := m.searchRuns(claim, now.UnixMilli()); err != nil {
		claim.Release()
		return nil, err
	}
	return claim, nil
}

// claimOrWait claims all keys, or none, and then returns the claim to wait for.
func (m *Memory) claimOrWait(claim *Claim, keys []Key, millis int64) *Claim {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.channelLocked(claim.channelID)
	for _, key := range keys {
		if other := c.claimed[key]; other != nil {
			return other
		}
	}
	claim.channel, claim.keys = c, keys
	for _, key := range keys {
		c.claimed[key] = claim
		if r, ok := c.recent[key]; ok && r.holds(millis) {
			claim.firsts[key] = r
		}
	}
	return nil
}

// First returns the receipt of the first event of a key; false: there is none, and the event is new.
func (c *Claim) First(key Key) (Receipt, bool) {
	r, ok := c.firsts[key]
	return r, ok
}

// ChannelID is the channel of the claim.
func (c *Claim) ChannelID() string { return c.channelID }

// Release ends the claim. The caller has kept the receipts of pushed events before.
func (c *Claim) Release() {
	m := c.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, key := range c.keys {
		delete(c.channel.claimed, key)
	}
	c.keys = nil
	close(c.done)
}

// searchRuns searches the files for the claim's keys that are not recent.
func (m *Memory) searchRuns(claim *Claim, millis int64) error {
	m.files.RLock()
	defer m.files.RUnlock()
	for _, s := range m.searches(claim) {
		if err := m.search(claim, s, millis); err != nil {
			return err
		}
	}
	return nil
}

// runSearch are the keys that a file may have.
type runSearch struct {
	run  *run
	keys []Key
}

func (m *Memory) searches(claim *Claim) (list []runSearch) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range claim.channel.runs {
		s := runSearch{run: r}
		for i := range claim.keys {
			if _, isKnown := claim.firsts[claim.keys[i]]; !isKnown && (r.filter == nil || r.filter.mayHave(&claim.keys[i])) {
				s.keys = append(s.keys, claim.keys[i])
			}
		}
		if len(s.keys) > 0 {
			list = append(list, s)
		}
	}
	return list
}

// search searches a file. Of a damaged one it uses what can be read.
func (m *Memory) search(claim *Claim, s runSearch, millis int64) error {
	file, err := m.options.FS.Open(s.run.path)
	if err != nil {
		return err
	}
	defer file.Close()
	buffer := make([]byte, pageBytes)
	for _, key := range s.keys {
		found, ok, err := s.run.find(file, key, buffer)
		if errors.Is(err, errDamaged) {
			m.options.Log.Warn("receipts of pushed events are lost: events that are sent again are stored again", "error", err)
			continue
		}
		if err != nil {
			return err
		}
		if ok && found.holds(millis) {
			claim.firsts[key] = found
		}
	}
	return nil
}

func (m *Memory) folder(channelID string) string { return filepath.Join(m.options.Dir, channelID) }
