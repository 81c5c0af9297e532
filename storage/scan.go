package storage

import (
	"context"
	"io"
	"math"
	"sync"
	"sync/atomic"
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
	// SettledColumns are those of Columns that are not read of a row group in which they are settled, see
	// RowGroup.Settled; only Estimate needs them.
	SettledColumns []string
	// RuntimeColumns are those of Columns of which a later request may have domains in Where; only
	// Estimate needs them.
	RuntimeColumns []string
	// Order is the order in which the scan visits row groups.
	Order Order
	// Count, if it is not nil, is called for each segment of which the manifest alone proves that all rows lie
	// within the horizon and match Where. If it returns true, the scan leaves the segment out, without cost:
	// whoever asks knows all that is needed of its rows.
	Count func(CountedRows) bool
}

// CountedRows is what the manifest says of a segment's rows: their number, the least and the greatest eventtime
// of them in milliseconds.
type CountedRows struct{ Rows, MinTime, MaxTime int64 }

// Scan visits the row groups of a store that a predicate leaves. Next must not be called by several
// goroutines at once; the row groups it gave out may be read concurrently with it and each other.
type Scan struct {
	snapshot *Snapshot
	table    *schema.Table
	texts    *rebuilder
	horizon  int64 // milliseconds
	checks   []check
	order    Order
	asked    []orc.Path         // charged for as if they were asked, see Estimate
	segments []*catalog.Segment // left after pruning by the manifest
	hot      []*hotGroup        // pushed events, after the segments
	queue    visitQueue
	until    atomic.Int64 // the least reach that is wanted, see Until

	pruning        *orc.Usage // of Next in pruningSegment, not noted yet
	pruningSegment int        // in segments

	mu      sync.Mutex
	counted int64        // rows of the segments that Count took
	stats   ScanStats    // mu; without bytes scanned and read
	empty   map[int]bool // mu: the segments that were opened and have no row that matches
	bill    bill         // mu
}

// openedSegment is a segment that the scan has come to.
type openedSegment struct {
	path   string
	reader *orc.Reader
	checks []check // left open by the segment's statistics
}

// openedStripe is a stripe that the scan has come to.
type openedStripe struct {
	stripe *orc.Stripe
	groups int
	checks []check // left open by the stripe's statistics
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
	return s.scanParts(req, table, segments, s.hot)
}

// scanParts starts a scan of some of a store's segments, and of its events among pushed ones.
func (s *Snapshot) scanParts(req ScanRequest, table *schema.Table, segments []*catalog.Segment, hot []*hotBatch) (*Scan, error) {
	horizon := catalog.CeilMillis(req.Horizon)
	checks, err := newChecks(table, req.Where, horizon)
	if err != nil {
		return nil, err
	}
	sc := &Scan{snapshot: s, table: table, texts: newRebuilder(table), horizon: horizon, checks: checks, order: req.Order, pruning: &orc.Usage{}}
	sc.until.Store(math.MinInt64)
	sc.pruneManifest(segments, req.Count)
	sc.addHot(req.StoreID, hot)
	sc.queue = newVisitQueue(sc.order, sc.segments, sc.hot)
	return sc, nil
}

// pruneManifest keeps the segments whose eventtimes may match, but for those that count takes.
func (sc *Scan) pruneManifest(segments []*catalog.Segment, count func(CountedRows) bool) {
	counted := 0
	var total, left dayCount
	for _, s := range segments {
		total.addDay(s.Day)
		sc.stats.BytesStored += s.Bytes
		open, mayMatch := narrowTimes(sc.checks, timeStatistics(s.Rows, s.MinTime, s.MaxTime))
		if !mayMatch {
			continue
		}
		left.addDay(s.Day)
		if len(open) == 0 && count != nil && count(CountedRows{Rows: s.Rows, MinTime: s.MinTime, MaxTime: s.MaxTime}) {
			counted++
			sc.counted += s.Rows
			continue
		}
		sc.segments = append(sc.segments, s)
	}
	sc.stats.SegmentsTotal = int64(len(segments))
	sc.stats.SegmentsPruned = int64(len(segments) - len(sc.segments) - counted)
	sc.stats.PartitionsTotal = total.days
	sc.stats.PartitionsPruned = total.days - left.days
}

// dayCount counts days that come in order.
type dayCount struct {
	days int64
	last catalog.Day
}

func (c *dayCount) addDay(day catalog.Day) {
	if c.days == 0 || c.last != day {
		c.days++
		c.last = day
	}
}

// Next gives the next row group in the order of the request, io.EOF: there is none, or none that is
// wanted, see Until.
func (sc *Scan) Next(ctx context.Context) (*RowGroup, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		v := sc.queue.next()
		if v == nil || v.reach < sc.until.Load() {
			sc.notePruning()
			return nil, io.EOF
		}
		g, err := sc.visit(v)
		switch {
		case err == nil:
		case sc.order == InScanOrder:
			return nil, err
		default:
			return sc.giveOutFailed(v, err), nil
		}
		if g != nil {
			return g, nil
		}
	}
}

// visit goes to what is next: a segment brings its stripes into the queue, a stripe its row groups.
func (sc *Scan) visit(v *visit) (*RowGroup, error) {
	switch {
	case v.hot != nil:
		return sc.giveOutHot(v), nil
	case v.stripe != nil:
		return sc.visitGroup(v)
	case v.opened != nil:
		return nil, sc.visitStripe(v)
	}
	return nil, sc.visitSegment(v)
}

// visitSegment opens a segment and judges it by its statistics, which are free.
func (sc *Scan) visitSegment(v *visit) error {
	s := sc.segments[v.segment]
	path := sc.snapshot.lake.SegmentPath(s)
	reader, err := sc.snapshot.openSegment(s, sc.table)
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
	sc.noteSegment(v.segment, reader, mayMatch)
	if !mayMatch {
		return nil
	}
	opened := &openedSegment{path: path, reader: reader, checks: open}
	first := v.position
	for number := range reader.NumStripes() {
		reach, err := sc.reachOf(v.reach, func() (orc.Statistics, error) { return reader.StripeStatistics(number, orc.Column(timeColumn)) })
		if err != nil {
			return readError(path, err)
		}
		sc.queue.addVisit(&visit{reach: reach, position: first, segment: v.segment, opened: opened, number: number})
		first += reader.StripeRows(number)
	}
	return nil
}

// noteSegment counts a segment that was opened.
func (sc *Scan) noteSegment(segment int, reader *orc.Reader, mayMatch bool) {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	if mayMatch {
		sc.stats.RowGroupsTotal += groupsOf(reader)
		return
	}
	sc.stats.SegmentsPruned++
	if sc.empty == nil {
		sc.empty = map[int]bool{}
	}
	sc.empty[segment] = true
}

// visitStripe opens a stripe unless the stripes' statistics, which are free, leave it out.
func (sc *Scan) visitStripe(v *visit) error {
	reader, path := v.opened.reader, v.opened.path
	groups := reader.StripeGroups(v.number)
	open, mayMatch, err := narrow(v.opened.checks, func(path orc.Path) (orc.Statistics, error) {
		return reader.StripeStatistics(v.number, path)
	})
	if err != nil {
		return readError(path, err)
	}
	if !mayMatch {
		sc.prunedGroups(groups)
		return nil
	}
	stripe, err := reader.Stripe(v.number)
	if err != nil {
		return readError(path, err)
	}
	opened := &openedStripe{stripe: stripe, groups: groups, checks: open}
	for group := range groups {
		next := *v
		next.stripe, next.group = opened, group
		next.position += int64(group) * int64(reader.GroupRows())
		if groups > 1 { // a single group reaches as far as its stripe
			next.reach, err = sc.reachOf(v.reach, func() (orc.Statistics, error) {
				return stripe.Statistics(group, orc.Column(timeColumn), sc.pruningOf(v.segment))
			})
			if err != nil {
				return readError(path, err)
			}
		}
		sc.queue.addVisit(&next)
	}
	return nil
}

// visitGroup gives a row group out unless statistics and bloom filters leave it out. What it reads for
// that is charged to the next row group given out.
func (sc *Scan) visitGroup(v *visit) (*RowGroup, error) {
	open, mayMatch, err := sc.judgeGroup(v)
	if err != nil {
		return nil, readError(v.opened.path, err)
	}
	if !mayMatch {
		sc.prunedGroups(1)
		return nil, nil
	}
	sc.notePruning()
	return sc.giveOut(v, open), nil
}

// judgeGroup asks the cheaper statistics of a row group first, bloom filters last.
func (sc *Scan) judgeGroup(v *visit) (open []check, mayMatch bool, err error) {
	st, usage := v.stripe, sc.pruningOf(v.segment)
	for _, path := range sc.asked {
		if err := chargePruning(st.stripe, v.group, path, usage); err != nil {
			return nil, false, err
		}
	}
	open = st.checks
	if st.groups > 1 { // a single group has the stripe's statistics
		open, mayMatch, err = narrow(st.checks, func(path orc.Path) (orc.Statistics, error) {
			return st.stripe.Statistics(v.group, path, usage)
		})
		if err != nil || !mayMatch {
			return nil, false, err
		}
	}
	for _, c := range open {
		mayMatch, err := askBloom(st.stripe, v.group, &c, usage)
		if err != nil || !mayMatch {
			return nil, false, err
		}
	}
	return open, true, nil
}

// chargePruning adds what pruning by a path may read.
func chargePruning(stripe *orc.Stripe, group int, path orc.Path, usage *orc.Usage) error {
	if _, err := stripe.Statistics(group, path, usage); err != nil || !stripe.HasBloom(path) {
		return err
	}
	_, err := stripe.MayContain(group, path, "", usage)
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

func (sc *Scan) giveOut(v *visit, open []check) *RowGroup {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	g := &RowGroup{
		scan:       sc,
		ordinal:    len(sc.bill.groupRows),
		position:   v.position,
		reach:      v.reach,
		segment:    v.segment,
		path:       v.opened.path,
		reader:     v.opened.reader,
		stripe:     v.stripe.stripe,
		group:      v.group,
		rows:       v.stripe.stripe.Rows(v.group),
		open:       open,
		partlyLive: horizonOpen(open),
	}
	sc.bill.addGroup(g.rows)
	return g
}

// pruningOf is what finding row groups reads in a segment.
func (sc *Scan) pruningOf(segment int) *orc.Usage {
	if segment != sc.pruningSegment {
		sc.notePruning()
		sc.pruningSegment = segment
	}
	return sc.pruning
}

// notePruning charges what Next has read in one segment to the next row group given out.
func (sc *Scan) notePruning() {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	sc.bill.addUsage(len(sc.bill.groupRows), sc.pruningSegment, sc.pruning)
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
