package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/auditlake/auditlake/processors"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/hotlog"
	"github.com/auditlake/auditlake/storage/receipt"
)

// hotTier holds pushed events that are in no segment yet: in the log, and in memory for queries.
type hotTier struct {
	log      *hotlog.Log
	decoder  Decoder
	decoding sync.Mutex // of hotBatch.decoded
	maxBytes int64
	maxAge   time.Duration
	flushing sync.Mutex // held by a flush, and by Close

	// Lake.mu guards the fields below. batches are those whose sequence is above the catalog's Flushed, by
	// sequence. The array is only appended to, so that snapshots can share it.
	batches []*hotBatch
	bytes   int64 // of batches, in the log
	flusher *time.Timer
	urgent  bool // flusher is due at once
	report  func(Flushed, error)
}

// hotBatch is the content of one push: events of a store, or receipts of a channel.
type hotBatch struct {
	sequence uint64
	storeID  string
	text     []byte  // the events, in the log's form
	times    []int64 // eventtime of each, milliseconds
	bytes    int64   // of the push in the log
	days     []DayRows
	min, max int64 // of times

	// receipts replace events if storeID is a channel's id.
	receipts []receipt.Receipt

	decoded *hotColumns // hotTier.decoding; nil: not decoded yet
	first   int         // hotTier.decoding: the batch's first row in decoded
}

func newHotBatch(p *hotlog.Push, times []int64) *hotBatch {
	b := &hotBatch{storeID: p.StoreID, text: p.Text, times: times, bytes: p.Bytes(), min: times[0], max: times[0]}
	for _, t := range times {
		b.countTime(t)
		b.min, b.max = min(b.min, t), max(b.max, t)
	}
	return b
}

func (b *hotBatch) rows() int { return len(b.times) }

// textBytes returns the length of the events' text.
func (b *hotBatch) textBytes() int64 { return int64(len(b.text) - hotlog.TextHead*len(b.times)) }

func (b *hotBatch) countTime(millis int64) {
	day := catalog.DayOf(millis)
	at := slices.IndexFunc(b.days, func(d DayRows) bool { return d.Day == day })
	if at < 0 {
		at = len(b.days)
		b.days = append(b.days, DayRows{Day: day, MinTime: millis, MaxTime: millis})
	}
	d := &b.days[at]
	d.Rows++
	d.MinTime, d.MaxTime = min(d.MinTime, millis), max(d.MaxTime, millis)
}

// Part is the events that a push adds to one store.
type Part struct {
	Store  *catalog.Store
	Events Texts   // owned by the lake after the push
	Times  []int64 // eventtimes of Events in milliseconds, as Options.Decoder reads them
}

// Texts are the texts of pushed events in one block of memory.
type Texts = hotlog.Texts

// JoinTexts copies the texts of events into one block of memory.
func JoinTexts(events [][]byte) Texts { return hotlog.JoinTexts(events) }

// NewTexts returns empty Texts with room for the given number of events and bytes.
func NewTexts(events, textBytes int) Texts { return hotlog.NewTexts(events, textBytes) }

// Push makes events of stores durable and visible to every later snapshot: all of them at once, or none. When it
// returns without an error they are both, even after a crash. Concurrent pushes share their disk writes.
//
// Pushed events move into segments by size and age, or with Flush.
func (l *Lake) Push(ctx context.Context, parts ...Part) error { return l.push(ctx, parts, "", nil) }

// minWorkBytes is the size from which a push counts as work that needs spare threads (processors.Begin). Smaller
// ones, such as a server's record of its own activity after each query, wait for the disk and hardly compute.
const minWorkBytes = 256 << 10

// areWork reports whether pushing parts is work, see processors.Begin.
func areWork(parts []Part) bool {
	bytes := int64(0)
	for _, part := range parts {
		bytes += part.Events.PushBytes()
	}
	return bytes >= minWorkBytes
}

// push is Push with receipts of a channel, which become durable with the events. Without receipts channelID is
// empty.
func (l *Lake) push(ctx context.Context, parts []Part, channelID string, receipts []receipt.Receipt) error {
	if err := l.checkChangeable(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if areWork(parts) {
		defer processors.Begin()()
	}
	pushes, err := pushesOf(parts)
	if err != nil || len(pushes) == 0 {
		return err
	}
	if len(receipts) > 0 {
		pushes = append(pushes, receiptPush(channelID, receipts))
	}
	if err := l.waitForHotRoom(ctx); err != nil {
		return err
	}
	err = l.hot.log.Append(pushes...)
	if errors.Is(err, hotlog.ErrClosed) {
		return ErrClosed
	}
	return err
}

// pushesOf returns a push of the log for each part that has events.
func pushesOf(parts []Part) ([]*hotlog.Push, error) {
	bytes := int64(0)
	for _, part := range parts {
		if _, err := tableOf(part.Store); err != nil {
			return nil, err
		}
		bytes += part.Events.PushBytes()
		switch {
		case len(part.Times) != part.Events.Count():
			return nil, fmt.Errorf("storage: %d times for %d events", len(part.Times), part.Events.Count())
		case len(part.Store.ID) != hotlog.StoreIDBytes || bytes > hotlog.MaxGroupBytes:
			return nil, fmt.Errorf("storage: a push of %d bytes to store %q; at most %d are possible", bytes, part.Store.ID, hotlog.MaxGroupBytes)
		}
	}
	var pushes []*hotlog.Push
	for _, part := range parts {
		if part.Events.Count() == 0 {
			continue
		}
		p := hotlog.NewPush(part.Store.ID, part.Events)
		p.Value = newHotBatch(p, part.Times)
		pushes = append(pushes, p)
	}
	return pushes, nil
}

// waitForHotRoom flushes if pushes come faster than the background flushes them.
func (l *Lake) waitForHotRoom(ctx context.Context) error {
	if !l.isHotFull() {
		return nil
	}
	l.hot.flushing.Lock()
	defer l.hot.flushing.Unlock()
	if !l.isHotFull() { // another push has flushed meanwhile
		return nil
	}
	return l.flush(ctx)
}

func (l *Lake) isHotFull() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.hot.bytes > 2*l.hot.maxBytes || l.receipts.Recent() > 2*maxHotReceipts
}

// HotBytes returns the size of pushed events in the log that are in no segment yet.
func (l *Lake) HotBytes() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.hot.bytes
}

// publishHot makes durable pushes visible to snapshots.
func (l *Lake) publishHot(pushes []*hotlog.Push) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range pushes {
		b := p.Value.(*hotBatch)
		b.sequence = p.Sequence
		l.hot.batches = append(l.hot.batches, b)
		l.hot.bytes += b.bytes
		if len(b.receipts) > 0 {
			l.receipts.Keep(b.storeID, b.receipts)
		}
	}
	l.scheduleFlushLocked()
}

// hotAfter returns the batches with a sequence above flushed.
func hotAfter(batches []*hotBatch, flushed uint64) []*hotBatch {
	return batches[sort.Search(len(batches), func(i int) bool { return batches[i].sequence > flushed }):]
}
