package optimize

import (
	"math"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// limitRanked gives a window that only ranks rows just the first ones of each
// partition, if the filter on it keeps no others: the ranks of these do not depend on
// the rows after them.
func limitRanked(f *plan.Filter) plan.Node {
	w, ok := f.Input.(*plan.Window)
	if !ok {
		return f
	}
	for _, call := range w.Calls {
		if _, ok := plan.RankingByName(call.Fn.Name); !ok {
			return f
		}
	}
	for _, condition := range plan.Conjuncts(f.Predicate) {
		for _, call := range w.Calls {
			if count, ok := atMost(condition, call.Column); ok {
				return limitedWindow(f, w, call, count)
			}
		}
	}
	return f
}

// limitedWindow returns the filter over a window of which only ranks up to count are
// wanted.
func limitedWindow(f *plan.Filter, w *plan.Window, call plan.WindowCall, count int64) plan.Node {
	if count <= 0 {
		return &plan.Filter{Input: f.Input, Predicate: boolean(false)}
	}
	limited := *w
	ranking, _ := plan.RankingByName(call.Fn.Name)
	switch {
	case len(w.OrderBy) == 0 && ranking != plan.RowNumber: // all rows of a partition are the first
		return f
	case len(w.PartitionBy) > 0 || ranking == plan.DenseRank:
		limited.Input = &plan.PartitionTopN{Input: w.Input, PartitionBy: w.PartitionBy, Keys: w.OrderBy, Ranking: ranking, Count: count}
	case len(w.OrderBy) == 0:
		limited.Input = pushLimit(&plan.Limit{Input: w.Input, Count: count})
	default:
		limited.Input = pushTopN(&plan.TopN{Input: w.Input, Keys: w.OrderBy, Count: count, WithTies: ranking == plan.Rank})
	}
	return &plan.Filter{Input: &limited, Predicate: f.Predicate}
}

// atMost recognises conditions that bound a column from above.
func atMost(e plan.Expr, c *plan.Column) (count int64, ok bool) {
	if in, ok := e.(*plan.Special); ok && in.Form == plan.In {
		return greatestOf(in.Args, c)
	}
	call, isCall := e.(*plan.Call)
	if !isCall || len(call.Args) != 2 {
		return 0, false
	}
	left, right, op := call.Args[0], call.Args[1], call.Fn.Name
	if refersTo(right, c) {
		left, right = right, left
		op = map[string]string{types.OpEqual: op, types.OpGreaterEq: types.OpLessEqual, types.OpGreater: types.OpLess}[op]
	}
	if !refersTo(left, c) {
		return 0, false
	}
	count, ok = integerOf(right)
	switch op {
	case types.OpEqual, types.OpLessEqual:
		return count, ok
	case types.OpLess:
		return count - 1, ok && count > math.MinInt64
	}
	return 0, false
}

// greatestOf returns the greatest constant of c IN (…).
func greatestOf(args []plan.Expr, c *plan.Column) (greatest int64, ok bool) {
	greatest = math.MinInt64
	for _, item := range args[1:] {
		value, ok := integerOf(item)
		if !ok {
			return 0, false
		}
		greatest = max(greatest, value)
	}
	return greatest, refersTo(args[0], c)
}

func refersTo(e plan.Expr, c *plan.Column) bool {
	ref, ok := e.(*plan.Ref)
	return ok && ref.Column.ID == c.ID
}

func integerOf(e plan.Expr) (int64, bool) {
	c, ok := e.(*plan.Const)
	if !ok {
		return 0, false
	}
	value, ok := c.Value.V.(int64)
	return value, ok
}
