package engine

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/auditlake/auditlake/engine/store"
	"github.com/auditlake/auditlake/ingest/channel"
	"github.com/auditlake/auditlake/storage/catalog"
)

// Figures describe what a lake holds now, and what it has ingested since it was opened.
type Figures struct {
	Stores []StoreFigures // by name
	// QueryMemoryBytes is the memory that queries hold now, QueryMemoryLimitBytes the most they may hold together.
	QueryMemoryBytes, QueryMemoryLimitBytes int64
	// CacheBytes is the size of the cache of decoded segments. It counts toward QueryMemoryLimitBytes and is at
	// most CacheLimitBytes. CacheHits and CacheMisses count the lookups of queries in it.
	CacheBytes, CacheLimitBytes, CacheHits, CacheMisses int64
	// LogBytes is the size of pushed events that are in the log and not yet in a segment.
	LogBytes int64
	// Queries counts the open queries by door and state.
	Queries map[DoorState]int
}

// DoorState is a door with a state of its queries.
type DoorState struct {
	Door  string
	State QueryState
}

// StoreFigures are the figures of one store. A store that is pending deletion has them, too.
type StoreFigures struct {
	Store       *Store
	Events      int64 // within retention, as Description has them
	StoredBytes int64
	// RetainedBytes estimates the text of Events: their count times the average length of events that the store
	// took in. ExtendedBytes is the part of StoredBytes older than 366 days, in a store that pays for that.
	RetainedBytes, ExtendedBytes int64
	Ingested                     IngestedFigures
	// NewestEvent is the latest eventtime within retention; zero: the store is empty.
	NewestEvent time.Time
	// LastGoodImport is when the last completed import ended; zero: none has. LastImportFailedFiles counts the
	// files that the last import to end could not read, whether it completed or not.
	LastGoodImport        time.Time
	LastImportFailedFiles int64
}

// IngestedFigures count what happened to events that were pushed or imported into a store.
type IngestedFigures struct {
	Events, Bytes int64 // taken events, and the bytes of their text
	// Rejected counts events that were pushed and refused, or imported and unreadable. Events that an import skips
	// by window, retention, selectors or as duplicates do not count.
	Rejected int64
	// LastHourBytes is the part of Bytes ingested in the last full clock hour.
	LastHourBytes int64
}

// Figures returns what the lake holds and has ingested. It reads no events.
func (l *Lake) Figures(ctx context.Context) (*Figures, error) {
	used, limit := l.queries.Memory()
	out := &Figures{QueryMemoryBytes: used, QueryMemoryLimitBytes: limit, LogBytes: l.storage.HotBytes(), Queries: map[DoorState]int{}}
	for _, q := range l.queries.Open() {
		out.Queries[DoorState{q.Door, q.State}]++
	}
	cache := l.storage.Cache().Stats()
	out.CacheBytes, out.CacheLimitBytes, out.CacheHits, out.CacheMisses = cache.UsedBytes, cache.LimitBytes, cache.Hits, cache.Misses
	records, err := store.Records(ctx, l.storage)
	if err != nil {
		return nil, err
	}
	snapshot, err := l.storage.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer snapshot.Close()
	now, imports := l.now(), []*Import(nil)
	if imports, err = l.imports.List(ctx); err != nil {
		return nil, err
	}
	for _, r := range records {
		rows, err := snapshot.Rows(r.ID, r.Horizon(now))
		if err != nil {
			return nil, err
		}
		s := StoreFigures{Store: store.FromRecord(r), ExtendedBytes: l.book().ExtendedBytes(r, rows), Ingested: l.ingested.of(r.ID, now)}
		for _, day := range rows.Days {
			s.Events += day.Rows
			s.StoredBytes += day.Bytes
			if newest := time.UnixMilli(day.MaxTime).UTC(); day.Rows > 0 && newest.After(s.NewestEvent) {
				s.NewestEvent = newest
			}
		}
		s.addImports(imports)
		if s.RetainedBytes, err = l.retainedBytes(r.ID, s.Events); err != nil {
			return nil, err
		}
		out.Stores = append(out.Stores, s)
	}
	return out, nil
}

// addImports adds the figures of the store's imports, which are ordered newest first.
func (s *StoreFigures) addImports(imports []*Import) {
	var lastEnd time.Time
	for _, i := range imports {
		if i.StoreID != s.Store.ID || i.EndedAt.IsZero() {
			continue
		}
		if i.EndedAt.After(lastEnd) {
			lastEnd, s.LastImportFailedFiles = i.EndedAt, i.Counts.FilesFailed
		}
		if i.Status == ImportCompleted && i.EndedAt.After(s.LastGoodImport) {
			s.LastGoodImport = i.EndedAt
		}
	}
}

// retainedBytes estimates the text of events of a store by the average of all its usage records.
func (l *Lake) retainedBytes(storeID string, events int64) (int64, error) {
	var total catalog.Usage
	err := l.storage.Catalog().View(func(tx *catalog.Tx) error {
		for day, err := range tx.Usage(storeID, 0, math.MaxInt32) {
			if err != nil {
				return err
			}
			total.IngestedEvents += day.IngestedEvents
			total.IngestedBytes += day.IngestedBytes
		}
		return nil
	})
	if total.IngestedEvents == 0 {
		return 0, err
	}
	return int64(float64(total.IngestedBytes) / float64(total.IngestedEvents) * float64(events)), err
}

// ingestCounts counts what stores take in.
type ingestCounts struct {
	mu     sync.Mutex
	stores map[string]*ingestCount // mu: by id
}

type ingestCount struct {
	IngestedFigures
	hour      int64 // hours since 1970, of hourBytes; LastHourBytes is of the hour before
	hourBytes int64
}

// addPush counts the events of a push that has ended, successfully or not.
func (c *ingestCounts) addPush(storeID string, judged *channel.Judged, now time.Time, err error) {
	rejected := int64(len(judged.Results) - len(judged.Taken))
	if err != nil {
		c.add(storeID, 0, 0, rejected, now)
		return
	}
	var bytes int64
	for _, event := range judged.Taken {
		bytes += int64(len(event))
	}
	c.add(storeID, int64(len(judged.Taken)), bytes, rejected, now)
}

func (c *ingestCounts) add(storeID string, events, bytes, rejected int64, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stores == nil {
		c.stores = map[string]*ingestCount{}
	}
	s := c.stores[storeID]
	if s == nil {
		s = &ingestCount{}
		c.stores[storeID] = s
	}
	s.turn(now)
	s.Events += events
	s.Bytes += bytes
	s.Rejected += rejected
	s.hourBytes += bytes
}

// turn starts a new hour if the clock shows another one. A clock that was set back also starts one.
func (s *ingestCount) turn(now time.Time) {
	hour := now.Unix() / 3600
	switch hour {
	case s.hour:
	case s.hour + 1:
		s.hour, s.LastHourBytes, s.hourBytes = hour, s.hourBytes, 0
	default:
		s.hour, s.LastHourBytes, s.hourBytes = hour, 0, 0
	}
}

func (c *ingestCounts) of(storeID string, now time.Time) IngestedFigures {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.stores[storeID]
	if s == nil {
		return IngestedFigures{}
	}
	s.turn(now)
	return s.IngestedFigures
}

// forget drops the counts of a store that is gone.
func (c *ingestCounts) forget(storeID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.stores, storeID)
}
