package exec

import (
	"maps"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/expr"
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
	condition, err := b.joinCondition(n, leftColumns, rightColumns)
	if err != nil {
		return nil, nil, err
	}
	if n.Kind == plan.SemiMark {
		var leftFirst *ahead
		if n.LeftFirst {
			leftFirst = &ahead{input: left, memory: b.account("IN or EXISTS")}
		}
		return &semiJoin{leftFirst: leftFirst, left: left, right: right, rightColumns: rightColumns, leftKeys: leftAt, rightKeys: rightAt,
			condition: condition, nullAware: n.NullAware, filters: filters, memory: b.account("IN or EXISTS"),
		}, append(append([]*plan.Column{}, leftColumns...), n.Mark), nil
	}
	return &hashJoin{kind: n.Kind, left: left, right: right, leftColumns: leftColumns, rightColumns: rightColumns,
			leftKeys: leftAt, rightKeys: rightAt, condition: condition, filters: filters, memory: b.account("JOIN"), out: b.account("JOIN")},
		append(append([]*plan.Column{}, leftColumns...), rightColumns...), nil
}

// joinCondition compiles the condition of a join besides its keys.
func (b *builder) joinCondition(n *plan.Join, leftColumns, rightColumns []*plan.Column) (joinCondition, error) {
	if n.Residual == nil {
		return joinCondition{}, nil
	}
	both := append(append([]*plan.Column{}, leftColumns...), rightColumns...)
	c := joinCondition{terms: plan.Conjuncts(n.Residual)}
	c.compile = func(terms []plan.Expr) (*pairFilter, error) { return b.pairFilter(terms, both) }
	var err error
	if c.whole, err = c.compile(c.terms); err != nil {
		return c, err
	}
	for _, bound := range n.Bounds() {
		compiled := joinBound{JoinBound: bound}
		if compiled.right, err = expr.Compile(bound.Right, layoutFor(bound.Right, rightColumns), b.env.Function); err != nil {
			return c, err
		}
		if compiled.left, err = expr.Compile(bound.Left, layoutFor(bound.Left, leftColumns), b.env.Function); err != nil {
			return c, err
		}
		c.bounds = append(c.bounds, compiled)
	}
	return c, nil
}

// pairFilter compiles terms over the columns of both sides; nil for none.
func (b *builder) pairFilter(terms []plan.Expr, both []*plan.Column) (*pairFilter, error) {
	if len(terms) == 0 {
		return nil, nil
	}
	condition := plan.Expr(&plan.Special{Form: plan.And, Args: terms, T: types.BooleanType})
	if len(terms) == 1 {
		condition = terms[0]
	}
	at := layoutFor(condition, both)
	compiled, err := expr.Compile(condition, at, b.env.Function)
	if err != nil {
		return nil, err
	}
	return &pairFilter{condition: compiled, reads: slices.Sorted(maps.Values(at))}, nil
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
// spreads reports whether an item's array of rows becomes one column per field.
func spreads(item plan.UnnestItem) bool {
	t := item.Column.Type
	return t.Kind == types.Array && t.Elem.Kind == types.Row
}
