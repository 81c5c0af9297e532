package optimize

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// orderScanFilters puts conjuncts of a scan's filter that are cheap and drop many rows before the others. A
// conjunct that may fail keeps its place: it is computed for exactly the rows that the conjuncts written before it
// keep. Conjuncts that compare a column of a store with constants come before all others, as in Trino with
// connectors that take ranges of columns.
func orderScanFilters(o *optimizer, n plan.Node) plan.Node {
	return rewriteUp(n, func(n plan.Node) plan.Node {
		s, ok := n.(*plan.Scan)
		if !ok || s.Filter == nil {
			return n
		}
		conjuncts := plan.Conjuncts(s.Filter)
		left := conjuncts
		if s.Table.Store {
			slices.SortStableFunc(conjuncts, func(a, b plan.Expr) int { return domainRank(a) - domainRank(b) })
			if end := slices.IndexFunc(conjuncts, func(e plan.Expr) bool { return domainRank(e) > 0 }); end > 0 {
				slices.SortStableFunc(conjuncts[:end], func(a, b plan.Expr) int { return filterRank(a) - filterRank(b) })
				left = conjuncts[end:]
			}
		}
		o.sortByRank(left, filterRank)
		c := *s
		c.Filter = conjunction(conjuncts)
		return &c
	})
}

// orderJoinFilters puts the terms of a join's condition that read no texts, rows or lists first, because those are
// copied for each pair of rows that is tested. A term that may fail keeps its place, as in orderScanFilters.
func orderJoinFilters(o *optimizer, n plan.Node) plan.Node {
	return rewriteUp(n, func(n plan.Node) plan.Node {
		j, ok := n.(*plan.Join)
		if !ok || j.Residual == nil {
			return n
		}
		terms := plan.Conjuncts(j.Residual)
		o.sortByRank(terms, func(e plan.Expr) int {
			if plan.ReadsFixedWidth(e) {
				return 0
			}
			return 1
		})
		c := *j
		c.Residual = conjunction(terms)
		return &c
	})
}

// sortByRank sorts each run of conjuncts between two that may fail by rank.
func (o *optimizer) sortByRank(conjuncts []plan.Expr, rank func(plan.Expr) int) {
	for len(conjuncts) > 0 {
		end := slices.IndexFunc(conjuncts, o.canFail)
		if end < 0 {
			end = len(conjuncts)
		}
		slices.SortStableFunc(conjuncts[:end], func(a, b plan.Expr) int { return rank(a) - rank(b) })
		conjuncts = conjuncts[min(end+1, len(conjuncts)):]
	}
}

// The ranks of conjuncts.
const (
	rankNumber = iota // fixed-width comparison with a constant
	rankEqual         // text equal to constants
	rankSimple        // other comparisons with constants, NULL tests
	rankLike
	rankSafe // AND, OR, NOT of these
	rankDear
)

// domainRank is 0 for a comparison of a column with constants, 1 for others.
func domainRank(e plan.Expr) int {
	if filterRank(e) <= rankSimple {
		return 0
	}
	return 1
}

func filterRank(e plan.Expr) int {
	switch e := e.(type) {
	case *plan.Ref:
		return rankSimple
	case *plan.Call:
		return callRank(e)
	case *plan.Special:
		switch e.Form {
		case plan.IsNull:
			if isField(e.Args[0]) {
				return rankSimple
			}
		case plan.In:
			if isField(e.Args[0]) && allConstants(e.Args[1:]) {
				return rankEqual
			}
		case plan.And, plan.Or, plan.Not:
			for _, arg := range e.Args {
				if filterRank(arg) == rankDear {
					return rankDear
				}
			}
			return rankSafe
		}
	}
	return rankDear
}

func callRank(e *plan.Call) int {
	if len(e.Args) < 2 || !isField(e.Args[0]) && !isField(e.Args[1]) || !allConstants(fieldsOut(e.Args)) {
		return rankDear
	}
	t := e.Args[0].Type()
	scalar := t.Kind < types.Array
	switch e.Fn.Name {
	case types.OpLike:
		if len(e.Args) == 2 {
			return rankLike
		}
	case types.OpEqual, types.OpLess, types.OpLessEqual, types.OpGreater, types.OpGreaterEq:
		switch {
		case !scalar:
			return rankDear // a NULL inside a nested value has no order
		case !t.IsText():
			return rankNumber
		case e.Fn.Name == types.OpEqual:
			return rankEqual
		}
		return rankSimple
	case types.OpNotEqual, types.OpDistinct:
		if scalar {
			return rankSimple
		}
	}
	return rankDear
}

// isField reports whether e is a column or a field of one.
func isField(e plan.Expr) bool {
	c, _ := chain(e)
	return c != nil
}

func fieldsOut(args []plan.Expr) []plan.Expr {
	return slices.DeleteFunc(slices.Clone(args), isField)
}

func allConstants(list []plan.Expr) bool {
	return !slices.ContainsFunc(list, func(e plan.Expr) bool {
		_, ok := e.(*plan.Const)
		return !ok
	})
}
