package storage

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/storage/catalog"
)

// Decode reads the texts of events into the stored columns of a store's table, a row each.
type Decode func(store *catalog.Store, events [][]byte) (arrow.Record, error)

// hotTier holds pushed events that are in no segment yet: in the log, and in memory for queries.
type hotTier struct {
	log      *hotLog
	maxBytes int64
	maxAge   time.Duration
	flushing sync.Mutex // held by a flush, and by Close

	// Under Lake.mu. batches are those whose sequence is above the catalog's Flushed, by sequence;
	// the array behind is only appended to, so that snapshots share it.
	batches []*hotBatch
	bytes   int64 // their frames
	flusher *time.Timer
	urgent  bool // flusher is due at once
}

// hotBatch is what one push brought.
type hotBatch struct {
	sequence uint64
	storeID  string
	columns  []arrow.Array // of the store's table
	rows     int
	bytes    int64 // of the frame in the log
	text     int64 // of the events
	days     []DayRows
	min, max int64 // eventtime, milliseconds
}

func newHotBatch(storeID string, rec arrow.Record, timeCol int, p *hotPush) *hotBatch {
	b := &hotBatch{storeID: storeID, columns: rec.Columns(), rows: int(rec.NumRows()), bytes: p.frameBytes()}
	for _, event := range p.events {
		b.text += int64(len(event))
	}
	for i, t := range rec.Column(timeCol).(*array.Timestamp).TimestampValues() {
		b.countTime(int64(t))
		if i == 0 {
			b.min, b.max = int64(t), int64(t)
		}
		b.min, b.max = min(b.min, int64(t)), max(b.max, int64(t))
	}
	return b
}

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

// Push makes events of a store durable and visible to every later snapshot; when it returns without
// error they are both, whatever happens then. rec has a row for each of events, the columns of
// Writer.Schema, and is taken over. Concurrent pushes share their writes to the disk.
//
// Pushed events go into segments by size and age, or with Flush.
func (l *Lake) Push(ctx context.Context, store *catalog.Store, events [][]byte, rec arrow.Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w, err := l.NewWriter(store) // for its checks
	if err != nil {
		return err
	}
	if err := w.Append(rec); err != nil {
		return err
	}
	p := &hotPush{storeID: store.ID, events: events}
	switch {
	case len(events) == 0:
		return nil
	case rec.NumRows() != int64(len(events)):
		return fmt.Errorf("storage: %d rows for %d events", rec.NumRows(), len(events))
	case len(store.ID) != hotStoreIDBytes || p.frameBytes() > maxHotFrameBytes:
		return fmt.Errorf("storage: a push of %d bytes to store %q; at most %d are possible", p.frameBytes(), store.ID, maxHotFrameBytes)
	}
	if err := l.waitForHotRoom(ctx); err != nil {
		return err
	}
	p.batch = newHotBatch(store.ID, rec, w.timeCol, p)
	return l.hot.log.append(p)
}

// waitForHotRoom flushes when pushes come faster than the flushes behind them.
func (l *Lake) waitForHotRoom(ctx context.Context) error {
	l.mu.Lock()
	full := l.hot.bytes > 2*l.hot.maxBytes
	l.mu.Unlock()
	if !full {
		return nil
	}
	return l.Flush(ctx)
}

// publishHot shows durable pushes to snapshots.
func (l *Lake) publishHot(pushes []*hotPush) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range pushes {
		p.batch.sequence = p.sequence
		l.hot.batches = append(l.hot.batches, p.batch)
		l.hot.bytes += p.batch.bytes
	}
	l.scheduleFlushLocked()
}

// scheduleFlushLocked lets a flush begin in the background: now if there is enough, else after a while.
// What it cannot do the next one does; a push that must wait for a flush gets its error.
func (l *Lake) scheduleFlushLocked() {
	h := &l.hot
	switch isFull := h.bytes > h.maxBytes; {
	case h.flusher == nil:
		wait := h.maxAge
		if isFull {
			wait = 0
		}
		h.urgent = isFull
		h.flusher = time.AfterFunc(wait, func() { _ = l.Flush(context.Background()) })
	case isFull && !h.urgent:
		h.urgent = true
		h.flusher.Reset(0)
	}
}

// openHot reads the log of pushed events.
func (l *Lake) openHot(ctx context.Context, decode Decode) error {
	log := &hotLog{fs: l.fs, dir: filepath.Join(l.dir, hotFolder), publish: l.publishHot}
	l.hot = hotTier{log: log, maxBytes: maxHotBytes, maxAge: maxHotAge}
	var flushed uint64
	stores := map[string]*catalog.Store{}
	err := l.catalog.View(func(tx *catalog.Tx) (err error) {
		if flushed, err = tx.Flushed(); err != nil {
			return err
		}
		list, err := tx.Stores()
		for _, s := range list {
			stores[s.ID] = s
		}
		return err
	})
	if err != nil {
		return err
	}
	var pushes []*hotPush
	err = log.recover(ctx, flushed, func(p *hotPush) error {
		store, ok := stores[p.storeID]
		if !ok { // dropped
			return nil
		}
		if decode == nil {
			return errors.New("there are pushed events, and no way to read them")
		}
		rec, err := decode(store, p.events)
		if err != nil {
			return fmt.Errorf("push %d: %w", p.sequence, err)
		}
		times := rec.Schema().FieldIndices(timeColumn)
		if rec.NumRows() != int64(len(p.events)) || len(times) != 1 {
			return fmt.Errorf("push %d: %d rows of %d events", p.sequence, rec.NumRows(), len(p.events))
		}
		p.batch = newHotBatch(p.storeID, rec, times[0], p)
		p.events = nil
		pushes = append(pushes, p)
		return nil
	})
	if err != nil {
		return err
	}
	if len(pushes) > 0 {
		l.publishHot(pushes)
	}
	// What cannot be removed now is with the next flush.
	_ = log.remove(flushed)
	return nil
}

// Flush moves pushed events into segments. Every snapshot sees each event once: in the hot tier, or in a segment.
func (l *Lake) Flush(ctx context.Context) error {
	l.hot.flushing.Lock()
	defer l.hot.flushing.Unlock()
	l.hot.log.beginFile()
	l.mu.Lock()
	batches, closed := l.hot.batches, l.closed
	if l.hot.flusher != nil {
		l.hot.flusher.Stop()
		l.hot.flusher = nil
	}
	l.mu.Unlock()
	if closed || len(batches) == 0 {
		return nil
	}
	f := &flush{lake: l, batches: batches, last: batches[len(batches)-1].sequence}
	defer f.abort()
	if err := f.write(ctx); err != nil {
		return err
	}
	if err := f.commit(ctx); err != nil {
		return err
	}
	l.mu.Lock()
	l.hot.batches = slices.Clone(l.hot.batches[len(batches):])
	for _, b := range batches {
		l.hot.bytes -= b.bytes
	}
	l.mu.Unlock()
	// What cannot be removed now is with the next flush.
	_ = l.hot.log.remove(f.last)
	return nil
}

// flush writes batches of several stores to segments and commits them together.
type flush struct {
	lake    *Lake
	batches []*hotBatch
	last    uint64
	stores  []*flushedStore
}

type flushedStore struct {
	writer *Writer
	usage  catalog.Usage
}

func (f *flush) abort() {
	for _, s := range f.stores {
		s.writer.Abort()
	}
}

func (f *flush) write(ctx context.Context) error {
	byStore := map[string]*flushedStore{}
	for _, b := range f.batches {
		s, ok := byStore[b.storeID]
		if !ok {
			store, err := f.store(b.storeID)
			if isNotFound(err) { // dropped
				continue
			}
			if err != nil {
				return err
			}
			w, err := f.lake.NewWriter(store)
			if err != nil {
				return err
			}
			s = &flushedStore{writer: w, usage: catalog.Usage{StoreID: b.storeID, Day: catalog.DayOf(f.lake.now().UnixMilli())}}
			byStore[b.storeID] = s
			f.stores = append(f.stores, s)
		}
		s.writer.buffer.add(array.NewRecord(s.writer.schema, b.columns, int64(b.rows)))
		s.usage.IngestedBytes += b.text
		s.usage.IngestedEvents += int64(b.rows)
	}
	for _, s := range f.stores {
		if err := s.writer.Spill(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (f *flush) store(id string) (store *catalog.Store, err error) {
	err = f.lake.catalog.View(func(tx *catalog.Tx) (err error) {
		store, err = tx.Store(id)
		return err
	})
	return store, err
}

// commit adds the segments and moves the mark of what is flushed, in one transaction.
func (f *flush) commit(ctx context.Context) error {
	var all []*catalog.Segment
	for _, s := range f.stores {
		all = append(all, s.writer.segments...)
	}
	err := f.lake.enter(ctx, all, func(tx *catalog.Tx) error {
		for _, s := range f.stores {
			// The store may have been dropped meanwhile; the next flush leaves it out.
			if _, err := tx.Store(s.usage.StoreID); err != nil {
				return err
			}
			if _, err := f.lake.changeManifest(tx, catalog.ChangeFlush, s.usage.StoreID, s.writer.segments, nil); err != nil {
				return err
			}
			if err := tx.AddUsage(s.usage); err != nil {
				return err
			}
		}
		return tx.SetFlushed(f.last)
	})
	if err != nil {
		return fmt.Errorf("flush: %w", err)
	}
	for _, s := range f.stores {
		s.writer.segments = nil
	}
	return nil
}

// hotAfter are the batches with a sequence above flushed.
func hotAfter(batches []*hotBatch, flushed uint64) []*hotBatch {
	return batches[sort.Search(len(batches), func(i int) bool { return batches[i].sequence > flushed }):]
}
