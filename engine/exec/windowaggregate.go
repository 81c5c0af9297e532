package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
)

// aggregate computes an aggregate function over each row's frame. Frames that
// start with the partition grow from row to row and are computed as they grow;
// other frames are each a group of their own.
func (w *window) aggregate(
	ctx context.Context, c *windowCall, args []batch.Vector, rows int, partitions []*function.WindowPartition,
) (arrow.Array, error) {
	if c.node.Frame.Start == plan.UnboundedPreceding {
		return w.growing(ctx, c, args, rows, partitions)
	}
	acc := c.aggregate.New(c.node.Fn, w.env, c.lambdas)
	acc.Resize(rows)
	var groups, picked []int32
	flush := func() error {
		taken := takeAll(args, picked)
		err := acc.Add(groups, taken, len(picked))
		groups, picked = groups[:0], picked[:0]
		if err != nil {
			return err
		}
		return ctx.Err()
	}
	for _, p := range partitions {
		for i := range p.FrameStart {
			for row := p.FrameStart[i]; row < p.FrameEnd[i]; row++ {
				groups, picked = append(groups, p.Start+int32(i)), append(picked, row)
				if len(picked) < batch.Rows {
					continue
				}
				if err := flush(); err != nil {
					return nil, err
				}
			}
		}
	}
	if err := flush(); err != nil {
		return nil, err
	}
	return acc.Result()
}

// growing computes frames that only ever gain rows at their end.
func (w *window) growing(
	ctx context.Context, c *windowCall, args []batch.Vector, rows int, partitions []*function.WindowPartition,
) (arrow.Array, error) {
	if c.node.Frame.End == plan.UnboundedFollowing {
		return w.whole(c, args, rows, partitions)
	}
	var results []arrow.Array
	index := make([]int32, rows) // result of each row
	for _, p := range partitions {
		acc := c.aggregate.New(c.node.Fn, w.env, c.lambdas)
		acc.Resize(1)
		added := int32(-1) // rows of the last result, -1 for none yet
		for i, end := range p.FrameEnd {
			if i%batch.Rows == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if end < added { // offsets that change from row to row
				acc, added = c.aggregate.New(c.node.Fn, w.env, c.lambdas), -1
				acc.Resize(1)
			}
			if end != added {
				if err := addRows(acc, args, max(added, p.Start), end); err != nil {
					return nil, err
				}
				result, err := acc.Result()
				if err != nil {
					return nil, err
				}
				results, added = append(results, result), end
			}
			index[int(p.Start)+i] = int32(len(results) - 1)
		}
	}
	if len(results) == 0 {
		return c.aggregate.New(c.node.Fn, w.env, c.lambdas).Result()
	}
	return batch.Take(batch.Concat(results), index), nil
}

// addRows adds rows from:to of the sorted table to the only group.
func addRows(acc function.Accumulator, args []batch.Vector, from, to int32) error {
	if from >= to {
		return nil
	}
	picked := iota32(int(to - from))
	for i := range picked {
		picked[i] += from
	}
	return acc.Add(make([]int32, len(picked)), takeAll(args, picked), len(picked))
}

// whole computes frames that are all rows of the partition: one group each.
func (w *window) whole(c *windowCall, args []batch.Vector, rows int, partitions []*function.WindowPartition) (arrow.Array, error) {
	acc := c.aggregate.New(c.node.Fn, w.env, c.lambdas)
	acc.Resize(len(partitions))
	groups := make([]int32, rows)
	for n, p := range partitions {
		for row := p.Start; row < p.End; row++ {
			groups[row] = int32(n)
		}
	}
	if err := acc.Add(groups, args, rows); err != nil {
		return nil, err
	}
	result, err := acc.Result()
	if err != nil {
		return nil, err
	}
	return batch.Take(result, groups), nil
}
