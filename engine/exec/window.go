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

// windowCalls are the calls of a window; each adds a column. They are safe for concurrent use.
type windowCalls struct {
	calls   []*windowCall
	reads   []int                // positions of the columns that calls read
	picks   []expr.Evaluator     // conditions on those and on results; output rows must pass them
	unread  map[int]batch.Vector // by position: NULLs for columns that no operator above reads
	orderBy []sortKey
	env     *function.Env
	pool    MemoryPool
	gathering
	peers bool       // calls need peers
	long  []longCall // of calls, for partitions larger than memory; nil: some need all rows at once
}

// windowWork computes the calls for one piece.
type windowWork struct {
	*windowCalls
	memory   *account     // holds the piece's results
	inPieces batch.Divide // divides the work on its rows
	frames   frames
}

// windowCall is one window function: either an aggregate over frames, or a function of function.WindowByName.
type windowCall struct {
	node       plan.WindowCall
	args       []expr.Evaluator
	lambdas    []function.Lambda
	aggregate  *function.AggregateImpl
	window     function.WindowFunction
	start, end frameBound
	orderBy    []sortKey // the aggregate's own order
}

// compute computes the calls of a piece.
func (c *windowCalls) compute(ctx context.Context, piece *partitionPiece) (pieceReader, error) {
	w := &windowWork{windowCalls: c, memory: &account{c.pool.Account("OVER")}, inPieces: c.divide(ctx, len(piece.rows))}
	r, err := w.compute(ctx, piece)
	if err != nil {
		w.memory.close()
		return nil, err
	}
	return r, nil
}

// pieceRowBytes is what a piece and its frames hold per row, partitionBytes what they hold per partition.
const (
	pieceRowBytes  = 20
	partitionBytes = 128
)

func (w *windowWork) compute(ctx context.Context, piece *partitionPiece) (*windowReader, error) {
	if err := w.memory.add(int64(len(piece.rows))*pieceRowBytes + int64(len(piece.ends))*partitionBytes); err != nil {
		return nil, err
	}
	partitions := piece.windowPartitions(w.peers)
	sorted, err := w.sortedColumns(piece)
	if err != nil {
		return nil, err
	}
	base := &batch.Batch{Columns: sorted.vectors(), Len: sorted.rows}
	for _, call := range w.calls {
		column, err := w.call(ctx, call, sorted, base, partitions)
		if err != nil {
			return nil, err
		}
		if err := w.memory.add(batch.HeldBytes(column)); err != nil {
			return nil, err
		}
		if err := function.CheckValues(column, w.env.Limits); err != nil {
			return nil, err
		}
		sorted.columns = append(sorted.columns, column)
	}
	for _, c := range sorted.columns {
		if c != nil {
			batch.CountNulls(c) // several goroutines read them
		}
	}
	return &windowReader{piece: piece, sorted: sorted, picks: w.picks, unread: w.unread, memory: w.memory}, nil
}

// sortedColumns returns the piece's rows in order. Columns that no call reads are nil if they are not in order yet.
func (w *windowWork) sortedColumns(piece *partitionPiece) (*table, error) {
	sorted := &table{columns: make([]arrow.Array, len(piece.table.columns)), rows: len(piece.rows)}
	if piece.inOrder {
		copy(sorted.columns, piece.table.columns)
		return sorted, nil
	}
	for _, at := range w.reads {
		if err := w.memory.add(batch.TakenBytes(piece.table.columns[at], piece.rows)); err != nil {
			return nil, err
		}
		sorted.columns[at] = batch.TakeDivided(piece.table.columns[at], piece.rows, w.inPieces)
	}
	return sorted, nil
}

// call computes one window function for all partitions.
func (w *windowWork) call(
	ctx context.Context, c *windowCall, t *table, base *batch.Batch, partitions []*function.WindowPartition,
) (arrow.Array, error) {
	args, err := w.evalArgs(c, base)
	if err != nil {
		return nil, err
	}
	for _, v := range args {
		if err := w.memory.add(batch.HeldBytes(v.Array)); err != nil {
			return nil, err
		}
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

func (w *windowWork) evalArgs(c *windowCall, base *batch.Batch) ([]batch.Vector, error) {
	args := make([]batch.Vector, len(c.args))
	for i, arg := range c.args {
		var err error
		if args[i], err = arg.Eval(base); err != nil {
			return nil, err
		}
	}
	return args, nil
}

func windowNumbers(c *windowCall, args []batch.Vector, rows int, partitions []*function.WindowPartition) (arrow.Array, error) {
	out, valid := make([]int64, rows), arrowdata.FullValidity(rows)
	var p *function.WindowPartition
	null := func(i int) { arrowdata.ClearBit(valid, int(p.Start)+i) }
	for _, p = range partitions {
		if err := c.window.Numbers(p, args, out[p.Start:p.End], null); err != nil {
			return nil, err
		}
	}
	return batch.FromValues(arrow.PrimitiveTypes.Int64, out, valid), nil
}

func (w *windowWork) rows(c *windowCall, args []batch.Vector, rows int, partitions []*function.WindowPartition) (arrow.Array, error) {
	out := make([]int32, rows)
	for _, p := range partitions {
		if err := w.env.Ended(); err != nil {
			return nil, err
		}
		if err := c.window.Rows(p, args, c.node.IgnoreNulls, out[p.Start:p.End]); err != nil {
			return nil, err
		}
	}
	// Values, defaults, both joined, and the result.
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
	// Defaults are taken from the second half of the joined values.
	for i, from := range out {
		if from == function.DefaultRow {
			out[i] = int32(rows + i)
		}
	}
	defaults := batch.Decode(batch.Expand(args[2], rows))
	return w.take(batch.Concat([]arrow.Array{values, defaults}), out)
}

// take is batch.Take within the statement's memory limit. The caller accounts for the result.
func (w *windowWork) take(a arrow.Array, rows []int32) (arrow.Array, error) {
	done, err := w.memory.during(batch.TakenBytes(a, rows))
	if err != nil {
		return nil, err
	}
	defer done()
	return batch.TakeDivided(a, rows, w.inPieces), nil
}
