package plan

import (
	"slices"

	"github.com/auditlake/auditlake/planner/types"
)

// JoinBound is a term of a join's condition that bounds a right row's value by a left row's, such as b.t <= a.t +
// INTERVAL '1' HOUR.
type JoinBound struct {
	Term Expr
	// Operator compares Right with Left, in this order.
	Operator    string
	Right, Left Expr
}

// mirroredOrder maps an operator to the one that means the same with its sides exchanged.
var mirroredOrder = map[string]string{
	types.OpLess: types.OpGreater, types.OpGreater: types.OpLess,
	types.OpLessEqual: types.OpGreaterEq, types.OpGreaterEq: types.OpLessEqual,
}

// Bounds returns the terms of the condition that bound values of right rows. The terms of the value by which right
// rows are best ordered come first. That is a value bounded on both sides, if there is one.
func (n *Join) Bounds() []JoinBound {
	if n.Residual == nil || n.NullAware {
		return nil
	}
	terms := Conjuncts(n.Residual)
	if !slices.ContainsFunc(terms, func(e Expr) bool { return boundOf(e) != nil }) {
		return nil // the sides' columns need not be listed
	}
	left, right := columnsIn(n.Left.Columns()), columnsIn(n.Right.Columns())
	if left == nil || right == nil {
		return nil
	}
	var bounds []JoinBound
	for _, term := range terms {
		b := boundOf(term)
		switch {
		case b == nil:
		case readsOf(b.Right, right) && readsOf(b.Left, left):
			bounds = append(bounds, *b)
		case readsOf(b.Right, left) && readsOf(b.Left, right):
			b.Operator, b.Right, b.Left = mirroredOrder[b.Operator], b.Left, b.Right
			bounds = append(bounds, *b)
		}
	}
	return bestFirst(bounds)
}

// boundOf returns the sides of a comparison of ordered values, nil for other terms.
func boundOf(term Expr) *JoinBound {
	call, ok := term.(*Call)
	if !ok || mirroredOrder[call.Fn.Name] == "" || !IsDeterministic(term) {
		return nil
	}
	right, left := call.Args[0], call.Args[1]
	if !right.Type().Equal(left.Type()) || !hasTotalOrder(right.Type()) {
		return nil
	}
	return &JoinBound{Term: term, Operator: call.Fn.Name, Right: right, Left: left}
}

// hasTotalOrder reports whether all values of a type other than NULL and NaN have one order, and comparing them
// cannot fail.
func hasTotalOrder(t *types.Type) bool {
	switch t.Kind {
	case types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Real, types.Double, types.Decimal,
		types.Varchar, types.Date, types.Time, types.Timestamp, types.TimestampTZ, types.IntervalDay, types.IntervalYear:
		return true
	}
	return false
}

// readsOf reports whether e reads columns and all of them are of one side.
func readsOf(e Expr, side func(*Column) bool) bool {
	some, all := false, true
	FreeColumns(e, func(c *Column) { some, all = true, all && side(c) })
	return some && all
}

// bestFirst moves the bounds of one right value to the front: of the first value that is bounded from below and
// above, or else of the first value.
func bestFirst(bounds []JoinBound) []JoinBound {
	if len(bounds) == 0 {
		return nil
	}
	best := bounds[0].Right
	for _, b := range bounds {
		below, above := false, false
		for _, other := range bounds {
			if Equal(other.Right, b.Right) {
				low := other.Operator == types.OpGreater || other.Operator == types.OpGreaterEq
				below, above = below || low, above || !low
			}
		}
		if below && above {
			best = b.Right
			break
		}
	}
	rank := func(b JoinBound) int {
		if Equal(b.Right, best) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(bounds, func(a, b JoinBound) int { return rank(a) - rank(b) })
	return bounds
}
