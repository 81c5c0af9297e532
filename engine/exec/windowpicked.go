package exec

import (
	"cmp"
	"context"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
)

// picked computes an aggregate over each row's frame, in the order that the call asks for, and without the rows
// that its DISTINCT drops. Neighbours with the same frame share a group.
func (w *windowWork) picked(
	ctx context.Context, c *windowCall, args []batch.Vector, t *table, partitions []*function.WindowPartition,
) (arrow.Array, error) {
	f, err := w.newFramePicker(ctx, c, args, t)
	if err != nil {
		return nil, err
	}
	if f.values != nil && c.node.Fn.Name == "count" {
		done, err := w.memory.during(int64(t.rows) * function.FrameRowBytes)
		if err != nil {
			return nil, err
		}
		defer done()
		frames := &function.Frames{Partitions: partitions, Rows: t.rows, Env: w.env}
		return function.CountDistinctFrames(frames, args[0], f.values, len(f.seen))
	}
	g := &frameGroups{window: w, call: c, args: args, held: &account{w.pool.Account("OVER")}, index: make([]int32, t.rows), last: -1}
	defer g.close()
	g.begin()
	for _, p := range partitions {
		for i, from := range p.FrameStart {
			if i == 0 || from != p.FrameStart[i-1] || p.FrameEnd[i] != p.FrameEnd[i-1] {
				if err := g.addGroup(ctx, f, from, p.FrameEnd[i]); err != nil {
					return nil, err
				}
			}
			g.index[int(p.Start)+i] = g.done + g.last
		}
	}
	return g.finish(ctx)
}

// frameGroups computes an aggregate over frames. Each is a group, and only some have a state at a time.
type frameGroups struct {
	window *windowWork
	call   *windowCall
	args   []batch.Vector
	held   *account // holds the results

	index   []int32 // the result of each row
	results []arrow.Array
	done    int32 // number of results

	state  *windowState // of the groups after the finished ones
	last   int32        // the last group, -1 for none
	groups []int32      // the group of each of rows
	rows   []int32      // rows not added yet
}

func (g *frameGroups) close() {
	g.state.close()
	g.held.close()
}

func (g *frameGroups) begin() {
	w, c := g.window, g.call
	g.state = w.newState(c.aggregate.New(c.node.Fn, w.env, c.lambdas))
	g.last = -1
}

// maxFrameGroups is the most frames that have a state at a time.
const maxFrameGroups = 4 * batch.Rows

// addGroup begins a group with the rows [from, to).
func (g *frameGroups) addGroup(ctx context.Context, f *framePicker, from, to int32) error {
	if len(g.rows) >= batch.Rows {
		if err := g.flush(ctx); err != nil {
			return err
		}
	}
	if g.last+1 >= maxFrameGroups || g.last >= 0 && g.state.memory.UsedBytes() > maxTakenBytes {
		if err := g.settle(ctx); err != nil {
			return err
		}
		g.begin()
	}
	g.last++
	g.rows = f.appendRows(g.rows, from, to)
	for len(g.groups) < len(g.rows) {
		g.groups = append(g.groups, g.last)
	}
	return nil
}

// flush adds the rows to the states.
func (g *frameGroups) flush(ctx context.Context) error {
	g.state.Resize(int(g.last) + 1)
	err := g.state.add(g.groups, g.args, g.rows)
	g.groups, g.rows = g.groups[:0], g.rows[:0]
	if err != nil {
		return err
	}
	return ctx.Err()
}

// settle turns the states into results.
func (g *frameGroups) settle(ctx context.Context) error {
	if err := g.flush(ctx); err != nil {
		return err
	}
	result, err := g.state.result()
	if err != nil {
		return err
	}
	if err := g.held.add(batch.HeldBytes(result)); err != nil {
		return err
	}
	g.state.close()
	g.results, g.done = append(g.results, result), g.done+g.last+1
	return nil
}

// finish returns the result of each row.
func (g *frameGroups) finish(ctx context.Context) (arrow.Array, error) {
	if err := g.settle(ctx); err != nil {
		return nil, err
	}
	if len(g.results) > 1 {
		if err := g.held.add(g.held.UsedBytes()); err != nil { // the results and the joined array
			return nil, err
		}
	}
	return g.window.take(batch.Concat(g.results), g.index)
}

// framePicker lists the rows of a frame that an aggregate takes, in its order.
type framePicker struct {
	rank   []int32 // of each row in the aggregate's order; nil: no order
	values []int32 // id of each row's arguments; nil: no DISTINCT
	seen   []int32 // by id: the last frame that had it
	frame  int32
}

func (w *windowWork) newFramePicker(ctx context.Context, c *windowCall, args []batch.Vector, t *table) (*framePicker, error) {
	f := &framePicker{}
	if len(c.orderBy) > 0 {
		order, err := sortedRows(ctx, t, c.orderBy, w.workers, w.memory)
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

// appendRows appends the rows that the aggregate takes of the frame [from, to) to list.
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
