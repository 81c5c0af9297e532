package storage

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/storage/catalog"
)

// scheduleFlushLocked lets a flush begin in the background: now if there is enough, else after a while.
// What it cannot do is tried again; a push that must wait for a flush gets its error.
func (l *Lake) scheduleFlushLocked() {
	h := &l.hot
	switch isFull := h.bytes > h.maxBytes; {
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
	l.hot.flusher = time.AfterFunc(wait, func() { _ = l.Flush(context.Background()) })
}

// Flushed is what a flush did.
type Flushed struct {
	Events   int64
	Bytes    int64 // of their text
	Segments int
	Took     time.Duration
}

// Flush moves pushed events into segments. Every snapshot sees each event once: in the hot tier, or in a
// segment. After an error they are where they were, and a later flush takes them.
func (l *Lake) Flush(ctx context.Context) error {
	l.hot.flushing.Lock()
	defer l.hot.flushing.Unlock()
	return l.flush(ctx)
}

// flush is Flush with the lock held.
func (l *Lake) flush(ctx context.Context) error {
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
	start := time.Now()
	f := &flush{lake: l, batches: batches, last: batches[len(batches)-1].sequence}
	defer f.abort()
	err := f.write(ctx)
	if err == nil {
		err = f.commit(ctx)
	}
	f.done.Took = time.Since(start)
	if l.hot.report != nil {
		l.hot.report(f.done, err)
	}
	l.mu.Lock()
	if err != nil {
		l.flushAfterLocked(min(l.hot.maxAge, flushRetryAge))
		l.hot.urgent = true // not before, however much there is
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
	done    Flushed
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
		f.done.Events += s.usage.IngestedEvents
		f.done.Bytes += s.usage.IngestedBytes
		f.done.Segments += len(s.writer.segments)
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
