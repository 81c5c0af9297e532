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
	reads       []int // columns that calls read, by position
	env         *function.Env
	memory      *account
	pool        MemoryPool // of memory, for what the calls hold meanwhile
	workers     int        // that sort

	frames  frames
	results *windowReader // nil until the input is consumed
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
	if err := w.memory.add(int64(t.rows) * arrangedRowBytes); err != nil {
		return err
	}
	rows, partitions, err := w.arrange(ctx, t)
	if err != nil {
		return err
	}
	// Only what calls read is put in order now, and in place of what it was.
	sorted := &table{columns: make([]arrow.Array, len(t.columns)), rows: t.rows}
	for _, at := range w.reads {
		taken := batch.TakenBytes(t.columns[at], rows)
		if err := w.memory.add(taken); err != nil {
			return err
		}
		sorted.columns[at] = batch.Take(t.columns[at], rows)
		w.memory.release(min(taken, batch.HeldBytes(t.columns[at])))
		t.columns[at] = nil
	}
	base := &batch.Batch{Columns: sorted.vectors(), Len: t.rows}
	w.results = &windowReader{unsorted: t, rows: rows, sorted: sorted}
	for _, call := range w.calls {
		column, err := w.call(ctx, call, sorted, base, partitions)
		if err != nil {
			return err
		}
		if err := w.memory.add(batch.HeldBytes(column)); err != nil {
			return err
		}
		if err := function.CheckValues(column, w.env.Limits); err != nil {
			return err
		}
		sorted.columns = append(sorted.columns, column)
	}
	return nil
}

// What arrange and the frames hold for each row and partition.
const (
	arrangedRowBytes = 28
	partitionBytes   = 128
)

// arrange returns t's rows in order, partition by partition, and the partitions
// with their peers.
func (w *window) arrange(ctx context.Context, t *table) ([]int32, []*function.WindowPartition, error) {
	keys := make([]arrow.DataType, len(w.partitionBy))
	columns := make([]batch.Vector, len(w.partitionBy))
	for i, at := range w.partitionBy {
		keys[i], columns[i] = t.columns[at].DataType(), batch.Vector{Array: t.columns[at]}
	}
	ids := make([]int32, t.rows)
	g := newGrouper(keys)
	g.memory = w.memory
	if err := g.insert(columns, t.rows, ids); err != nil {
		return nil, nil, err
	}
	rows, err := sortedRows(ctx, t, w.orderBy, w.workers, w.memory)
	if err != nil {
		return nil, nil, err
	}
	byGroup, rows := groupSorted(ids, rows, g.groups)
	order := func(i, j int32) int { return 0 }
	if len(w.orderBy) > 0 {
		order = orderBy(t, w.orderBy)
	}
	if err := w.memory.add(int64(g.groups) * partitionBytes); err != nil {
		return nil, nil, err
	}
	peerStart, peerEnd := make([]int32, t.rows), make([]int32, t.rows)
	var partitions []*function.WindowPartition
	for i := range len(byGroup) - 1 {
		start, end := byGroup[i], byGroup[i+1]
		if start == end {
			continue
		}
		p := &function.WindowPartition{Start: start, End: end, PeerStart: peerStart[start:end:end], PeerEnd: peerEnd[start:end:end]}
		findPeers(p, func(i, j int32) int { return order(rows[i], rows[j]) })
		partitions = append(partitions, p)
	}
	return rows, partitions, nil
}

// findPeers fills in the peers of a partition.
func findPeers(p *function.WindowPartition, order rowOrder) {
	for first := p.Start; first < p.End; {
		end := first + 1
		for end < p.End && order(first, end) == 0 {
			end++
		}
		for row := first; row < end; row++ {
			p.PeerStart[row-p.Start], p.PeerEnd[row-p.Start] = first, end
		}
		first = end
	}
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
		if err := w.setFrames(c, t, partitions); err != nil {
			return nil, err
		}
	}
	switch {
	case c.node.Distinct || len(c.orderBy) > 0:
		return w.picked(ctx, c, args, t, partitions)
	case c.aggregate != nil:
		return w.aggregate(ctx, c, args, t, partitions)
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
		if err := w.env.Ended(); err != nil {
			return nil, err
		}
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
