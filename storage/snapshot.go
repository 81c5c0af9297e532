package storage

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/decoded"
	"github.com/auditlake/auditlake/storage/orc"
	"github.com/auditlake/auditlake/storage/schema"
)

// Snapshot is one version of the manifest, and the pushed events that are in no segment of it. The files it needs
// stay until Close. It is safe for concurrent use.
type Snapshot struct {
	lake    *Lake
	version uint64
	hot     []*hotBatch
	cache   *decoded.Cache // of what its scans decode

	mu     sync.Mutex
	tx     *catalog.Tx // mu
	closed bool        // mu
}

// Snapshot returns a snapshot of the current manifest.
func (l *Lake) Snapshot(ctx context.Context) (*Snapshot, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	// Under the lock, so that no file of this version is deleted before the snapshot is registered.
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, ErrClosed
	}
	tx := l.catalog.Begin()
	version, err := tx.ManifestVersion()
	if err != nil {
		tx.Discard()
		return nil, err
	}
	flushed, err := tx.Flushed()
	if err != nil {
		tx.Discard()
		return nil, err
	}
	s := &Snapshot{lake: l, version: version, tx: tx, cache: l.cache, hot: hotAfter(l.hot.batches, flushed)}
	l.snapshots[s] = struct{}{}
	return s, nil
}

// Hold makes the snapshot's scans cache all that they decode, up to limitBytes, until it is closed. It is for
// statements that read much the same data. It must be called before the first scan, and returns the cache.
func (s *Snapshot) Hold(limitBytes int64) *decoded.Cache {
	if held := decoded.Hold(s.lake.cache, limitBytes); held != nil {
		s.cache = held
	}
	return s.cache
}

// openSegment opens the segment at path with the columns of its store's table, whatever it was written with.
func (s *Snapshot) openSegment(path string, segment *catalog.Segment, table *schema.Table) (*orc.Reader, error) {
	return s.lake.openSegmentWith(s.cache, path, segment, table)
}

// Version counts the commits and expiries up to this snapshot.
func (s *Snapshot) Version() uint64 { return s.version }

// ChainHead returns the end of the chain whose changes the snapshot has.
func (s *Snapshot) ChainHead() (catalog.ChainHead, error) { return s.tx.ChainHead() }

// Close releases the snapshot's files. Its scans must have ended. Further calls do nothing.
func (s *Snapshot) Close() {
	if !s.end() {
		return
	}
	if s.cache.Holds() {
		s.cache.End()
	}
	s.lake.mu.Lock()
	delete(s.lake.snapshots, s)
	s.lake.mu.Unlock()
	// If a file cannot be deleted now, it is tried again later.
	_ = s.lake.collectGarbage()
}

// end closes the transaction, and reports whether it was open.
func (s *Snapshot) end() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.closed = true
	s.tx.Discard()
	return true
}

// Segments lists a store's segments in scan order: by day, then smallest eventtime, then name. The caller must not
// change them.
func (s *Snapshot) Segments(storeID string) ([]*catalog.Segment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	if known, ok := s.lake.manifest.manifestOf(s.version, storeID); ok {
		return known, nil
	}
	var list []*catalog.Segment
	for segment, err := range s.tx.Segments(storeID) {
		if err != nil {
			return nil, err
		}
		list = append(list, segment)
	}
	slices.SortFunc(list, scanOrder)
	s.lake.manifest.keepManifest(s.version, storeID, list)
	return list, nil
}

// AllSegments lists the segments of all stores, also of one whose record is gone.
func (s *Snapshot) AllSegments() ([]*catalog.Segment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	var list []*catalog.Segment
	for segment, err := range s.tx.AllSegments() {
		if err != nil {
			return nil, err
		}
		list = append(list, segment)
	}
	return list, nil
}

func scanOrder(a, b *catalog.Segment) int {
	return cmp.Or(
		cmp.Compare(a.Day, b.Day),
		cmp.Compare(a.MinTime, b.MinTime),
		cmp.Compare(a.Name, b.Name),
	)
}

// Store reads the store's record as of the snapshot. The caller must not change it.
func (s *Snapshot) Store(storeID string) (*catalog.Store, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	return s.tx.KeptStore(storeID)
}

// Stores lists the records of all stores as of the snapshot. The caller must change neither them nor the list.
func (s *Snapshot) Stores() ([]*catalog.Store, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	return s.tx.KeptStores()
}

// StoreRows is what the manifest alone says about a store.
type StoreRows struct {
	Days []DayRows // by day; without days wholly before the horizon
}

// DayRows describes the segments, and pushed events, of a day that reach the horizon.
type DayRows struct {
	Day      catalog.Day
	Segments int
	Rows     int64
	Bytes    int64
	// MinTime and MaxTime are the day's smallest and largest eventtime in milliseconds.
	MinTime, MaxTime int64
	// Whole: all rows counted above lie within the horizon, so that Rows, MinTime and MaxTime are exact. Otherwise
	// some of them may not exist for this horizon.
	Whole bool
}

// Rows returns, without reading any segment, what a store holds within a horizon.
func (s *Snapshot) Rows(storeID string, horizon time.Time) (StoreRows, error) {
	if err := s.lake.mayAnswer(storeID); err != nil {
		return StoreRows{}, err
	}
	segments, err := s.Segments(storeID)
	if err != nil {
		return StoreRows{}, err
	}
	limit := catalog.CeilMillis(horizon)
	rows := StoreRows{Days: slices.Grow([]DayRows(nil), daysFrom(segments, limit))}
	for _, segment := range segments {
		if segment.MaxTime >= limit {
			rows.addSegment(segment, limit)
		}
	}
	for _, b := range s.hot {
		if b.storeID == storeID {
			rows.addHot(b, limit)
		}
	}
	return rows, nil
}

// daysFrom counts the days of the segments that reach the horizon. The segments must be in scan order.
func daysFrom(segments []*catalog.Segment, horizon int64) int {
	var count dayCount
	for _, s := range segments {
		if s.MaxTime >= horizon {
			count.addDay(s.Day)
		}
	}
	return int(count.days)
}

// addHot counts pushed events. Their bytes, as in the log, count for the first of their days.
func (r *StoreRows) addHot(b *hotBatch, horizon int64) {
	bytes := b.bytes
	for _, hot := range b.days {
		if hot.MaxTime < horizon {
			continue
		}
		at, found := slices.BinarySearchFunc(r.Days, hot.Day, func(d DayRows, day catalog.Day) int { return cmp.Compare(d.Day, day) })
		if !found {
			r.Days = slices.Insert(r.Days, at, DayRows{Day: hot.Day, MinTime: hot.MinTime, MaxTime: hot.MaxTime, Whole: true})
		}
		day := &r.Days[at]
		day.Rows += hot.Rows
		day.Bytes += bytes
		bytes = 0
		day.MinTime = min(day.MinTime, hot.MinTime)
		day.MaxTime = max(day.MaxTime, hot.MaxTime)
		day.Whole = day.Whole && hot.MinTime >= horizon
	}
}

func (r *StoreRows) addSegment(s *catalog.Segment, horizon int64) {
	if n := len(r.Days); n == 0 || r.Days[n-1].Day != s.Day {
		r.Days = append(r.Days, DayRows{Day: s.Day, MinTime: s.MinTime, MaxTime: s.MaxTime, Whole: true})
	}
	day := &r.Days[len(r.Days)-1]
	day.Segments++
	day.Rows += s.Rows
	day.Bytes += s.Bytes
	day.MinTime = min(day.MinTime, s.MinTime)
	day.MaxTime = max(day.MaxTime, s.MaxTime)
	day.Whole = day.Whole && s.MinTime >= horizon
}
