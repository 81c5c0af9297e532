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

// Figures are what a lake holds now, and what it took in since it was opened.
type Figures struct {
	Stores []StoreFigures // by name
	// QueryMemoryBytes is what queries hold now, QueryMemoryLimitBytes the most that they may hold together.
	QueryMemoryBytes, QueryMemoryLimitBytes int64
	// CacheBytes is what is kept of decoded segments now, of QueryMemoryLimitBytes and at most CacheLimitBytes.
	// CacheHits and CacheMisses count what queries asked for and it had, or had not.
	CacheBytes, CacheLimitBytes, CacheHits, CacheMisses int64
	// LogBytes is what the log of pushed events has that is in no segment.
	LogBytes int64
	// Queries counts those that have not ended, by door and state.
	Queries map[DoorState]int
}

// DoorState is a state of queries that came through a door.
type DoorState struct {
	Door  string
	State QueryState
}

// StoreFigures are those of one store. A store that is pending deletion has them, too.
type StoreFigures struct {
	Store       *Store
	Events      int64 // within retention, as Description has them
	StoredBytes int64
	// RetainedBytes is about the text of Events: as many as there are, each as long as those that the store took in on
	// average. ExtendedBytes is what of StoredBytes is older than 366 days, in a store that pays for that.
	RetainedBytes, ExtendedBytes int64
	Ingested                     IngestedFigures
	// NewestEvent is the latest eventtime within retention; zero: the store is empty.
	NewestEvent time.Time
	// LastGoodImport is when the last import ended that completed; zero: none has. LastImportFailedFiles counts the
	// files that the last import to end could not read, whether it completed or not.
	LastGoodImport        time.Time
	LastImportFailedFiles int64
}

// IngestedFigures are what became of events that were pushed or imported into a store.
type IngestedFigures struct {
	Events, Bytes int64 // of events that were taken; bytes of their text
	// Rejected were pushed and not taken, or imported and not readable. Events that an import leaves out by window,
	// retention, selectors or because they are known are not.
	Rejected int64
	// LastHourBytes is what of Bytes came in the last full hour of the clock.
	LastHourBytes int64
}

// Figures returns what the lake holds and took in. It reads no events.
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

// addImports adds what the imports into the store say, the newest first.
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

// retainedBytes is the text of some events of a store, by the average of all that its usage records know.
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
	hour      int64 // since 1970, that of hourBytes; LastHourBytes is of the one before
	hourBytes int64
}

// addPush counts what a push did, which has ended with an error or without.
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

// turn begins another hour, if it is one. A clock that was set back begins one, too.
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
