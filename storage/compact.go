package storage

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/panics"
	"github.com/auditlake/auditlake/processors"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/orc"
	"github.com/auditlake/auditlake/storage/schema"
)

const (
	// mergeShare: a segment is merged only with others that together have at least 1/mergeShare of its rows.
	mergeShare = 4
	// compactWorkers is the number of days compacted in parallel.
	compactWorkers = 2
)

// Compacted is the result of a compaction.
type Compacted struct {
	Merged      int   // segments removed
	Written     int   // segments written in their place
	Rows        int64 // in them
	Repeats     int64 // repeated events dropped
	BytesBefore int64 // of the removed segments
	BytesAfter  int64 // of the written segments
}

// Compact merges the small segments of each day of a store. The merged segments have up to 256 MiB. Days that end
// before the horizon are left to expiry. Rows and their values stay as they are. Earlier snapshots keep reading the
// old segments, whose files are removed when the last of them closes. A second compaction changes nothing.
//
// A segment is rewritten only together with others that have at least a quarter of its rows: a few late rows stay
// in a segment of their own until there are more of them. So a day keeps a handful of segments, each several times
// as large as the next, and a row is rewritten a few times in its life.
//
// If a store had repeated events before it was set to leave them out (catalog.Store.HoldsRepeats), Compact drops
// the repeats of every day. That includes days before the horizon, which a longer retention may show again. Of rows
// with the same eventid, recipientaccountid and bytes one stays. The store's record stays as it is: a caller that
// knows of no pushes in flight changes it.
//
// A damaged segment is left as it is; the others of its day are merged, and the error names it.
func (l *Lake) Compact(ctx context.Context, storeID string, horizon time.Time) (Compacted, error) {
	return l.compact(ctx, storeID, horizon, false)
}

// RewriteOld does what Compact does, and rewrites every segment of an earlier version of the ORC writer, whatever
// its size. A second call changes nothing.
func (l *Lake) RewriteOld(ctx context.Context, storeID string, horizon time.Time) (Compacted, error) {
	return l.compact(ctx, storeID, horizon, true)
}

func (l *Lake) compact(ctx context.Context, storeID string, horizon time.Time, rewriteOld bool) (Compacted, error) {
	if err := l.checkChangeable(); err != nil {
		return Compacted{}, err
	}
	l.compacting.Lock()
	defer l.compacting.Unlock()
	defer processors.Begin()()
	var total Compacted
	repeating, err := l.holdsRepeats(storeID)
	if err != nil {
		return total, err
	}
	days, err := l.compactableDays(ctx, storeID, catalog.CeilMillis(horizon), rewriteOld, repeating)
	if err != nil {
		return total, err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(compactWorkers)
	var mu sync.Mutex // guards total and damaged
	var damaged error
	for _, day := range days {
		group.Go(func() error {
			c := &dayCompaction{lake: l, storeID: storeID, day: day, rewriteOld: rewriteOld, repeating: repeating, horizon: catalog.CeilMillis(horizon),
				leave: map[string]bool{}, written: map[string]*catalog.Segment{}, repeats: map[string][]byte{}}
			err := panics.Run(l.log, "compaction", func() error { return c.compactDay(ctx) })
			mu.Lock()
			defer mu.Unlock()
			c.addTo(&total)
			damaged = errors.Join(damaged, c.damaged)
			return err
		})
	}
	err = group.Wait()
	return total, errors.Join(damaged, err)
}

// compactableDays lists the days with several small segments. If old segments are to be rewritten, or repeats to be
// found, it lists every day, because only the files say which segments are affected.
func (l *Lake) compactableDays(ctx context.Context, storeID string, horizon int64, rewriteOld, repeating bool) ([]catalog.Day, error) {
	s, err := l.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	segments, err := s.Segments(storeID)
	if err != nil {
		return nil, err
	}
	enough := 2
	if rewriteOld || repeating {
		enough = 1
	}
	found := map[catalog.Day]int{}
	var days []catalog.Day
	for _, segment := range segments {
		if !repeating && (segment.Day.End() <= horizon || !rewriteOld && !l.isSmall(segment)) {
			continue
		}
		if found[segment.Day]++; found[segment.Day] == enough {
			days = append(days, segment.Day)
		}
	}
	return days, nil
}

func (l *Lake) isSmall(s *catalog.Segment) bool { return s.Bytes < l.segmentBytes/smallSegmentShare }

// dayCompaction merges the small segments of a day, as many at a time as memory allows.
type dayCompaction struct {
	lake       *Lake
	storeID    string
	day        catalog.Day
	rewriteOld bool              // also rewrites each segment of an earlier writer
	repeating  bool              // also drops repeated events
	horizon    int64             // in milliseconds: days that end before it are not merged
	leave      map[string]bool   // names of segments that cannot be read
	damaged    error             // their errors
	repeats    map[string][]byte // by segment: a bit for each row, set for those to drop
	dropped    int64             // repeated events dropped

	merged  []*catalog.Segment          // removed; they existed before the compaction
	written map[string]*catalog.Segment // by name: the current ones
}

func (c *dayCompaction) compactDay(ctx context.Context) error {
	if c.repeating {
		if err := c.dropRepeats(ctx); err != nil {
			return err
		}
	}
	if c.day.End() <= c.horizon {
		return nil
	}
	if err := c.mergeAll(ctx, c.pickSmall); err != nil || !c.rewriteOld {
		return err
	}
	return c.mergeAll(ctx, c.pickOld)
}

// segmentChoice selects segments of the day to merge, in scan order, or none. A single one is rewritten. With an
// error it returns the segments that the error may call damaged.
type segmentChoice func(*Snapshot) ([]*catalog.Segment, error)

func (c *dayCompaction) mergeAll(ctx context.Context, pick segmentChoice) error {
	for {
		more, err := c.mergeSome(ctx, pick)
		if err != nil || !more {
			return err
		}
	}
}

// mergeSome merges a batch of segments and reports whether there may be more to merge.
func (c *dayCompaction) mergeSome(ctx context.Context, pick segmentChoice) (more bool, err error) {
	s, err := c.lake.Snapshot(ctx)
	if err != nil {
		return false, err
	}
	defer s.Close()
	batch, err := pick(s)
	if err != nil {
		return c.skip(batch, err)
	}
	if batch == nil {
		return false, nil
	}
	for _, segment := range batch {
		// A merge would give damaged content a valid hash.
		if err := s.Verify(ctx, segment); err != nil {
			return c.skip(batch, err)
		}
	}
	written, err := c.writeMerged(ctx, s, batch)
	defer func() {
		for _, segment := range written {
			// If a file cannot be removed, opening the lake removes it; after a rename it does not exist.
			_ = c.lake.fs.Remove(c.lake.tempPath(segment))
		}
	}()
	if err != nil {
		return c.skip(batch, err)
	}
	if len(batch) > 1 && len(written) >= len(batch) {
		return false, nil
	}
	if err := c.swap(ctx, batch, written); err != nil {
		return false, err
	}
	written = nil
	return true, nil
}

// skip excludes the segment that an error calls damaged from the compaction.
func (c *dayCompaction) skip(batch []*catalog.Segment, err error) (more bool, _ error) {
	var damaged *DamagedError
	if !errors.As(err, &damaged) {
		return false, err
	}
	for _, segment := range batch {
		if c.lake.SegmentPath(segment) == damaged.Path {
			c.leave[segment.Name] = true
			c.damaged = errors.Join(c.damaged, damaged)
			return true, nil
		}
	}
	return false, err
}

// pickSmall is a segmentChoice of small segments that are worth merging.
func (c *dayCompaction) pickSmall(s *Snapshot) ([]*catalog.Segment, error) {
	segments, err := c.readable(s)
	return c.lake.worthMerging(slices.DeleteFunc(segments, func(s *catalog.Segment) bool { return !c.lake.isSmall(s) })), err
}

// pickOld is a segmentChoice of the first segment of an earlier writer.
func (c *dayCompaction) pickOld(s *Snapshot) ([]*catalog.Segment, error) {
	segments, err := c.readable(s)
	if err != nil {
		return nil, err
	}
	for i, segment := range segments {
		reader, err := c.lake.readTail(c.lake.cache, c.lake.SegmentPath(segment), segment)
		if err != nil || reader.IsOld() {
			return segments[i : i+1], err
		}
	}
	return nil, nil
}

// readable lists the segments of the day that are not known to be damaged. The list is the caller's.
func (c *dayCompaction) readable(s *Snapshot) ([]*catalog.Segment, error) {
	segments, err := s.Segments(c.storeID)
	return slices.DeleteFunc(slices.Clone(segments), func(s *catalog.Segment) bool {
		return s.Day != c.day || c.leave[s.Name]
	}), err
}

// worthMerging selects segments of a day whose row groups fit in memory together: the most segments, and among
// equal numbers the smaller ones.
func (l *Lake) worthMerging(small []*catalog.Segment) []*catalog.Segment {
	slices.SortStableFunc(small, func(a, b *catalog.Segment) int { return cmp.Compare(a.Rows, b.Rows) })
	var best []*catalog.Segment
	var held, others int64 // others: rows of small[from:at]
	from := 0
	for at, largest := range small {
		held += groupBytes(largest)
		for at-from >= 2 && held > l.mergeBytes || at-from >= segmentsPerTransaction {
			held -= groupBytes(small[from])
			others -= small[from].Rows
			from++
		}
		if at > from && others*mergeShare >= largest.Rows && at+1-from > len(best) {
			best = small[from : at+1]
		}
		others += largest.Rows
	}
	best = slices.Clone(best)
	slices.SortFunc(best, scanOrder)
	return best
}

// groupBytes estimates the memory of one row group of a segment.
func groupBytes(s *catalog.Segment) int64 {
	rows := max(s.Rows, 1)
	return s.Bytes * decodedPerStored * min(rows, orc.RowGroupRows) / rows
}

// writeMerged merges segments into new ones under temporary names. The returned files exist, also after an error.
func (c *dayCompaction) writeMerged(ctx context.Context, s *Snapshot, batch []*catalog.Segment) ([]*catalog.Segment, error) {
	store, err := s.Store(c.storeID)
	if err != nil {
		return nil, err
	}
	table, err := tableOf(store)
	if err != nil {
		return nil, err
	}
	kind := &segmentKind{storeID: c.storeID, day: c.day, table: table, schema: table.Arrow()}
	if kind.rebuilt, err = c.rebuilds(store, table, batch); err != nil {
		return nil, err
	}
	if kind.rebuilt {
		kind.schema = table.ArrowWithShape()
	}
	return c.lake.writeDay(ctx, kind, newMerge(c.lake, kind, batch, c.repeats))
}

// rebuilds reports whether merged segments have shapes: the store's do, or one of the segments to merge does.
func (c *dayCompaction) rebuilds(store *catalog.Store, table *schema.Table, batch []*catalog.Segment) (bool, error) {
	if takesShapes(store, table) {
		return true, nil
	}
	for _, segment := range batch {
		reader, err := c.lake.openSegment(segment, table)
		if err != nil {
			return false, err
		}
		found, err := hasShapes(reader)
		if err != nil {
			return false, readError(c.lake.SegmentPath(segment), err)
		}
		if found {
			return true, nil
		}
	}
	return false, nil
}

// errSuperseded: a segment to be replaced is no longer in the manifest.
var errSuperseded = errors.New("storage: segment removed meanwhile")

// swap replaces segments with others in one transaction. It does nothing if one of them has been removed since, by
// expiry or with its store.
func (c *dayCompaction) swap(ctx context.Context, batch, written []*catalog.Segment) error {
	var version uint64
	err := c.lake.enter(ctx, written, func(tx *catalog.Tx) error {
		for _, segment := range batch {
			if has, err := tx.HasSegment(segment); err != nil || !has {
				return cmp.Or(err, errSuperseded)
			}
		}
		var err error
		version, err = c.lake.changeManifest(tx, catalog.ChangeCompact, c.storeID, written, batch)
		return err
	})
	if errors.Is(err, errSuperseded) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, segment := range batch {
		if rows := c.repeats[segment.Name]; rows != nil {
			c.dropped += int64(arrowdata.CountBits(rows, int(segment.Rows)))
		}
		if _, own := c.written[segment.Name]; own {
			delete(c.written, segment.Name)
		} else {
			c.merged = append(c.merged, segment)
		}
	}
	for _, segment := range written {
		c.written[segment.Name] = segment
	}
	return c.lake.discard(batch, version, catalog.ChangeCompact)
}

func (c *dayCompaction) addTo(total *Compacted) {
	total.Merged += len(c.merged)
	total.Written += len(c.written)
	total.Repeats += c.dropped
	for _, segment := range c.merged {
		total.BytesBefore += segment.Bytes
	}
	for _, segment := range c.written {
		total.Rows += segment.Rows
		total.BytesAfter += segment.Bytes
	}
}
