package exec

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/expr"
	"github.com/auditlake/auditlake/engine/function"
)

// aggregateInput computes what one aggregate call reads of a batch.
type aggregateInput struct {
	args    []expr.Evaluator
	filter  int   // position of a boolean column, -1 for none
	orderBy []int // positions
}

// aggregateRows is what a call reads: args and order have rows dense rows. picked lists the live rows of the batch
// that these are; nil: all.
type aggregateRows struct {
	args   []batch.Vector
	order  []batch.Vector
	picked []int32
	rows   int
}

func (in *aggregateInput) rows(b *batch.Batch) (*aggregateRows, error) {
	out := &aggregateRows{rows: b.Live()}
	if in.filter >= 0 {
		out.picked = trueRows(liveColumn(b, in.filter), b.Live())
		out.rows = len(out.picked)
	}
	for _, arg := range in.args {
		v, err := arg.Eval(b)
		if err != nil {
			return nil, err
		}
		out.args = append(out.args, v)
	}
	for _, at := range in.orderBy {
		out.order = append(out.order, liveColumn(b, at))
	}
	if out.picked != nil {
		out.args = takeAll(out.args, out.picked)
		out.order = takeAll(out.order, out.picked)
	}
	return out, nil
}

// rowsOnce is rows, cached in inputs for other calls. It reserves the memory of new rows.
func (in *aggregateInput) rowsOnce(b *batch.Batch, inputs map[*aggregateInput]*aggregateRows, memory *account) (*aggregateRows, error) {
	if rows := inputs[in]; rows != nil {
		return rows, nil
	}
	rows, err := in.rows(b)
	if err != nil {
		return nil, err
	}
	inputs[in] = rows
	return rows, memory.add(rows.bytes())
}

// trueRows lists the rows in which a boolean column is true; never nil.
func trueRows(v batch.Vector, rows int) []int32 {
	bits := batch.TrueBits(batch.Vector{Array: batch.Expand(v, rows)})
	return arrowdata.AppendSetBits(make([]int32, 0, arrowdata.CountBits(bits, rows)), bits, rows)
}

// aggregation is the state of one aggregate call of one grouping set.
type aggregation struct {
	input       *aggregateInput
	accumulator function.Accumulator
	distinct    *distinctArgs // nil without DISTINCT
	// followers also take the rows whose arguments are new to their group. They get no rows from elsewhere.
	followers  []*aggregation
	isFollower bool
	counts     bool // it and its followers only check whether arguments are NULL
	// ordered holds the rows until the input ends; nil without ORDER BY.
	ordered *orderedRows

	groups []int32 // of the picked rows, reused
}

// bytes estimates the memory that the rows take when they are kept.
func (in *aggregateRows) bytes() int64 {
	size := int64(0)
	for _, list := range [][]batch.Vector{in.args, in.order} {
		for _, v := range list {
			if v.Const {
				size += batch.DecodedBytes(v, in.rows)
			} else {
				size += batch.HeldBytes(v.Array)
			}
		}
	}
	return size
}

// countNulls prepares the rows for several goroutines, see batch.CountNulls. in may be nil.
func (in *aggregateRows) countNulls() {
	if in == nil {
		return
	}
	for _, v := range slices.Concat(in.args, in.order) {
		batch.CountNulls(v.Array)
	}
}

// add adds a batch's rows: groups[i] is the group of live row i, count the number of all groups.
func (a *aggregation) add(groups []int32, count int, in *aggregateRows) error {
	if in.picked != nil {
		a.groups = resized(a.groups, in.rows)
		groups = gather(groups, in.picked, a.groups)
	}
	return a.addRows(groups, count, in)
}

// addRows adds the rows of in: groups[i] is the group of picked row i.
func (a *aggregation) addRows(groups []int32, count int, in *aggregateRows) error {
	args, order, rows := in.args, in.order, in.rows
	if a.distinct != nil {
		fresh, err := a.distinct.fresh(groups, args, order, rows)
		if err != nil || a.isSpilling() {
			return err
		}
		if rows = len(fresh); rows < len(groups) {
			groups = gather(groups, fresh, make([]int32, rows))
			args, order = a.takeArgs(args, fresh), takeAll(order, fresh)
		}
	}
	for _, of := range a.led() {
		of.accumulator.Resize(count)
		if err := of.addNew(groups, args, order, rows); err != nil {
			return err
		}
	}
	return nil
}

// addCounted adds rows that each stand for counts[i] equal rows.
func (a *aggregation) addCounted(groups []int32, count int, in *aggregateRows, counts []int64) error {
	a.accumulator.Resize(count)
	return a.accumulator.(function.RepeatCounter).AddCounted(groups, in.args, counts, in.rows)
}

// takeArgs returns the arguments of rows. If a and its followers only check for NULL, it returns cheaper values
// that are NULL in the same rows.
func (a *aggregation) takeArgs(args []batch.Vector, rows []int32) []batch.Vector {
	if !a.counts || a.ordered != nil {
		return takeAll(args, rows)
	}
	out := make([]batch.Vector, len(args))
	for i, v := range args {
		out[i] = presence(v, rows)
	}
	return out
}

// presence returns a column that is NULL in the rows in which v is NULL.
func presence(v batch.Vector, rows []int32) batch.Vector {
	from := arrowdata.Validity(v.Array)
	if v.Const || from == nil {
		return batch.Vector{Array: batch.FromValues(arrow.PrimitiveTypes.Int8, make([]int8, 1), from), Const: true}
	}
	valid := arrowdata.FullValidity(len(rows))
	for i, row := range rows {
		if !arrowdata.IsSet(from, int(row)) {
			arrowdata.ClearBit(valid, i)
		}
	}
	return batch.Vector{Array: batch.FromValues(arrow.PrimitiveTypes.Int8, make([]int8, len(rows)), valid)}
}

// led returns the aggregations that take the rows of a: a and its followers.
func (a *aggregation) led() []*aggregation { return append([]*aggregation{a}, a.followers...) }

// takers returns the number of aggregations that take the rows of a.
func (a *aggregation) takers() int64 { return int64(1 + len(a.followers)) }

// isSpilling reports whether the rows given to a are spilled, so that the states do not grow.
func (a *aggregation) isSpilling() bool { return a.distinct != nil && a.distinct.rest != nil }

// newFollower makes the state of another call that a leads.
func (a *aggregation) newFollower(call *aggregateCall, env *Env) *aggregation {
	follower := &aggregation{accumulator: call.newAccumulator(env.Function), isFollower: true}
	a.counts = a.counts && call.counts()
	a.followers = append(a.followers, follower)
	return follower
}

// addNew adds rows whose groups the accumulator has room for. With DISTINCT, the arguments are new to their group.
func (a *aggregation) addNew(groups []int32, args, order []batch.Vector, rows int) error {
	if a.ordered != nil {
		a.ordered.add(groups, args, order, rows)
		return nil
	}
	return a.accumulator.Add(groups[:rows], args, rows)
}

// addSpilled is addNew for rows read back from disk. It reserves memory for the rows and what the states grow by.
func (a *aggregation) addSpilled(groups []int32, in *aggregateRows, memory *account) error {
	done, err := memory.during(2 * in.bytes())
	if err != nil {
		return err
	}
	defer done()
	before := a.sizeBytes()
	if err := a.addNew(groups, in.args, in.order, in.rows); err != nil {
		return err
	}
	return memory.add(a.sizeBytes() - before)
}

// finish adds the rows that were spilled or wait for ORDER BY, and completes the accumulators for groups groups.
func (a *aggregation) finish(ctx context.Context, groups int, memory *account) error {
	for _, of := range a.led() {
		of.accumulator.Resize(groups)
	}
	if a.isSpilling() {
		err := a.distinct.feedRest(ctx, memory, func(groups []int32, args, order []batch.Vector, rows int) error {
			for _, of := range a.led() {
				if err := of.addSpilled(groups, &aggregateRows{args: args, order: order, rows: rows}, memory); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if a.ordered == nil {
		return nil
	}
	// The rows are joined into one table, which is held while the accumulator takes them.
	if err := memory.add(2 * a.ordered.bytes); err != nil {
		return err
	}
	return a.ordered.feed(ctx, a.accumulator)
}

func (a *aggregation) sizeBytes() int64 {
	size := a.accumulator.SizeBytes()
	if a.distinct != nil {
		size += a.distinct.sizeBytes()
	}
	if a.ordered != nil {
		size += a.ordered.bytes
	}
	return size
}

// orderedRows holds the rows of an aggregate with ORDER BY.
type orderedRows struct {
	keys      []sortKey // positions count from the arguments' end, see feed
	gathering gathering
	args      int
	groups    []int32
	batches   []*batch.Batch // arguments, then order columns
	bytes     int64
}

func (o *orderedRows) add(groups []int32, args, order []batch.Vector, rows int) {
	o.args = len(args)
	b := &batch.Batch{Columns: append(append([]batch.Vector{}, args...), order...), Len: rows}
	o.groups = append(o.groups, groups[:rows]...)
	o.batches = append(o.batches, b)
	o.bytes += int64(rows)*4 + tableBytes(b)
}

// feed adds the rows to the accumulator in order.
func (o *orderedRows) feed(ctx context.Context, to function.Accumulator) error {
	if len(o.groups) == 0 {
		return nil
	}
	all := o.gathering.join(ctx, o.batches)
	o.batches = nil
	keys := make([]sortKey, len(o.keys))
	for i, k := range o.keys {
		keys[i] = k
		keys[i].position = o.args + i
	}
	order, err := sortedRows(ctx, all, keys, o.gathering.workers, nil)
	if err != nil {
		return err
	}
	for len(order) > 0 {
		rows := order[:min(len(order), batch.Rows)]
		order = order[len(rows):]
		args := make([]batch.Vector, o.args)
		for i := range args {
			args[i] = batch.Vector{Array: batch.Take(all.columns[i], rows)}
		}
		if err := to.Add(gather(o.groups, rows, make([]int32, len(rows))), args, len(rows)); err != nil {
			return err
		}
	}
	return nil
}

// gather writes from[rows[i]] to to[i] and returns to.
func gather(from, rows, to []int32) []int32 {
	for i, row := range rows {
		to[i] = from[row]
	}
	return to[:len(rows)]
}
