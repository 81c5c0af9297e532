package storage

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/orc"
	"github.com/auditlake/auditlake/storage/predicate"
	"github.com/auditlake/auditlake/storage/schema"
)

// ScanRequest says what to read of a store.
type ScanRequest struct {
	StoreID string
	// Horizon is the retention horizon: rows with an eventtime before it do not exist.
	Horizon time.Time
	// Where lets the scan leave out data in which no row can match. Bounds of timestamp columns are
	// milliseconds since 1970 UTC.
	Where predicate.Predicate
	// Columns are the paths that may be read, such as "useridentity.arn"; only Estimate needs them.
	Columns []string
	// FilterColumns are those of Columns that are read for every live row of every row group left.
	FilterColumns []string
	// RuntimeColumns are those of Columns of which a later request may have domains in Where; only
	// Estimate needs them.
	RuntimeColumns []string
}

// Scan visits the row groups of a store that a predicate leaves. Next must not be called by several
// goroutines at once; the row groups it gave out may be read concurrently with it and each other.
type Scan struct {
	snapshot *Snapshot
	table    *schema.Table
	texts    *rebuilder
	horizon  int64 // milliseconds
	checks   []check
	asked    []orc.Path         // charged for as if they were asked, see Estimate
	segments []*catalog.Segment // left after pruning by the manifest
	hot      []*hotGroup        // pushed events, after the segments
	at       int                // index of the next segment to open
	segment  *segmentCursor
	stripe   *stripeCursor
	pruning  *orc.Usage // of Next in the current segment, not noted yet

	mu    sync.Mutex
	stats ScanStats // mu; without bytes scanned and read
	bill  bill      // mu
}

// segmentCursor walks the stripes of a segment.
type segmentCursor struct {
	index  int // in Scan.segments
	path   string
	reader *orc.Reader
	checks []check // left open by the segment's statistics
	at     int     // the next stripe
}

// stripeCursor walks the row groups of a stripe.
type stripeCursor struct {
	segment *segmentCursor
	stripe  *orc.Stripe
	groups  int
	checks  []check // left open by the stripe's statistics
	at      int     // the next row group
}

// Scan starts a scan: days and segments are pruned from the manifest, which is free of charge.
func (s *Snapshot) Scan(req ScanRequest) (*Scan, error) {
	if err := s.lake.mayAnswer(req.StoreID); err != nil {
		return nil, err
	}
	store, err := s.Store(req.StoreID)
	if err != nil {
		return nil, err
	}
	table, err := tableOf(store)
	if err != nil {
		return nil, err
	}
	segments, err := s.Segments(req.StoreID)
	if err != nil {
		return nil, err
	}
	horizon := catalog.CeilMillis(req.Horizon)
	checks, err := newChecks(table, req.Where, horizon)
	if err != nil {
		return nil, err
	}
	sc := &Scan{snapshot: s, table: table, texts: newRebuilder(table), horizon: horizon, checks: checks, pruning: &orc.Usage{}}
	if err := sc.pruneManifest(segments); err != nil {
		return nil, err
	}
	return sc, sc.addHot(req.StoreID, s.hot)
}

// pruneManifest keeps the segments whose eventtimes may match.
func (sc *Scan) pruneManifest(segments []*catalog.Segment) error {
	total, left := map[catalog.Day]bool{}, map[catalog.Day]bool{}
	for _, s := range segments {
		total[s.Day] = true
		sc.stats.BytesStored += s.Bytes
		_, mayMatch, err := narrow(sc.checks, func(path orc.Path) (orc.Statistics, error) {
			if path.String() == timeColumn {
				return timeStatistics(s.Rows, s.MinTime, s.MaxTime), nil
			}
			return unknown, nil
		})
		if err != nil {
			return err
		}
		if mayMatch {
			left[s.Day] = true
			sc.segments = append(sc.segments, s)
		}
	}
	sc.stats.SegmentsTotal = int64(len(segments))
	sc.stats.SegmentsPruned = int64(len(segments) - len(sc.segments))
	sc.stats.PartitionsTotal = int64(len(total))
	sc.stats.PartitionsPruned = int64(len(total) - len(left))
	return nil
}

// Next gives the next row group in scan order: day, segment, stripe, row group; then pushed events as
// they came. io.EOF: there is none.
func (sc *Scan) Next(ctx context.Context) (*RowGroup, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		switch {
		case sc.stripe != nil:
			g, err := sc.nextGroup()
			if g != nil || err != nil {
				return g, err
			}
		case sc.segment != nil:
			if err := sc.nextStripe(); err != nil {
				return nil, err
			}
		case sc.at < len(sc.segments):
			if err := sc.nextSegment(); err != nil {
				return nil, err
			}
		case len(sc.hot) > 0:
			return sc.nextHot()
		default:
			return nil, io.EOF
		}
	}
}

// nextSegment opens a segment and judges it by its statistics, which are free.
func (sc *Scan) nextSegment() error {
	s := sc.segments[sc.at]
	path := sc.snapshot.lake.SegmentPath(s)
	reader, err := sc.snapshot.lake.openSegment(s, sc.table)
	if err != nil {
		return err
	}
	open, mayMatch, err := narrow(sc.checks, func(path orc.Path) (orc.Statistics, error) {
		if path.String() == timeColumn {
			return timeStatistics(s.Rows, s.MinTime, s.MaxTime), nil
		}
		return reader.Statistics(path)
	})
	if err != nil {
		return readError(path, err)
	}
	if mayMatch {
		sc.segment = &segmentCursor{index: sc.at, path: path, reader: reader, checks: open}
	}
	sc.at++
	sc.mu.Lock()
	defer sc.mu.Unlock()
	if mayMatch {
		sc.stats.RowGroupsTotal += groupsOf(reader)
	} else {
		sc.stats.SegmentsPruned++
	}
	return nil
}

// nextStripe goes on with the next stripe that the stripes' statistics, which are free, leave.
func (sc *Scan) nextStripe() error {
	seg := sc.segment
	if seg.at == seg.reader.NumStripes() {
		sc.notePruning()
		sc.segment = nil
		return nil
	}
	number := seg.at
	seg.at++
	groups := seg.reader.StripeGroups(number)
	open, mayMatch, err := narrow(seg.checks, func(path orc.Path) (orc.Statistics, error) {
		return seg.reader.StripeStatistics(number, path)
	})
	if err != nil {
		return readError(seg.path, err)
	}
	if !mayMatch {
		sc.prunedGroups(groups)
		return nil
	}
	stripe, err := seg.reader.Stripe(number)
	if err != nil {
		return readError(seg.path, err)
	}
	sc.stripe = &stripeCursor{segment: seg, stripe: stripe, groups: groups, checks: open}
	return nil
}

// nextGroup gives out the next row group that statistics and bloom filters leave, nil at the
// stripe's end. What it reads for that is charged to the next row group given out.
func (sc *Scan) nextGroup() (*RowGroup, error) {
	st := sc.stripe
	for st.at < st.groups {
		group := st.at
		st.at++
		open, mayMatch, err := sc.judgeGroup(st, group)
		if err != nil {
			return nil, readError(st.segment.path, err)
		}
		if !mayMatch {
			sc.prunedGroups(1)
			continue
		}
		sc.notePruning()
		return sc.giveOut(st, group, open), nil
	}
	sc.stripe = nil
	return nil, nil
}

// judgeGroup asks the cheaper statistics of a row group first, bloom filters last.
func (sc *Scan) judgeGroup(st *stripeCursor, group int) (open []check, mayMatch bool, err error) {
	for _, path := range sc.asked {
		if err := chargePruning(st, group, path, sc.pruning); err != nil {
			return nil, false, err
		}
	}
	open = st.checks
	if st.groups > 1 { // a single group has the stripe's statistics
		open, mayMatch, err = narrow(st.checks, func(path orc.Path) (orc.Statistics, error) {
			return st.stripe.Statistics(group, path, sc.pruning)
		})
		if err != nil || !mayMatch {
			return nil, false, err
		}
	}
	for _, c := range open {
		mayMatch, err := askBloom(st.stripe, group, &c, sc.pruning)
		if err != nil || !mayMatch {
			return nil, false, err
		}
	}
	return open, true, nil
}

// chargePruning adds what pruning by a path may read.
func chargePruning(st *stripeCursor, group int, path orc.Path, usage *orc.Usage) error {
	if _, err := st.stripe.Statistics(group, path, usage); err != nil || !st.stripe.HasBloom(path) {
		return err
	}
	_, err := st.stripe.MayContain(group, path, "", usage)
	return err
}

// askBloom tells whether a row group may hold one of a domain's values.
func askBloom(stripe *orc.Stripe, group int, c *check, usage *orc.Usage) (bool, error) {
	values, ok := points(&c.domain)
	if !ok || !stripe.HasBloom(c.path) {
		return true, nil
	}
	for _, value := range values {
		mayHold, err := stripe.MayContain(group, c.path, value, usage)
		if err != nil || mayHold {
			return mayHold, err
		}
	}
	return false, nil
}

func (sc *Scan) giveOut(st *stripeCursor, group int, open []check) *RowGroup {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	g := &RowGroup{
		scan:       sc,
		ordinal:    len(sc.bill.groupRows),
		segment:    st.segment.index,
		path:       st.segment.path,
		reader:     st.segment.reader,
		stripe:     st.stripe,
		group:      group,
		rows:       st.stripe.Rows(group),
		open:       open,
		partlyLive: horizonOpen(open),
	}
	sc.bill.groupRows = append(sc.bill.groupRows, int64(g.rows))
	sc.bill.rows += int64(g.rows)
	return g
}

// notePruning charges what Next has read in the current segment to the next row group given out.
func (sc *Scan) notePruning() {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	sc.bill.addUsage(len(sc.bill.groupRows), sc.segment.index, sc.pruning)
	sc.pruning = &orc.Usage{}
}

func (sc *Scan) prunedGroups(n int) {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	sc.stats.RowGroupsPruned += int64(n)
}

func groupsOf(reader *orc.Reader) int64 {
	n := 0
	for stripe := range reader.NumStripes() {
		n += reader.StripeGroups(stripe)
	}
	return int64(n)
}
