package exec

import (
	"fmt"
	"maps"
	"slices"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/expr"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
)

func (b *builder) window(n *plan.Window, input Operator, columns []*plan.Column) (Operator, []*plan.Column, error) {
	calls := make([]*windowCall, len(n.Calls))
	for i, call := range n.Calls {
		var err error
		if calls[i], err = b.windowCall(call, columns); err != nil {
			return nil, nil, err
		}
	}
	whole, err := b.wholePartitions(n, input, columns, calls)
	if err != nil {
		return nil, nil, err
	}
	if whole != nil {
		return &partitionwise{whole: whole, workers: b.workers(), stages: &pieceStages{memory: b.account("OVER")}}, outputOf(n, columns), nil
	}
	return b.sortedWindow(n, input, columns, calls)
}

// sortedWindow computes the calls over rows sorted by partition. The calls were compiled for columns, or the first
// of them.
func (b *builder) sortedWindow(n *plan.Window, input Operator, columns []*plan.Column, calls []*windowCall) (Operator, []*plan.Column, error) {
	rows, err := b.partitionedRows(n, input, columns, n.PartitionBy, n.OrderBy, "OVER")
	if err != nil {
		return nil, nil, err
	}
	w := &windowCalls{calls: calls, orderBy: rows.orderBy, env: b.env.Function, pool: b.memory(), gathering: b.gathering(), unread: map[int]batch.Vector{}}
	for i, c := range columns {
		if n.Unread[c.ID] {
			w.unread[i] = nullVectors([]*plan.Column{c})[0]
		}
	}
	for _, c := range calls {
		w.peers = w.peers || c.looksAtPeers()
	}
	if w.reads, err = windowReads(n, columns); err != nil {
		return nil, nil, err
	}
	p := &partitionwise{rows: rows, compute: w.compute, calls: w, workers: w.workers, stages: &pieceStages{memory: b.account("OVER")}}
	if w.long = w.longCalls(); w.long != nil {
		p.openLong = w.openLong
	}
	return p, outputOf(n, columns), nil
}

// pickInOrder moves the first conjuncts of a filter directly above a window into the window, and returns their
// number. They read only results and what the calls read: these columns are in order before the others are
// gathered. columns are those of the window's input and the results.
func (b *builder) pickInOrder(input Operator, conjuncts []plan.Expr, compiled []expr.Evaluator, columns []*plan.Column) int {
	p, isPieces := input.(*partitionwise)
	if !isPieces || p.calls == nil || len(p.stages.stages) > 0 {
		return 0
	}
	results, taken := len(columns)-len(p.calls.calls), 0
	for _, e := range conjuncts {
		isInOrder := true
		plan.FreeColumns(e, func(c *plan.Column) {
			at, err := positionOf(columns, c)
			isInOrder = isInOrder && err == nil && (at >= results || slices.Contains(p.calls.reads, at))
		})
		if !isInOrder {
			break
		}
		taken++
	}
	p.calls.picks = append(p.calls.picks, compiled[:taken]...)
	return taken
}

// windowReads returns the positions of the columns that n's calls read, ascending.
func windowReads(n *plan.Window, columns []*plan.Column) ([]int, error) {
	read := map[int]*plan.Column{}
	note := func(c *plan.Column) {
		if c != nil {
			read[c.ID] = c
		}
	}
	for _, call := range n.Calls {
		for _, arg := range call.Args {
			plan.FreeColumns(arg, note)
		}
		for _, k := range call.OrderBy {
			note(k.Column)
		}
		f := call.Frame
		for _, c := range []*plan.Column{f.StartOffset, f.EndOffset, f.StartRange.Key, f.StartRange.Value, f.EndRange.Key, f.EndRange.Value} {
			note(c)
		}
	}
	positions, err := positionsOf(columns, slices.Collect(maps.Values(read)))
	slices.Sort(positions)
	return positions, err
}

func (b *builder) windowCall(call plan.WindowCall, columns []*plan.Column) (*windowCall, error) {
	c := &windowCall{node: call}
	var err error
	if c.args, c.lambdas, err = b.arguments(call.Args, columns); err != nil {
		return nil, err
	}
	if c.orderBy, err = sortKeys(call.OrderBy, columns); err != nil {
		return nil, err
	}
	if c.start, err = frameSide(call.Frame.Start, call.Frame.StartOffset, call.Frame.StartRange, columns); err != nil {
		return nil, err
	}
	if c.end, err = frameSide(call.Frame.End, call.Frame.EndOffset, call.Frame.EndRange, columns); err != nil {
		return nil, err
	}
	if impl, ok := call.Fn.Impl.(*function.AggregateImpl); ok {
		c.aggregate = impl
		return c, nil
	}
	w, ok := function.WindowByName(call.Fn.Name)
	if !ok {
		return nil, fmt.Errorf("exec: %s is no window function", call.Fn.Name)
	}
	c.window = w
	return c, nil
}

// looksAtPeers reports whether the call may look at peers, itself or in a frame that does not count rows.
func (c *windowCall) looksAtPeers() bool {
	hasFrame := c.aggregate != nil || c.window.Frame
	return c.window.Peers || hasFrame && c.node.Frame.Unit != plan.FrameRows
}
