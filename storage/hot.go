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

	// Under Lake.mu. batches are those whose sequence is above the catalog's Flushed, by sequence;
	// their array is only appended to, so that snapshots share it.
	batches []*hotBatch
	bytes   int64 // of them in the log
	flusher *time.Timer
	urgent  bool // flusher is due at once
	report  func(Flushed, error)
}

// hotBatch is what one push brought: events of a store, or receipts of a channel.
type hotBatch struct {
	sequence uint64
	storeID  string
	text     []byte  // the events, as the log has them
	times    []int64 // eventtime of each, milliseconds
	bytes    int64   // of the push in the log
	days     []DayRows
	min, max int64 // of times

	// receipts are there in place of events if storeID is a channel's id.
	receipts []receipt.Receipt

	decoded *hotColumns // hotTier.decoding; nil: nobody has asked for them
	first   int         // hotTier.decoding: where the batch begins in decoded
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

// textBytes is what the events have.
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

// Part is what a push brings to one store.
type Part struct {
	Store  *catalog.Store
	Events Texts   // they belong to the lake from the push on
	Times  []int64 // eventtimes of Events in milliseconds, those that Options.Decoder reads of them
}

// Texts are the texts of pushed events in one piece of memory.
type Texts = hotlog.Texts

// JoinTexts copies the texts of events into one piece of memory.
func JoinTexts(events [][]byte) Texts { return hotlog.JoinTexts(events) }

// NewTexts returns no texts, and room for so many events that have so many bytes together.
func NewTexts(events, textBytes int) Texts { return hotlog.NewTexts(events, textBytes) }

// Push makes events of stores durable and visible to every later snapshot: all of them at once, or none. When it
// returns without error they are both, whatever happens then. Concurrent pushes share their writes to the disk.
//
// Pushed events go into segments by size and age, or with Flush.
func (l *Lake) Push(ctx context.Context, parts ...Part) error { return l.push(ctx, parts, "", nil) }

// minWorkBytes is from how many bytes on pushed events are work that questions need threads beside. Fewer, as those
// in which a server writes its own activity down after each question, wait for the disk and compute next to nothing.
const minWorkBytes = 256 << 10

// areWork reports whether pushing parts is work, see processors.Begin.
func areWork(parts []Part) bool {
	bytes := int64(0)
	for _, part := range parts {
		bytes += part.Events.PushBytes()
	}
	return bytes >= minWorkBytes
}

// push is Push with receipts of a channel, which are durable when the events are; without any, channelID is empty.
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

// pushesOf makes a push of the log of each part that has events.
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
	if !l.isHotFull() { // another one has flushed meanwhile
		return nil
	}
	return l.flush(ctx)
}

func (l *Lake) isHotFull() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.hot.bytes > 2*l.hot.maxBytes || l.receipts.Recent() > 2*maxHotReceipts
}

// HotBytes returns what the log has of pushed events that are in no segment yet.
func (l *Lake) HotBytes() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.hot.bytes
}

// publishHot shows durable pushes to snapshots.
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

// hotAfter are the batches with a sequence above flushed.
func hotAfter(batches []*hotBatch, flushed uint64) []*hotBatch {
	return batches[sort.Search(len(batches), func(i int) bool { return batches[i].sequence > flushed }):]
}
