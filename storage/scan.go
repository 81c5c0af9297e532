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
	// Where lets the scan skip data in which no row can match. Bounds of timestamp columns are milliseconds since
	// 1970 UTC.
	Where predicate.Predicate
	// Columns are the paths that may be read, such as "useridentity.arn"; only Estimate needs them.
	Columns []string
	// FilterColumns are those of Columns that are read for every live row of every remaining row group.
	FilterColumns []string
	// SettledColumns are those of Columns that are not read in a row group in which they are settled, see
	// RowGroup.Settled; only Estimate needs them.
	SettledColumns []string
	// RuntimeColumns are those of Columns for which a later request may have domains in Where; only Estimate needs
	// them.
	RuntimeColumns []string
	// Order is the order in which the scan visits row groups.
	Order Order
	// Count, if not nil, is called for each segment whose rows, by the manifest alone, all lie within the horizon
	// and match Where. If it returns true, the scan skips the segment at no cost: the caller knows all it needs of
	// its rows.
	Count func(CountedRows) bool
}

// CountedRows is what the manifest says of a segment's rows: their number, and the least and greatest eventtime in
// milliseconds.
type CountedRows struct{ Rows, MinTime, MaxTime int64 }

// Scan visits the row groups of a store that a predicate leaves. Next must not be called concurrently; returned row
// groups may be read concurrently with it and with each other.
type Scan struct {
	snapshot *Snapshot
	table    *schema.Table
	paths    scanPaths
	texts    func() *rebuilder // made on first use, as few scans rebuild texts
	horizon  int64             // milliseconds
	checks   []check
	order    Order
	asked    []orc.Path         // charged for as if they were read, see Estimate
	segments []*catalog.Segment // left after pruning by the manifest
	hot      []*hotGroup        // pushed events, after the segments
	queue    visitQueue
	ahead    ahead
	until    atomic.Int64 // the least reach that is wanted, see Until

	pruning        *orc.Usage // of Next in pruningSegment, not recorded yet
	pruningSegment int        // in segments

	mu      sync.Mutex
	counted int64        // rows of the segments that Count took
	stats   ScanStats    // mu; without bytes scanned and read
	empty   map[int]bool // mu: opened segments without a matching row
	bill    bill         // mu
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
	sc, err := s.scanParts(req, table, segments, s.hot)
	if err == nil {
		sc.ahead.expect(req.FilterColumns)
	}
	return sc, err
}

// scanParts starts a scan of some of a store's segments, and of its events among pushed ones.
func (s *Snapshot) scanParts(req ScanRequest, table *schema.Table, segments []*catalog.Segment, hot []*hotBatch) (*Scan, error) {
	horizon := catalog.CeilMillis(req.Horizon)
	checks, err := newChecks(table, req.Where, horizon)
	if err != nil {
		return nil, err
	}
	sc := &Scan{snapshot: s, table: table, paths: scanPaths{table: table}, horizon: horizon, checks: checks, order: req.Order, pruning: &orc.Usage{}}
	sc.texts = sync.OnceValue(func() *rebuilder { return newRebuilder(table) })
	sc.until.Store(math.MinInt64)
	sc.pruneManifest(segments, req.Count)
	sc.addHot(req.StoreID, hot)
	sc.queue = newVisitQueue(sc.order, sc.segments, sc.hot)
	sc.ahead = newAhead(sc.order, sc.segments)
	return sc, nil
}

// pruneManifest keeps the segments whose eventtimes may match, except those that count takes.
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

// Next returns the next row group in the order of the request. io.EOF: there is none, or none that is wanted, see
// Until.
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

// pruningOf returns the usage of finding row groups in a segment.
func (sc *Scan) pruningOf(segment int) *orc.Usage {
	if segment != sc.pruningSegment {
		sc.notePruning()
		sc.pruningSegment = segment
	}
	return sc.pruning
}

// notePruning charges what Next has read in one segment to the next returned row group.
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
