package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
)

// aggregate computes an aggregate function over each row's frame.
//
// Some functions have their own way to follow a frame. For others, frames that start with the partition are
// computed as they grow from row to row; each other frame is a group of its own.
func (w *windowWork) aggregate(
	ctx context.Context, c *windowCall, args []batch.Vector, t *table, partitions []*function.WindowPartition,
) (arrow.Array, error) {
	if way := function.FramesOf(c.node.Fn); way != nil {
		return w.following(way, args, &function.Frames{Partitions: partitions, Rows: t.rows, Env: w.env})
	}
	if c.node.Frame.Start == plan.UnboundedPreceding {
		return w.growing(ctx, c, args, t.rows, partitions)
	}
	return w.picked(ctx, c, args, t, partitions)
}

// following computes an aggregate that has its own way to follow frames.
func (w *windowWork) following(way *function.FrameFunction, args []batch.Vector, f *function.Frames) (arrow.Array, error) {
	done, err := w.memory.during(int64(f.Rows) * function.FrameRowBytes)
	if err != nil {
		return nil, err
	}
	defer done()
	if way.Values != nil {
		return way.Values(f, args)
	}
	rows := make([]int32, f.Rows)
	if err := way.Rows(f, args, rows); err != nil {
		return nil, err
	}
	return w.take(batch.Expand(args[0], f.Rows), rows)
}

// windowState is an accumulator whose memory is counted.
type windowState struct {
	function.Accumulator
	memory *account
}

func (w *windowWork) newState(acc function.Accumulator) *windowState {
	return &windowState{acc, &account{w.pool.Account("OVER")}}
}

// begin replaces the accumulator by a new one of one group.
func (s *windowState) begin(acc function.Accumulator) {
	s.memory.close()
	s.Accumulator = acc
	acc.Resize(1)
}

func (s *windowState) close() { s.memory.close() }

// add adds the picked rows of args.
func (s *windowState) add(groups []int32, args []batch.Vector, picked []int32) error {
	done, err := s.memory.during(2 * takenBytes(args, picked)) // the rows, and what is made of them
	if err != nil {
		return err
	}
	defer done()
	if err := s.Add(groups, takeAll(args, picked), len(picked)); err != nil {
		return err
	}
	return s.memory.set(s.SizeBytes() + 2*takenBytes(args, picked))
}

// result returns the accumulator's result. The caller accounts for it.
func (s *windowState) result() (arrow.Array, error) {
	done, err := s.memory.during(s.SizeBytes())
	if err != nil {
		return nil, err
	}
	defer done()
	return s.Result()
}

// growing computes frames that only gain rows at their end.
func (w *windowWork) growing(
	ctx context.Context, c *windowCall, args []batch.Vector, rows int, partitions []*function.WindowPartition,
) (arrow.Array, error) {
	if c.node.Frame.End == plan.UnboundedFollowing {
		return w.whole(c, args, rows, partitions)
	}
	results := &runningResults{memory: &account{w.pool.Account("OVER")}}
	defer results.memory.close()
	index := make([]int32, rows) // index of each row's result
	acc := w.newState(nil)
	defer acc.close()
	for _, p := range partitions {
		acc.begin(c.aggregate.New(c.node.Fn, w.env, c.lambdas))
		added := int32(-1) // end of the rows in the last result, -1 for none
		for i, end := range p.FrameEnd {
			if err := w.env.Ended(); err != nil {
				return nil, err
			}
			if end < added { // with offsets that change from row to row
				acc.begin(c.aggregate.New(c.node.Fn, w.env, c.lambdas))
				added = -1
			}
			if end != added {
				if err := addRows(acc, args, max(added, p.Start), end); err != nil {
					return nil, err
				}
				result, err := acc.result()
				if err != nil {
					return nil, err
				}
				if err := results.addResult(result); err != nil {
					return nil, err
				}
				added = end
			}
			index[int(p.Start)+i] = results.count - 1
		}
	}
	if results.count == 0 {
		return c.aggregate.New(c.node.Fn, w.env, c.lambdas).Result()
	}
	all, err := results.all()
	if err != nil {
		return nil, err
	}
	return w.take(all, index)
}

// addRows adds rows [from, to) of the sorted table to the only group.
func addRows(acc *windowState, args []batch.Vector, from, to int32) error {
	if from >= to {
		return nil
	}
	picked := iota32(int(to - from))
	for i := range picked {
		picked[i] += from
	}
	return acc.add(make([]int32, len(picked)), args, picked)
}

// whole computes frames of all rows of the partition; each partition is one group.
func (w *windowWork) whole(c *windowCall, args []batch.Vector, rows int, partitions []*function.WindowPartition) (arrow.Array, error) {
	acc := c.aggregate.New(c.node.Fn, w.env, c.lambdas)
	acc.Resize(len(partitions))
	groups := make([]int32, rows)
	for n, p := range partitions {
		for row := p.Start; row < p.End; row++ {
			groups[row] = int32(n)
		}
	}
	state := w.newState(acc)
	defer state.close()
	given := int64(0)
	for _, v := range args {
		given += batch.DecodedBytes(v, rows)
	}
	if err := state.memory.add(given); err != nil {
		return nil, err
	}
	if err := acc.Add(groups, args, rows); err != nil {
		return nil, err
	}
	if err := state.memory.set(acc.SizeBytes()); err != nil {
		return nil, err
	}
	result, err := state.result()
	if err != nil {
		return nil, err
	}
	return w.take(result, groups)
}
