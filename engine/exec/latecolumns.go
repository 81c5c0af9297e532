package exec

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// lateColumns adds columns to the rows that a top-N over a scan has kept: it
// goes back to their row groups, which the scan remembers.
type lateColumns struct {
	top   *topN // its last column is the location
	scan  *scan
	paths []string // of the late columns
	// from says where each output column comes from: a column of top, or
	// counted from there on, a late one.
	from []int
}

// location tells where a row is: the ordinal of its row group and the row in it.
type location int64

func locationOf(ordinal int, row int32) location { return location(ordinal)<<32 | location(row) }

func (l location) ordinal() int { return int(l >> 32) }

func (l location) row() int32 { return int32(l) }

// locations are those of the rows left.
func (g *groupReader) locations() arrow.Array {
	out := make([]location, g.count)
	for i := range out {
		row := int32(i)
		if g.rows != nil {
			row = g.rows[i]
		}
		out[i] = locationOf(g.group.Ordinal(), row)
	}
	return batch.FromValues(arrow.PrimitiveTypes.Int64, out, nil)
}

func (l *lateColumns) Next(ctx context.Context) (*batch.Batch, error) {
	b, err := l.top.Next(ctx)
	if b == nil || err != nil {
		return nil, err
	}
	b = compact(b)
	early := len(b.Columns) - 1
	late, err := l.read(ctx, batch.Values[location](b.Columns[early].Array))
	if err != nil {
		return nil, err
	}
	columns := make([]batch.Vector, len(l.from))
	for i, from := range l.from {
		if from < early {
			columns[i] = b.Columns[from]
		} else {
			columns[i] = batch.Vector{Array: late[from-early]}
		}
	}
	return &batch.Batch{Columns: columns, Len: b.Len}, l.scan.budget.check()
}

func (l *lateColumns) Close() { l.top.Close() }

// read reads the late columns of rows, in their order.
func (l *lateColumns) read(ctx context.Context, rows []location) ([]arrow.Array, error) {
	sorted := slices.Clone(rows)
	slices.Sort(sorted)
	parts := make([][]arrow.Array, len(l.paths))
	for start := 0; start < len(sorted); {
		ordinal, sel := sorted[start].ordinal(), []int32(nil)
		for ; start < len(sorted) && sorted[start].ordinal() == ordinal; start++ {
			sel = append(sel, sorted[start].row())
		}
		arrays, err := l.scan.kept[ordinal].Read(ctx, l.paths, sel)
		if err != nil {
			return nil, err
		}
		for i, a := range arrays {
			parts[i] = append(parts[i], a)
		}
	}
	index := make([]int32, len(rows)) // of each row among the sorted
	for i, row := range rows {
		at, _ := slices.BinarySearch(sorted, row)
		index[i] = int32(at)
	}
	out := make([]arrow.Array, len(parts))
	for i, arrays := range parts {
		out[i] = batch.Take(batch.Concat(arrays), index)
	}
	return out, nil
}

// forget drops the row groups of which the top-N keeps no row, once many have
// gathered.
func (l *lateColumns) forget() {
	const many = 256
	if len(l.scan.kept) < many+2*int(l.top.rows) {
		return
	}
	used := map[int]RowGroup{}
	for _, b := range l.top.kept {
		for _, at := range batch.Values[location](b.Columns[len(b.Columns)-1].Array) {
			used[at.ordinal()] = l.scan.kept[at.ordinal()]
		}
	}
	l.scan.kept = used
}

func hasLateColumns(n *plan.Scan) bool {
	return slices.ContainsFunc(n.Cols, func(c plan.ScanColumn) bool { return c.Late })
}

// lateTopN makes the operators of a top-N over a scan with late columns.
func (b *builder) lateTopN(n *plan.TopN, scanned *plan.Scan) (Operator, []*plan.Column, error) {
	s, err := b.openScan(scanned)
	if err != nil {
		return nil, nil, err
	}
	s.groups.locate, s.kept = true, map[int]RowGroup{}
	l := &lateColumns{scan: s}
	var early []*plan.Column
	for _, c := range scanned.Cols {
		if c.Output && !c.Late {
			early = append(early, c.Column)
		}
	}
	for _, c := range scanned.Cols {
		switch {
		case c.Late:
			l.from = append(l.from, len(early)+len(l.paths))
			l.paths = append(l.paths, pathOf(c))
		case c.Output:
			l.from = append(l.from, slices.Index(early, c.Column))
		}
	}
	columns := append(early, &plan.Column{Name: "location", Type: types.BigIntType})
	if l.top, err = b.topN(n, b.env.Stats.measured(scanned, s), columns); err != nil {
		return nil, nil, err
	}
	l.top.consumed = l.forget
	return l, scanned.Columns(), nil
}
