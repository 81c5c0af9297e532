package exec

import (
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/expr"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

func (b *builder) join(n *plan.Join) (Operator, []*plan.Column, error) {
	filters := b.feed(n)
	left, leftColumns, err := b.build(n.Left)
	if err != nil {
		return nil, nil, err
	}
	right, rightColumns, err := b.build(n.Right)
	if err != nil {
		return nil, nil, err
	}
	var leftKeys, rightKeys []*plan.Column
	for _, k := range n.Equal {
		leftKeys, rightKeys = append(leftKeys, k.Left), append(rightKeys, k.Right)
	}
	leftAt, err := positionsOf(leftColumns, leftKeys)
	if err != nil {
		return nil, nil, err
	}
	rightAt, err := positionsOf(rightColumns, rightKeys)
	if err != nil {
		return nil, nil, err
	}
	both := append(append([]*plan.Column{}, leftColumns...), rightColumns...)
	var residual expr.Evaluator
	if n.Residual != nil {
		if residual, err = expr.Compile(n.Residual, layoutFor(n.Residual, both), b.env.Function); err != nil {
			return nil, nil, err
		}
	}
	if n.Kind == plan.SemiMark {
		var leftFirst *ahead
		if n.LeftFirst {
			leftFirst = &ahead{input: left, memory: b.account("IN or EXISTS")}
		}
		return &semiJoin{leftFirst: leftFirst, left: left, right: right, rightColumns: rightColumns, leftKeys: leftAt, rightKeys: rightAt,
			residual: residual, nullAware: n.NullAware, filters: filters, memory: b.account("IN or EXISTS"),
		}, append(append([]*plan.Column{}, leftColumns...), n.Mark), nil
	}
	return &hashJoin{kind: n.Kind, left: left, right: right, leftColumns: leftColumns, rightColumns: rightColumns,
		leftKeys: leftAt, rightKeys: rightAt, residual: residual, filters: filters, memory: b.account("JOIN"), out: b.account("JOIN")}, both, nil
}

func (b *builder) setOp(n *plan.SetOp) (Operator, []*plan.Column, error) {
	inputs := make([]Operator, len(n.From))
	for i, from := range n.From {
		input, columns, err := b.build(from)
		if err != nil {
			return nil, nil, err
		}
		positions, err := positionsOf(columns, n.Map[i])
		if err != nil {
			return nil, nil, err
		}
		inputs[i] = &pick{input: input, positions: positions}
	}
	rows := newGrouper(columnTypes(n.Cols))
	count := &setCount{inputs: inputs, all: !n.Distinct, rows: rows, memory: b.account("INTERSECT or EXCEPT")}
	rows.memory = count.memory
	switch {
	case n.Kind == plan.Union && n.Distinct:
		return &distinct{input: &concatenation{inputs: inputs}, seen: rows, memory: b.account("UNION")}, n.Cols, nil
	case n.Kind == plan.Union:
		return &concatenation{inputs: inputs}, n.Cols, nil
	case n.Kind == plan.Intersect && n.Distinct:
		count.copies = intersectDistinct
	case n.Kind == plan.Intersect:
		count.copies = intersectAll
	case n.Distinct:
		count.copies = exceptDistinct
	default:
		count.copies = exceptAll
	}
	return count, n.Cols, nil
}

func columnTypes(columns []*plan.Column) []arrow.DataType {
	out := make([]arrow.DataType, len(columns))
	for i, c := range columns {
		out[i] = arrowtype.Of(c.Type)
	}
	return out
}

// newWindow returns a window that sorts its input, without calls and memory yet.
func newWindow(input Operator, columns, partitionBy []*plan.Column, orderBy []plan.SortKey) (*window, error) {
	partitions, err := positionsOf(columns, partitionBy)
	if err != nil {
		return nil, err
	}
	keys, err := sortKeys(orderBy, columns)
	if err != nil {
		return nil, err
	}
	return &window{input: input, columns: columns, partitionBy: partitions, orderBy: keys}, nil
}

func (b *builder) window(n *plan.Window, input Operator, columns []*plan.Column) (Operator, []*plan.Column, error) {
	w, err := newWindow(input, columns, n.PartitionBy, n.OrderBy)
	if err != nil {
		return nil, nil, err
	}
	w.env, w.memory, w.pool = b.env.Function, b.account("OVER"), b.env.Memory
	for _, call := range n.Calls {
		c, err := b.windowCall(call, columns)
		if err != nil {
			return nil, nil, err
		}
		w.calls = append(w.calls, c)
	}
	return w, outputOf(n, columns), nil
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

// spreads reports whether an item's array of rows becomes one column per field.
func spreads(item plan.UnnestItem) bool {
	t := item.Column.Type
	return t.Kind == types.Array && t.Elem.Kind == types.Row
}
