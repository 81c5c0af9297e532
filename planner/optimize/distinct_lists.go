package optimize

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
)

// distinctLists turns array_distinct(array_agg(x)) into array_agg(DISTINCT x), which stores no value twice. Both
// return the values in the order of their first occurrence. A list that anything else reads stays.
func distinctLists(_ *optimizer, n plan.Node) plan.Node {
	return rewriteUp(n, func(n plan.Node) plan.Node {
		p, ok := n.(*plan.Project)
		if !ok {
			return n
		}
		below := p.Input
		for f, isFilter := below.(*plan.Filter); isFilter; f, isFilter = below.(*plan.Filter) {
			below = f.Input
		}
		a, ok := below.(*plan.Aggregate)
		if !ok {
			return n
		}
		lists := collectedLists(a)
		if len(lists) == 0 {
			return n
		}
		eachReader(p, lists.dropOthers)
		if len(lists) == 0 {
			return n
		}
		return withDistinctLists(p, lists)
	})
}

// eachReader calls f for each expression that reads the aggregation below n; n is a projection or a filter above
// it.
func eachReader(n plan.Node, f func(plan.Expr)) {
	if _, isAggregate := n.(*plan.Aggregate); isAggregate {
		return
	}
	plan.VisitExprs(n, f)
	eachReader(plan.Inputs(n)[0], f)
}

// collectedLists returns the columns of aggregates that list all values in the order of their rows.
func collectedLists(a *plan.Aggregate) columnSet {
	lists := columnSet{}
	for _, call := range a.Aggs {
		if call.Fn.Name == "array_agg" && !call.Distinct && len(call.OrderBy) == 0 {
			lists[call.Column.ID] = true
		}
	}
	return lists
}

// dropOthers removes the columns that e reads other than as array_distinct(column).
func (s columnSet) dropOthers(e plan.Expr) {
	plan.Walk(e, func(e plan.Expr) bool {
		if s.distinctOf(e) != nil {
			return false
		}
		if ref, ok := e.(*plan.Ref); ok {
			delete(s, ref.Column.ID)
		}
		return true
	})
}

// distinctOf returns the column if e is array_distinct(column) and the column is in s, else nil.
func (s columnSet) distinctOf(e plan.Expr) *plan.Ref {
	call, ok := e.(*plan.Call)
	if !ok || call.Fn.Name != "array_distinct" {
		return nil
	}
	if ref, isColumn := call.Args[0].(*plan.Ref); isColumn && s[ref.Column.ID] {
		return ref
	}
	return nil
}

// withDistinctLists returns n with an aggregation that collects the lists without repeated values.
func withDistinctLists(n plan.Node, lists columnSet) plan.Node {
	if a, ok := n.(*plan.Aggregate); ok {
		c := *a
		c.Aggs = slices.Clone(a.Aggs)
		for i := range c.Aggs {
			c.Aggs[i].Distinct = c.Aggs[i].Distinct || lists[c.Aggs[i].Column.ID]
		}
		return &c
	}
	var listed func(e plan.Expr) plan.Expr
	listed = func(e plan.Expr) plan.Expr {
		if list := lists.distinctOf(e); list != nil {
			return list
		}
		return plan.MapChildren(e, listed)
	}
	return n.MapExprs(listed).MapInputs(func(n plan.Node) plan.Node { return withDistinctLists(n, lists) })
}
