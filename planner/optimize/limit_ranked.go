package optimize

import (
	"math"
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// limitRanked limits the input of a ranking window to the first rows of each partition, if the filter on it keeps
// no others. The ranks of these rows do not depend on later rows. If only rank 1 is kept, the window is dropped.
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
	conditions := plan.Conjuncts(f.Predicate)
	for i, condition := range conditions {
		for _, call := range w.Calls {
			count, ok := atMost(condition, call.Column)
			if !ok {
				continue
			}
			if count <= 0 {
				return &plan.Filter{Input: f.Input, Predicate: boolean(false)}
			}
			ranking, _ := plan.RankingByName(call.Fn.Name)
			firsts := firstRanked(w, ranking, count)
			switch {
			case firsts == nil:
				return f
			case count == 1 && allRankOne(w, ranking):
				return filtered(rankedOne(firsts, w), slices.Delete(conditions, i, i+1))
			}
			limited := *w
			limited.Input = firsts
			return &plan.Filter{Input: &limited, Predicate: f.Predicate}
		}
	}
	return f
}

// firstRanked returns the rows of a window's input whose rank is at most count, which is positive. It returns nil
// if these are all rows.
func firstRanked(w *plan.Window, ranking plan.Ranking, count int64) plan.Node {
	switch {
	case len(w.OrderBy) == 0 && ranking != plan.RowNumber: // all rows of a partition are the first
		return nil
	case len(w.PartitionBy) > 0 || ranking == plan.DenseRank:
		return &plan.PartitionTopN{Input: w.Input, PartitionBy: w.PartitionBy, Keys: w.OrderBy, Ranking: ranking, Count: count}
	case len(w.OrderBy) == 0:
		return pushLimit(&plan.Limit{Input: w.Input, Count: count})
	}
	return pushTopN(&plan.TopN{Input: w.Input, Keys: w.OrderBy, Count: count, WithTies: ranking == plan.Rank})
}

// allRankOne reports whether all calls of a window are 1 for the rows that have rank 1 by ranking. row_number is 1
// only for the first row, the others for all its peers.
func allRankOne(w *plan.Window, ranking plan.Ranking) bool {
	return ranking == plan.RowNumber || !slices.ContainsFunc(w.Calls, func(call plan.WindowCall) bool {
		of, _ := plan.RankingByName(call.Fn.Name)
		return of == plan.RowNumber
	})
}

// rankedOne returns the window's result for rows whose ranks are all 1.
func rankedOne(rows plan.Node, w *plan.Window) plan.Node {
	items := passAll(rows.Columns())
	for _, call := range w.Calls {
		items = append(items, plan.Assignment{Column: call.Column, Expr: constant(types.Value{Type: call.Column.Type, V: int64(1)})})
	}
	return &plan.Project{Input: rows, Items: items}
}

// atMost recognises conditions that bound a column from above, and returns the bound.
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
