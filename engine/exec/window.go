package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/expr"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
)

// window sorts its input by partition and order and adds one column per call.
type window struct {
	input       Operator
	columns     []*plan.Column
	partitionBy []int
	orderBy     []sortKey
	calls       []*windowCall
	env         *function.Env
	memory      *account
	pool        MemoryPool // of memory, for what the calls hold meanwhile

	results *tableReader // nil until the input is consumed
}

// windowCall is one window function: either an aggregate over frames, or one
// of function.WindowByName.
type windowCall struct {
	node       plan.WindowCall
	args       []expr.Evaluator
	lambdas    []function.Lambda
	aggregate  *function.AggregateImpl
	window     function.WindowFunction
	start, end frameBound
	orderBy    []sortKey // the aggregate's own order
}

func (w *window) Next(ctx context.Context) (*batch.Batch, error) {
	if w.results == nil {
		if err := w.compute(ctx); err != nil {
			return nil, err
		}
	}
	return w.results.next(), ctx.Err()
}

func (w *window) Close() {
	w.memory.close()
	w.input.Close()
}

func (w *window) compute(ctx context.Context) error {
	t, err := drain(ctx, w.input, w.columns, w.memory)
	if err != nil {
		return err
	}
	// The sorted columns and the partitions.
	if err := w.memory.add(batchBytes(&batch.Batch{Columns: t.vectors()}) + int64(t.rows)*16); err != nil {
		return err
	}
	partitions, err := w.sort(ctx, t)
	if err != nil {
		return err
	}
	base := &batch.Batch{Columns: t.vectors(), Len: t.rows}
	for _, call := range w.calls {
		column, err := w.call(ctx, call, t, base, partitions)
		if err != nil {
			return err
		}
		if err := w.memory.add(batch.HeldBytes(column)); err != nil {
			return err
		}
		if err := function.CheckValues(column, w.env.Limits); err != nil {
			return err
		}
		t.columns = append(t.columns, column)
	}
	w.results = &tableReader{table: t}
	return nil
}

// sort puts t in order and finds the partitions with their peers.
func (w *window) sort(ctx context.Context, t *table) ([]*function.WindowPartition, error) {
	keys := make([]arrow.DataType, len(w.partitionBy))
	columns := make([]batch.Vector, len(w.partitionBy))
	for i, at := range w.partitionBy {
		keys[i], columns[i] = t.columns[at].DataType(), batch.Vector{Array: t.columns[at]}
	}
	ids := make([]int32, t.rows)
	g := newGrouper(keys)
	g.memory = w.memory
	if err := g.insert(columns, t.rows, ids); err != nil {
		return nil, err
	}
	rows, err := sortedRows(ctx, t, w.orderBy)
	if err != nil {
		return nil, err
	}
	byGroup, rows := groupSorted(ids, rows, g.groups)
	for i, c := range t.columns {
		t.columns[i] = batch.Take(c, rows)
	}
	order := func(i, j int32) int { return 0 }
	if len(w.orderBy) > 0 {
		order = orderBy(t, w.orderBy)
	}
	var partitions []*function.WindowPartition
	for i := range len(byGroup) - 1 {
		if byGroup[i] < byGroup[i+1] {
			partitions = append(partitions, newPartition(byGroup[i], byGroup[i+1], order))
		}
	}
	return partitions, nil
}

// groupSorted moves rows together by group without changing their order within one.
func groupSorted(groups, rows []int32, number int) (offsets, sorted []int32) {
	offsets = make([]int32, number+1)
	for _, g := range groups {
		offsets[g+1]++
	}
	for i := range number {
		offsets[i+1] += offsets[i]
	}
	next := append([]int32{}, offsets...)
	sorted = make([]int32, len(rows))
	for _, row := range rows {
		g := groups[row]
		sorted[next[g]] = row
		next[g]++
	}
	return offsets, sorted
}

func newPartition(start, end int32, order rowOrder) *function.WindowPartition {
	n := end - start
	p := &function.WindowPartition{Start: start, End: end, PeerStart: make([]int32, n), PeerEnd: make([]int32, n)}
	first := start
	for row := start; row < end; row++ {
		if row > first && order(first, row) != 0 {
			first = row
		}
		p.PeerStart[row-start] = first
	}
	last := end
	for row := end - 1; row >= start; row-- {
		if p.PeerStart[row-start] != p.PeerStart[max(0, last-1-start)] {
			last = row + 1
		}
		p.PeerEnd[row-start] = last
	}
	return p
}

// call computes one window function for all partitions.
func (w *window) call(
	ctx context.Context, c *windowCall, t *table, base *batch.Batch, partitions []*function.WindowPartition,
) (arrow.Array, error) {
	args := make([]batch.Vector, len(c.args))
	for i, arg := range c.args {
		v, err := arg.Eval(base)
		if err != nil {
			return nil, err
		}
		if err := w.memory.add(batch.HeldBytes(v.Array)); err != nil {
			return nil, err
		}
		args[i] = v
	}
	if c.aggregate != nil || c.window.Frame {
		for _, p := range partitions {
			if err := w.setFrames(c, t, p); err != nil {
				return nil, err
			}
		}
	}
	switch {
	case c.node.Distinct || len(c.orderBy) > 0:
		return w.picked(ctx, c, args, t, partitions)
	case c.aggregate != nil:
		return w.aggregate(ctx, c, args, t.rows, partitions)
	case c.window.Numbers != nil:
		return windowNumbers(c, args, t.rows, partitions)
	case c.window.Fractions != nil:
		out := make([]float64, t.rows)
		for _, p := range partitions {
			c.window.Fractions(p, out[p.Start:p.End])
		}
		return batch.FromValues(arrow.PrimitiveTypes.Float64, out, nil), nil
	}
	return w.rows(c, args, t.rows, partitions)
}

func windowNumbers(c *windowCall, args []batch.Vector, rows int, partitions []*function.WindowPartition) (arrow.Array, error) {
	out, valid := make([]int64, rows), arrowdata.FullValidity(rows)
	for _, p := range partitions {
		null := func(i int) { arrowdata.ClearBit(valid, int(p.Start)+i) }
		if err := c.window.Numbers(p, args, out[p.Start:p.End], null); err != nil {
			return nil, err
		}
	}
	return batch.FromValues(arrow.PrimitiveTypes.Int64, out, valid), nil
}

func (w *window) rows(c *windowCall, args []batch.Vector, rows int, partitions []*function.WindowPartition) (arrow.Array, error) {
	out := make([]int32, rows)
	for _, p := range partitions {
		if err := c.window.Rows(p, args, c.node.IgnoreNulls, out[p.Start:p.End]); err != nil {
			return nil, err
		}
	}
	// The values, the defaults, both joined and the result.
	bytes := batch.DecodedBytes(args[0], rows)
	if len(args) > 2 {
		bytes = 2 * (bytes + batch.DecodedBytes(args[2], rows))
	}
	done, err := w.memory.during(bytes)
	if err != nil {
		return nil, err
	}
	defer done()
	values := batch.Decode(batch.Expand(args[0], rows))
	if len(args) < 3 {
		return w.take(values, out)
	}
	// The default is taken from a second copy of the table's rows.
	for i, from := range out {
		if from == function.DefaultRow {
			out[i] = int32(rows + i)
		}
	}
	defaults := batch.Decode(batch.Expand(args[2], rows))
	return w.take(batch.Concat([]arrow.Array{values, defaults}), out)
}

// take is batch.Take within the memory of the statement. The caller counts the
// result.
func (w *window) take(a arrow.Array, rows []int32) (arrow.Array, error) {
	done, err := w.memory.during(batch.TakenBytes(a, rows))
	if err != nil {
		return nil, err
	}
	defer done()
	return batch.Take(a, rows), nil
}
