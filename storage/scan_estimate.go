package storage

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/auditlake/auditlake/storage/orc"
	"github.com/auditlake/auditlake/storage/schema"
)

// Estimate is an interval that holds the bytes scanned of a full run of a scan.
type Estimate struct {
	// HighBytes: all remaining row groups are read completely. LowBytes: only finding them, and the filter columns
	// of stripes whose row groups all remain and lie within the horizon. The latter are without row indexes and
	// columns of type row.
	LowBytes, HighBytes int64
	// Scan is what the scan would skip, and the events it would visit.
	Scan ScanStats
}

// Estimate returns bounds of the bytes scanned if all row groups are visited. Its own reads, of row indexes and
// bloom filters, are not counted.
func (s *Snapshot) Estimate(ctx context.Context, req ScanRequest) (Estimate, error) {
	order := req.Order
	req.Order = InScanOrder
	sc, err := s.Scan(req)
	if err != nil {
		return Estimate{}, err
	}
	sc.ahead.sure = nil
	e := estimator{high: map[int]*orc.Usage{}, settled: req.SettledColumns}
	if e.columns, err = storedPaths(sc.table, req.Columns); err != nil {
		return Estimate{}, err
	}
	if e.filter, err = storedPaths(sc.table, withoutRows(sc.table, req.FilterColumns)); err != nil {
		return Estimate{}, err
	}
	e.filter = withoutValues(e.filter)
	if sc.asked, err = storedPaths(sc.table, req.RuntimeColumns); err != nil {
		return Estimate{}, err
	}
	if order != InScanOrder { // the scan reads how far row groups reach
		sc.asked = append(sc.asked, orc.Column(timeColumn))
	}
	for {
		g, err := sc.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Estimate{}, err
		}
		if g.hot != nil { // already charged in full
			continue
		}
		if err := e.addRowGroup(g); err != nil {
			return Estimate{}, readError(g.path, err)
		}
	}
	if err := e.endStripe(); err != nil {
		return Estimate{}, err
	}
	for _, c := range sc.bill.charges {
		e.highBytes += c.join(e.high)
	}
	return Estimate{LowBytes: e.sureBytes + sc.bill.bytes, HighBytes: e.highBytes, Scan: sc.Stats()}, nil
}

// estimator adds up the cost of row groups. Costs of one segment are sets of stored bytes, because row groups share
// compression blocks, dictionaries and indexes.
type estimator struct {
	columns, filter []orc.Path
	settled         []string // not read where they are settled

	high      map[int]*orc.Usage // by segment
	highBytes int64
	sureBytes int64 // of stripes that are read completely

	// The current stripe.
	last   *RowGroup
	groups int                   // returned and wholly within the horizon
	sure   map[string]*orc.Usage // their filter columns, except those settled for one of them
}

func (e *estimator) addRowGroup(g *RowGroup) error {
	if e.last == nil || e.last.stripe != g.stripe {
		if err := e.endStripe(); err != nil {
			return err
		}
		e.groups, e.sure = 0, map[string]*orc.Usage{}
		for _, path := range e.filter {
			e.sure[path.String()] = &orc.Usage{}
		}
	}
	e.last = g
	cost := &orc.Usage{}
	if g.partlyLive {
		if err := g.stripe.Cost(g.group, []orc.Path{orc.Column(timeColumn)}, cost); err != nil {
			return err
		}
	} else {
		e.groups++
		if err := e.addSure(g); err != nil {
			return err
		}
	}
	columns, err := g.withRebuilt(e.readOf(g))
	if err != nil {
		return err
	}
	if err := g.stripe.Cost(g.group, columns, cost); err != nil {
		return err
	}
	e.highBytes += join(e.high, g.segment, cost)
	return nil
}

// readOf returns the columns that may be read of a row group.
func (e *estimator) readOf(g *RowGroup) []orc.Path {
	return slices.DeleteFunc(slices.Clone(e.columns), func(path orc.Path) bool {
		return slices.Contains(e.settled, path.String()) && g.Settled(path.String())
	})
}

func (e *estimator) addSure(g *RowGroup) error {
	for _, path := range e.filter {
		sure := e.sure[path.String()]
		switch {
		case sure == nil:
		case g.Settled(path.String()):
			delete(e.sure, path.String())
		default:
			if err := g.stripe.Cost(g.group, []orc.Path{path}, sure); err != nil {
				return err
			}
		}
	}
	return nil
}

// endStripe counts the filter columns of a stripe that is read completely. It omits their row indexes, because
// pruning counts those it needs, and reading does not need all. The cost of fewer row groups is no lower bound: it
// may include blocks that only their neighbors need.
func (e *estimator) endStripe() error {
	if e.last == nil || e.groups < e.last.stripe.Groups() {
		return nil
	}
	indexes := &orc.Usage{}
	for _, path := range e.filter {
		for i := range path.Names {
			if _, err := e.last.stripe.Statistics(0, orc.Column(path.Names[:i+1]...), indexes); err != nil {
				return err
			}
		}
	}
	all := &orc.Usage{}
	all.Merge(indexes)
	for _, sure := range e.sure {
		all.Merge(sure)
	}
	e.sureBytes += all.Bytes() - indexes.Bytes()
	return nil
}

// withoutRows drops paths of columns that hold rows, because it is unknown which of their row indexes reading
// needs.
func withoutRows(table *schema.Table, paths []string) []string {
	return slices.DeleteFunc(slices.Clone(paths), func(path string) bool {
		column, err := findColumn(table, path)
		return err == nil && len(column.Fields) > 0
	})
}

// withoutValues reduces paths of map entries to their keys, because it is unknown which values are read.
func withoutValues(paths []orc.Path) []orc.Path {
	var sure []orc.Path
	for _, path := range paths {
		switch {
		case path.Keys == nil:
			sure = append(sure, path)
		case len(path.Keys) > 0:
			sure = append(sure, orc.Column(append(slices.Clone(path.Names), keyStep)...))
		}
	}
	return sure
}
