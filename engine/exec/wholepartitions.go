package exec

import (
	"context"
	"errors"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// errNoRoom is the error for rows that would leave too little memory for others.
var errNoRoom = errors.New("exec: rows are to be spilled")

// wholePartitions computes the calls of a window that each aggregate all rows of a partition, in any order.
//
// The calls' states take the rows as they come, so no row has to be sorted or moved: in the end each row gets the
// value of its partition. The rows keep their order.
//
// If there is no memory for that, or a state has an error, it gives up. Then the rows are sorted by partition as
// for any other window, which can spill them, and then by their original position.
type wholePartitions struct {
	partitions *partitioner // does not spill
	calls      []*windowCall
	env        *function.Env
	memory     *account // holds batches, states and results
	canSpill   bool

	batches []*batch.Batch         // read so far; the last column has the rows' partitions
	bytes   int64                  // of batches
	states  []function.Accumulator // by call

	results []arrow.Array // by call: a value per partition; nil: not made yet
	inOrder Operator      // the sorted rows, with a column for each call; nil: it has not given up
	// replayed and sorted are what inOrder reads.
	replayed *replayedRows
	sorted   Operator
}

// wholePartitions returns nil if a call of the window depends on an order of the rows, or if the rows are in order.
func (b *builder) wholePartitions(n *plan.Window, input Operator, columns []*plan.Column, calls []*windowCall) (*wholePartitions, error) {
	if _, isSorted := input.(*partitionTopN); isSorted || len(n.OrderBy) > 0 {
		return nil, nil
	}
	for _, c := range calls {
		if !c.takesWholePartitions() {
			return nil, nil
		}
	}
	by, err := positionsOf(columns, n.PartitionBy)
	if err != nil {
		return nil, err
	}
	memory := b.account("OVER")
	w := &wholePartitions{calls: calls, env: b.env.Function, memory: memory, canSpill: b.env.Spill != nil}
	w.partitions = newPartitioner(input, by, columnTypes(n.PartitionBy), b.env.Numbers, b.account("PARTITION BY"), nil)

	number := &plan.Column{ID: -1, Type: types.BigIntType}
	w.replayed = &replayedRows{from: w}
	window, numbered, err := b.sortedWindow(n, w.replayed, append(append([]*plan.Column{}, columns...), number), calls)
	if err != nil {
		return nil, err
	}
	keys := []sortKey{{position: len(columns), valueType: number.Type}}
	positions := append(allOf(len(columns)), allOf(len(numbered))[len(columns)+1:]...)
	w.sorted = &pick{input: &sorter{input: window, runs: b.sortedRuns(n, numbered, keys, "OVER")}, positions: positions}
	return w, nil
}

// takesWholePartitions reports whether the call aggregates all rows of a partition. The window has no ORDER BY, so
// all rows of a partition are peers.
func (c *windowCall) takesWholePartitions() bool {
	f := c.node.Frame
	isWhole := f.Start == plan.UnboundedPreceding && (f.End == plan.UnboundedFollowing || f.End == plan.CurrentRow && f.Unit != plan.FrameRows)
	return isWhole && c.aggregate != nil && !c.node.Distinct && len(c.orderBy) == 0
}

// isRead reports whether read was called.
func (w *wholePartitions) isRead() bool { return w.results != nil || w.inOrder != nil }

// read reads all rows, and makes the results unless it gives up.
func (w *wholePartitions) read(ctx context.Context) error {
	w.states = make([]function.Accumulator, len(w.calls))
	for i, c := range w.calls {
		w.states[i] = c.aggregate.New(c.node.Fn, w.env, c.lambdas)
	}
	for {
		b, partitions, err := w.partitions.nextBatch(ctx)
		switch {
		case memory.IsFull(err) && w.partitions.refused != nil:
			w.giveUp(w.partitions.refused)
			return nil
		case err != nil:
			return err
		case b == nil:
			if w.finish() != nil {
				w.giveUp(nil)
			}
			return nil
		}
		b = compact(b)
		if w.keep(b, partitions) != nil {
			w.giveUp(b)
			return nil
		}
	}
}

// keep adds the rows of a dense batch; partitions are theirs. After an error the states must not be used.
func (w *wholePartitions) keep(b *batch.Batch, partitions []int32) (err error) {
	defer batch.Recover(&err)
	partitions = append([]int32{}, partitions...)
	numbered := batch.Vector{Array: batch.FromValues(arrow.PrimitiveTypes.Int32, partitions, nil)}
	kept := &batch.Batch{Columns: append(b.Columns[:len(b.Columns):len(b.Columns)], numbered), Len: b.Len}
	bytes := tableBytes(kept)
	if w.canSpill && w.memory.ShouldSpill(bytes) {
		return errNoRoom
	}
	if err := w.memory.add(bytes); err != nil {
		return err
	}
	size := w.bytes + bytes
	for i := range w.calls {
		if err := w.addTo(i, b, partitions); err != nil {
			return err
		}
		size += w.states[i].SizeBytes()
	}
	if err := w.memory.set(size); err != nil {
		return err
	}
	w.batches, w.bytes = append(w.batches, kept), w.bytes+bytes
	return nil
}

// addTo adds the rows of a batch to the state of a call.
func (w *wholePartitions) addTo(call int, b *batch.Batch, partitions []int32) error {
	bytes := int64(0)
	args := make([]batch.Vector, len(w.calls[call].args))
	for i, arg := range w.calls[call].args {
		var err error
		if args[i], err = arg.Eval(b); err != nil {
			return err
		}
		bytes += batch.DecodedBytes(args[i], b.Len)
	}
	done, err := w.memory.during(2 * bytes) // the arguments, and what is made of them
	if err != nil {
		return err
	}
	defer done()
	w.states[call].Resize(w.partitions.groups.groups)
	return w.states[call].Add(partitions, args, b.Len)
}

// finish makes the results from the states.
func (w *wholePartitions) finish() (err error) {
	defer batch.Recover(&err)
	size := w.bytes
	results := make([]arrow.Array, len(w.states))
	for i, state := range w.states {
		state.Resize(w.partitions.groups.groups)
		done, err := w.memory.during(state.SizeBytes())
		if err != nil {
			return err
		}
		results[i], err = state.Result()
		done()
		if err != nil {
			return err
		}
		if err := function.CheckValues(results[i], w.env.Limits); err != nil {
			return err
		}
		batch.CountNulls(results[i])
		size += batch.HeldBytes(results[i])
	}
	if err := w.partitions.forget(); err != nil {
		return err
	}
	w.states, w.results = nil, results
	return w.memory.set(size)
}

// giveUp lets all rows be sorted: those read so far, those of the batch next if it is not nil, and the remaining
// ones.
func (w *wholePartitions) giveUp(next *batch.Batch) {
	w.states, w.results, w.partitions.groups = nil, nil, nil
	w.partitions.memory.close()
	w.memory.release(w.memory.UsedBytes() - w.bytes)
	w.replayed.batches, w.replayed.next = w.batches, next
	w.batches, w.inOrder = nil, w.sorted
}

// piece returns a reader of the rows of a batch with their results; memory is the reader's account.
func (w *wholePartitions) piece(i int, memory *account) *wholePiece {
	b := w.batches[i]
	last := len(b.Columns) - 1
	piece := &wholePiece{rows: &batch.Batch{Columns: b.Columns[:last], Len: b.Len}, partitions: batch.Values[int32](b.Columns[last].Array), memory: memory}
	for _, result := range w.results {
		piece.results = append(piece.results, batch.Vector{Array: result})
	}
	return piece
}

// close frees everything and closes the input.
func (w *wholePartitions) close() {
	w.batches, w.states, w.results = nil, nil, nil
	w.sorted.Close()
	w.memory.close()
	w.partitions.close()
}

// wholePiece returns the rows of a dense batch with the results of their partitions. After an error of memory, next
// may be called again.
type wholePiece struct {
	rows       *batch.Batch
	partitions []int32
	results    []batch.Vector // by partition
	memory     *account

	given     int   // rows returned so far
	lastBytes int64 // of the results returned last
}

func (p *wholePiece) next(ctx context.Context) (*batch.Batch, error) {
	p.memory.release(p.lastBytes)
	p.lastBytes = 0
	partitions := p.partitions[p.given:]
	if len(partitions) == 0 {
		return nil, nil
	}
	partitions = partitions[:fitting(p.results, partitions)]
	for {
		bytes := takenBytes(p.results, partitions)
		err := p.memory.add(bytes)
		if err == nil {
			p.lastBytes = bytes
			break
		}
		if len(partitions) == 1 {
			return nil, err
		}
		partitions = partitions[:len(partitions)/2]
	}
	columns := append(batch.Part(p.rows, p.given, len(partitions)), takeAll(p.results, partitions)...)
	p.given += len(partitions)
	return &batch.Batch{Columns: columns, Len: len(partitions)}, ctx.Err()
}

func (p *wholePiece) close() { p.memory.release(p.lastBytes) }

// replayedRows returns all rows of wholePartitions, first those that it has read, with their position as the last
// column.
type replayedRows struct {
	from    *wholePartitions
	batches []*batch.Batch // the last column has the rows' partitions
	next    *batch.Batch   // follows batches; nil: none
	number  int64          // position of the next row
}

func (r *replayedRows) Next(ctx context.Context) (*batch.Batch, error) {
	var columns []batch.Vector
	rows := 0
	switch {
	case len(r.batches) > 0:
		b := r.batches[0]
		r.batches[0], r.batches = nil, r.batches[1:]
		columns, rows = b.Columns[:len(b.Columns)-1], b.Len
		r.from.memory.release(tableBytes(b))
	case r.next != nil:
		b := compact(r.next)
		columns, rows, r.next = b.Columns, b.Len, nil
	default:
		b, err := r.from.partitions.nextInput(ctx)
		if b == nil || err != nil {
			return nil, err
		}
		b = compact(b)
		columns, rows = b.Columns, b.Len
	}
	numbers := make([]int64, rows)
	for i := range numbers {
		numbers[i] = r.number + int64(i)
	}
	r.number += int64(rows)
	columns = append(columns[:len(columns):len(columns)], batch.Vector{Array: batch.FromValues(arrow.PrimitiveTypes.Int64, numbers, nil)})
	return &batch.Batch{Columns: columns, Len: rows}, nil
}

// Close does nothing: wholePartitions owns the rows.
func (r *replayedRows) Close() {}
