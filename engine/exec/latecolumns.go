package exec

import (
	"context"
	"maps"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// lateColumns adds columns to the rows that a top-N over a scan has kept. It reads them from the rows' row groups,
// which the scan remembers.
type lateColumns struct {
	top   *topN // its last column is the position
	scan  *scan
	paths []string // of the late columns
	// from[i] is the source of output column i: an index of top's columns without the position, followed by the
	// late columns.
	from []int
}

// keptGroups has row groups by the position of their first row.
type keptGroups map[int64]RowGroup

// groupsOf calls visit for each row group with its rows. The positions must ascend.
func (k keptGroups) groupsOf(positions []int64, visit func(g RowGroup, rows []int64) error) error {
	firsts := slices.Sorted(maps.Keys(k))
	for start := 0; start < len(positions); {
		at, found := slices.BinarySearch(firsts, positions[start])
		if !found {
			at--
		}
		end := len(positions)
		if at+1 < len(firsts) {
			n, _ := slices.BinarySearch(positions[start:], firsts[at+1])
			end = start + n
		}
		if err := visit(k[firsts[at]], positions[start:end]); err != nil {
			return err
		}
		start = end
	}
	return nil
}

// positions returns the positions of the rows left.
func (g *groupReader) positions() arrow.Array {
	out := make([]int64, g.count)
	first := g.group.Position()
	for i := range out {
		row := int64(i)
		if g.rows != nil {
			row = int64(g.rows[i])
		}
		out[i] = first + row
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
	late, err := l.read(ctx, batch.Values[int64](b.Columns[early].Array))
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

// read reads the late columns of the rows at these positions, in their order.
func (l *lateColumns) read(ctx context.Context, rows []int64) ([]arrow.Array, error) {
	if len(l.paths) == 0 {
		return nil, nil
	}
	sorted := slices.Clone(rows)
	slices.Sort(sorted)
	parts := make([][]arrow.Array, len(l.paths))
	err := l.scan.kept.groupsOf(sorted, func(g RowGroup, rows []int64) error {
		sel := make([]int32, len(rows))
		for i, row := range rows {
			sel[i] = int32(row - g.Position())
		}
		arrays, err := g.Read(ctx, l.paths, sel)
		for i, a := range arrays {
			parts[i] = append(parts[i], a)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	index := make([]int32, len(rows)) // of each row in sorted
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

// forget drops the row groups without rows in the top-N, once there are many.
func (l *lateColumns) forget() {
	const many = 256
	if len(l.scan.kept) < many+2*int(l.top.rows) {
		return
	}
	var rows []int64
	for _, b := range l.top.kept {
		rows = append(rows, batch.Values[int64](b.Columns[len(b.Columns)-1].Array)...)
	}
	slices.Sort(rows)
	used := keptGroups{}
	_ = l.scan.kept.groupsOf(rows, func(g RowGroup, _ []int64) error { // visit cannot fail
		used[g.Position()] = g
		return nil
	})
	l.scan.kept = used
}

func hasLateColumns(n *plan.Scan) bool {
	return slices.ContainsFunc(n.Cols, func(c plan.ScanColumn) bool { return c.Late })
}

// lateTopN builds a top-N over a scan with late columns, or over a scan ordered by eventtime.
func (b *builder) lateTopN(n *plan.TopN, scanned *plan.Scan) (Operator, []*plan.Column, error) {
	s, err := b.openScan(scanned)
	if err != nil {
		return nil, nil, err
	}
	s.groups.locate, s.kept = true, keptGroups{}
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
	columns := append(early, &plan.Column{Name: "position", Type: types.BigIntType})
	keys, err := sortKeys(n.Keys, columns)
	if err != nil {
		return nil, nil, err
	}
	isOrdered := scanned.Order != plan.AnyOrder
	if isOrdered { // ties keep the table's order, whatever order the scan has
		keys = append(keys, sortKey{position: len(early), valueType: types.BigIntType})
	}
	l.top = b.topN(n, b.env.Stats.measured(scanned, s), columns, keys)
	l.top.consumed = l.forget
	if isOrdered {
		l.endEarly()
	}
	return l, scanned.Columns(), nil
}

// endEarly makes the top-N end the scan, which is ordered by the first key, eventtime, once no row left can be
// among the first N.
func (l *lateColumns) endEarly() {
	l.scan.ordered = true
	l.top.raised = func(bar []arrow.Array) {
		l.scan.endAt(int64(batch.Values[arrow.Timestamp](bar[0])[0]))
	}
}
