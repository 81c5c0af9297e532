package storage

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/auditlake/auditlake/panics"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/schema"
)

// scheduleFlushLocked schedules a flush in the background: now if there is enough, otherwise later. A failed flush
// is tried again; a push that must wait for a flush returns its error.
func (l *Lake) scheduleFlushLocked() {
	if l.checkChangeable() != nil {
		return
	}
	h := &l.hot
	switch isFull := h.bytes > h.maxBytes || l.receipts.Recent() > maxHotReceipts; {
	case h.flusher == nil && isFull:
		l.flushAfterLocked(0)
	case h.flusher == nil:
		l.flushAfterLocked(h.maxAge)
	case isFull && !h.urgent:
		h.urgent = true
		h.flusher.Reset(0)
	}
}

func (l *Lake) flushAfterLocked(wait time.Duration) {
	l.hot.urgent = wait == 0
	l.hot.flusher = time.AfterFunc(wait, func() {
		// The error was reported: see OnFlush.
		_ = panics.Run(l.log, "flush", func() error { return l.Flush(context.Background()) })
	})
}

// Flushed is the result of a flush.
type Flushed struct {
	Events   int64
	Bytes    int64 // of their text
	Segments int
	Took     time.Duration
}

// Flush moves pushed events into segments. Every snapshot sees each event once: in the hot tier, or in a segment.
// After an error the events are where they were, and a later flush moves them.
func (l *Lake) Flush(ctx context.Context) error {
	if err := l.checkChangeable(); err != nil {
		return err
	}
	l.hot.flushing.Lock()
	defer l.hot.flushing.Unlock()
	return l.flush(ctx)
}

// flush is Flush with the lock held.
func (l *Lake) flush(ctx context.Context) error {
	l.hot.log.BeginFile()
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
	start := time.Now()
	f := &flush{lake: l, batches: batches, last: batches[len(batches)-1].sequence}
	defer f.abort()
	err := panics.Run(l.log, "flush", func() error {
		if err := f.writeStores(ctx); err != nil {
			return err
		}
		if err := f.settleReceipts(); err != nil {
			return err
		}
		return f.commit(ctx)
	})
	f.done.Took = time.Since(start)
	if l.hot.report != nil {
		l.hot.report(f.done, err)
	}
	l.mu.Lock()
	if err != nil {
		l.flushAfterLocked(min(l.hot.maxAge, flushRetryAge))
		l.hot.urgent = true // not at once, however much there is
		l.mu.Unlock()
		return err
	}
	l.hot.batches = slices.Clone(l.hot.batches[len(batches):])
	for _, b := range batches {
		l.hot.bytes -= b.bytes
	}
	if len(l.hot.batches) > 0 {
		l.scheduleFlushLocked()
	}
	l.mu.Unlock()
	// If the file cannot be removed now, the next flush removes it.
	_ = l.hot.log.Remove(f.last)
	return nil
}

// flush writes batches of several stores to segments and commits them together.
type flush struct {
	lake    *Lake
	batches []*hotBatch
	last    uint64
	stores  []*flushedStore
	// ingestion are the channels that have receipts in batches.
	ingestion []channelIngestion
	done      Flushed
}

type flushedStore struct {
	id       string
	batches  []*hotBatch
	segments []*catalog.Segment // under temporary names
	usage    catalog.Usage
}

func (f *flush) abort() {
	for _, s := range f.stores {
		f.lake.removeTemporary(s.segments)
	}
}

func (f *flush) writeStores(ctx context.Context) error {
	for _, b := range f.batches {
		if len(b.receipts) > 0 {
			continue
		}
		at := slices.IndexFunc(f.stores, func(s *flushedStore) bool { return s.id == b.storeID })
		if at < 0 {
			at = len(f.stores)
			f.stores = append(f.stores, &flushedStore{id: b.storeID})
		}
		f.stores[at].batches = append(f.stores[at].batches, b)
	}
	for _, s := range f.stores {
		if err := f.writeStore(ctx, s); err != nil {
			return fmt.Errorf("write segments: %w", err)
		}
	}
	f.stores = slices.DeleteFunc(f.stores, func(s *flushedStore) bool { return s.usage.StoreID == "" })
	for _, s := range f.stores {
		f.done.Events += s.usage.IngestedEvents
		f.done.Bytes += s.usage.IngestedBytes
		f.done.Segments += len(s.segments)
	}
	return nil
}

// writeStore writes the events of a store, unless it was dropped.
func (f *flush) writeStore(ctx context.Context, s *flushedStore) error {
	store, err := f.store(s.id)
	if isNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	table, err := tableOf(store)
	if err != nil {
		return err
	}
	s.usage = catalog.Usage{StoreID: s.id, Day: catalog.DayOf(f.lake.now().UnixMilli())}
	for _, b := range s.batches {
		s.usage.IngestedBytes += b.textBytes()
		s.usage.IngestedEvents += int64(b.rows())
	}
	// The hot log does not record how events came in: stores of events from outside of AWS are fed by channels,
	// others by pushes.
	if schema.Category(store.Category) == schema.ActivityAuditLog {
		s.usage.Ways.Channel = s.usage.IngestedBytes
	} else {
		s.usage.Ways.Live = s.usage.IngestedBytes
	}
	days := f.lake.hot.hotDays(table, s.batches)
	for _, day := range slices.Sorted(maps.Keys(days)) {
		kind := &segmentKind{storeID: s.id, day: day, table: table, schema: table.Arrow(), rebuilt: takesShapes(store, table)}
		segments, err := f.lake.writeDay(ctx, kind, days[day])
		days[day].giveBack()
		s.segments = append(s.segments, segments...)
		if err != nil {
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

// commit adds the segments and advances the flushed mark, in one transaction.
func (f *flush) commit(ctx context.Context) error {
	var all []*catalog.Segment
	for _, s := range f.stores {
		all = append(all, s.segments...)
	}
	err := f.lake.enter(ctx, all, func(tx *catalog.Tx) error {
		for _, s := range f.stores {
			// The store may have been dropped meanwhile; the next flush skips it.
			if _, err := tx.Store(s.id); err != nil {
				return err
			}
			if _, err := f.lake.changeManifest(tx, catalog.ChangeFlush, s.id, s.segments, nil); err != nil {
				return err
			}
			if err := tx.AddUsage(s.usage); err != nil {
				return err
			}
		}
		if err := f.noteIngestion(tx); err != nil {
			return err
		}
		return tx.SetFlushed(f.last)
	})
	if err != nil {
		return fmt.Errorf("flush: %w", err)
	}
	for _, s := range f.stores {
		s.segments = nil
	}
	return nil
}
