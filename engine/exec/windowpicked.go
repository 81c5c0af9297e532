package exec

import (
	"cmp"
	"context"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
)

// picked computes an aggregate with DISTINCT or ORDER BY over each row's frame.
// Neighbours with the same frame share a group.
func (w *window) picked(
	ctx context.Context, c *windowCall, args []batch.Vector, t *table, partitions []*function.WindowPartition,
) (arrow.Array, error) {
	f, err := newFramePicker(ctx, c, args, t)
	if err != nil {
		return nil, err
	}
	acc := c.aggregate.New(c.node.Fn, w.env, c.lambdas)
	index := make([]int32, t.rows) // group of each row
	var groups, rows []int32
	last := int32(-1)
	state := w.newState(acc)
	defer state.close()
	flush := func() error {
		acc.Resize(int(last) + 1)
		err := state.add(groups, args, rows)
		groups, rows = groups[:0], rows[:0]
		if err != nil {
			return err
		}
		return ctx.Err()
	}
	for _, p := range partitions {
		for i := range p.FrameStart {
			if i == 0 || p.FrameStart[i] != p.FrameStart[i-1] || p.FrameEnd[i] != p.FrameEnd[i-1] {
				last++
				rows = f.appendRows(rows, p.FrameStart[i], p.FrameEnd[i])
				for len(groups) < len(rows) {
					groups = append(groups, last)
				}
			}
			index[int(p.Start)+i] = last
			if len(rows) < batch.Rows {
				continue
			}
			if err := flush(); err != nil {
				return nil, err
			}
		}
	}
	if err := flush(); err != nil {
		return nil, err
	}
	result, err := state.result()
	if err != nil {
		return nil, err
	}
	return w.take(result, index)
}

// framePicker lists the rows of a frame that an aggregate takes, in its order.
type framePicker struct {
	rank   []int32 // of each row in the aggregate's order, nil for none
	values []int32 // number of each row's distinct arguments, nil without DISTINCT
	seen   []int32 // by number: the frame that had it last
	frame  int32
}

func newFramePicker(ctx context.Context, c *windowCall, args []batch.Vector, t *table) (*framePicker, error) {
	f := &framePicker{}
	if len(c.orderBy) > 0 {
		order, err := sortedRows(ctx, t, c.orderBy)
		if err != nil {
			return nil, err
		}
		f.rank = make([]int32, t.rows)
		for i, row := range order {
			f.rank[row] = int32(i)
		}
	}
	if !c.node.Distinct {
		return f, nil
	}
	keys, columns := make([]arrow.DataType, len(args)), make([]batch.Vector, len(args))
	for i, arg := range args {
		columns[i] = batch.Vector{Array: batch.Expand(arg, t.rows)}
		keys[i] = columns[i].Array.DataType()
	}
	g := newGrouper(keys)
	f.values = make([]int32, t.rows)
	if err := g.insert(columns, t.rows, f.values); err != nil {
		return nil, err
	}
	f.seen = make([]int32, g.groups)
	return f, nil
}

// appendRows adds the rows of the frame from:to to list.
func (f *framePicker) appendRows(list []int32, from, to int32) []int32 {
	f.frame++
	start := len(list)
	for row := from; row < to; row++ {
		list = append(list, row)
	}
	if f.rank != nil {
		slices.SortFunc(list[start:], func(a, b int32) int { return cmp.Compare(f.rank[a], f.rank[b]) })
	}
	if f.values == nil {
		return list
	}
	kept := list[:start]
	for _, row := range list[start:] {
		if f.seen[f.values[row]] != f.frame {
			f.seen[f.values[row]] = f.frame
			kept = append(kept, row)
		}
	}
	return kept
}
