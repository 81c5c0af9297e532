package channels

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/auditlake/auditlake/engine/store"
	"github.com/auditlake/auditlake/ingest/channel"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/receipt"
)

// Limits of a push.
const (
	MaxEvents    = 100
	MaxDataBytes = 1 << 20 // of the activity of all events
)

// ErrDuplicateID: two events of a push have one id.
var ErrDuplicateID = errors.New("two events have the same id")

// AuditEvent is an event that a program pushes.
type AuditEvent struct {
	ID       string // the program's own
	Data     []byte // the activity, a JSON object
	Checksum string // base64 of the SHA-256 of Data; "": none
}

// AuditResult is what became of an event: it is stored under EventID, or has a Code, which Message explains.
type AuditResult struct {
	EventID       string
	Code, Message string
}

// pushing keeps what pushing into each channel needs until a record changes.
type pushing struct {
	mu      sync.Mutex
	version uint64               // mu: Catalog.StoresVersion of routes
	routes  map[string]*route    // mu: by the channel's id
	last    map[string]Ingestion // mu: by the channel's id; of this process
}

func newPushing() *pushing {
	return &pushing{routes: map[string]*route{}, last: map[string]Ingestion{}}
}

func (p *pushing) forget(channelID string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.routes, channelID)
	delete(p.last, channelID)
}

// route is the way into a channel's destinations.
type route struct {
	channel      *catalog.Channel
	destinations []*channel.Channel
}

// route finds the way through the channel of an id.
func (c *Channels) route(id string) (*route, error) {
	p := c.pushing
	p.mu.Lock()
	defer p.mu.Unlock()
	if version := c.storage.Catalog().StoresVersion(); p.version != version {
		clear(p.routes)
		p.version = version
	}
	if r := p.routes[id]; r != nil {
		return r, nil
	}
	r := &route{}
	err := c.storage.Catalog().View(func(tx *catalog.Tx) (err error) {
		if r.channel, err = tx.Channel(id); err != nil {
			return err
		}
		for _, storeID := range r.channel.Destinations {
			d, err := openDestination(tx, storeID)
			if err != nil {
				return err
			}
			r.destinations = append(r.destinations, d)
		}
		return nil
	})
	if errors.Is(err, catalog.ErrNotFound) {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	if err != nil {
		return nil, err
	}
	p.routes[id] = r
	return r, nil
}

func openDestination(tx *catalog.Tx, storeID string) (*channel.Channel, error) {
	s, err := tx.Store(storeID)
	if err != nil {
		return nil, fmt.Errorf("%w: there is no event data store %s", ErrDestination, storeID)
	}
	if err := store.CheckTakesPushes(s); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDestination, err)
	}
	return channel.Open(s)
}

// Put pushes events through the channel with an id. If it returns no error, the events whose results have an
// EventID are durable in all destinations and visible to every later query; the others are not stored. After an
// error none is acknowledged.
//
// An event with the ID and Data of one that the channel took within a day counts as that event: it gets the same
// EventID, and is not stored again.
func (c *Channels) Put(ctx context.Context, id string, events []AuditEvent) ([]AuditResult, error) {
	if err := checkPush(events); err != nil {
		return nil, err
	}
	r, err := c.route(id)
	if err != nil {
		return nil, err
	}
	p := &push{route: r, events: events, results: make([]AuditResult, len(events)), data: make([]channel.AuditData, len(events)), now: c.place.Now()}
	p.check()
	if err := c.putChecked(ctx, p); err != nil {
		return nil, err
	}
	c.pushing.note(p)
	return p.results, nil
}

func checkPush(events []AuditEvent) error {
	if len(events) == 0 || len(events) > MaxEvents {
		return fmt.Errorf("%w: a push has 1 to %d events, not %d", store.ErrInvalidParameter, MaxEvents, len(events))
	}
	bytes := 0
	seen := make(map[string]bool, len(events))
	for _, e := range events {
		if seen[e.ID] {
			return fmt.Errorf("%w: %s", ErrDuplicateID, e.ID)
		}
		seen[e.ID] = true
		bytes += len(e.Data)
	}
	if bytes > MaxDataBytes {
		return fmt.Errorf("%w: the eventData of a push has at most %d bytes, not %d", store.ErrInvalidParameter, MaxDataBytes, bytes)
	}
	return nil
}

// push is one call of Put.
type push struct {
	*route
	events  []AuditEvent
	results []AuditResult
	data    []channel.AuditData // of events
	now     time.Time
	keys    []receipt.Key // of the sound events, whose indexes are sound
	sound   []int
	judged  []channel.Judged // by each destination, of the events that are new
}

// check finds the sound events; the others get their result.
func (p *push) check() {
	for i, e := range p.events {
		var result channel.Result
		if p.data[i], result = channel.CheckAudit(e.Data, e.Checksum, p.channel.AccountID); result.Code != "" {
			p.results[i] = AuditResult{Code: result.Code, Message: result.Message}
			continue
		}
		p.sound = append(p.sound, i)
		p.keys = append(p.keys, receipt.KeyOf(e.ID, p.data[i].SHA256))
	}
}

// putChecked pushes the sound events that the channel does not have.
func (c *Channels) putChecked(ctx context.Context, p *push) error {
	if len(p.sound) == 0 {
		return ctx.Err()
	}
	claim, err := c.storage.ClaimReceipts(ctx, p.channel.ID, p.keys, p.now)
	if err != nil {
		return err
	}
	defer claim.Release()
	parts, receipts := p.judge(claim)
	err = ctx.Err()
	if len(receipts) > 0 {
		err = c.storage.PushClaimed(ctx, claim, receipts, parts...)
	}
	for i := range p.judged {
		if c.place.Took != nil {
			c.place.Took(p.destinations[i].Store().ID, &p.judged[i], err)
		}
	}
	return err
}

// judge gives each event that is new an id, and to the destinations that keep it.
func (p *push) judge(claim *receipt.Claim) ([]storage.Part, []receipt.Receipt) {
	fresh := make([]int, 0, len(p.sound)) // indexes of events
	times := make([]int64, 0, len(p.sound))
	receipts := make([]receipt.Receipt, 0, len(p.sound))
	ids := newEventIDs(len(p.sound))
	texts := p.newTexts()
	envelope := channel.NewEnvelope(p.channel.Region, p.channel.AccountID, p.channel.ARN(), p.now)
	for n, i := range p.sound {
		if first, isRepeat := claim.First(p.keys[n]); isRepeat {
			p.results[i].EventID = uuid.UUID(first.EventID).String()
			continue
		}
		p.results[i].EventID = ids[n].String()
		fresh, times = append(fresh, i), append(times, p.data[i].Millis)
		texts.AppendText(func(to []byte) []byte {
			return envelope.AppendEvent(to, p.results[i].EventID, time.UnixMilli(p.data[i].Millis), p.events[i].Data)
		})
		receipts = append(receipts, receipt.Receipt{Key: p.keys[n], EventID: ids[n], Millis: p.now.UnixMilli()})
	}
	if len(fresh) == 0 {
		return nil, nil
	}
	parts := make([]storage.Part, len(p.destinations))
	p.judged = make([]channel.Judged, len(p.destinations))
	kept := make([]bool, len(fresh))
	events := texts.List()
	for at, d := range p.destinations {
		judged := d.JudgeAudit(events, times, p.now)
		p.judged[at] = judged
		parts[at] = storage.Part{Store: d.Store(), Events: texts, Times: judged.Times} // destinations share the texts
		if len(judged.Taken) < len(events) {
			parts[at].Events = storage.JoinTexts(judged.Taken)
		}
		for n, result := range judged.Results {
			kept[n] = kept[n] || result.Code == ""
			if result.Code != "" {
				p.results[fresh[n]].Message = result.Message
			}
		}
	}
	for n, i := range fresh {
		if kept[n] {
			p.results[i].Message = ""
			continue
		}
		p.results[i] = AuditResult{Code: channel.InvalidData, Message: p.results[i].Message}
	}
	n := -1
	return parts, slices.DeleteFunc(receipts, func(receipt.Receipt) bool { n++; return !kept[n] })
}

// newTexts returns room for the sound events in their envelopes.
func (p *push) newTexts() storage.Texts {
	bytes := 0
	for _, i := range p.sound {
		bytes += channel.MaxEnvelopeBytes + len(p.events[i].Data)
	}
	return storage.NewTexts(len(p.sound), bytes)
}

// newEventIDs makes random UUIDs.
func newEventIDs(n int) []uuid.UUID {
	ids := make([]uuid.UUID, n)
	random := make([]byte, n*len(uuid.UUID{}))
	rand.Read(random) // it never fails
	for i := range ids {
		copy(ids[i][:], random[i*len(ids[i]):])
		ids[i][6] = ids[i][6]&0x0f | 0x40 // version 4
		ids[i][8] = ids[i][8]&0x3f | 0x80 // variant 10
	}
	return ids
}
