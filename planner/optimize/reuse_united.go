package optimize

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
)

// shareUnited computes two groupings of the same rows by the same keys once, with the aggregates of both. An
// example is a WITH query of when things began and ended: one reader needs the beginnings, another one the ends. As
// in shareNarrower, nothing is shared if the plan has a LIMIT or an aggregate may fail.
func (r *reuse) shareUnited() {
	if r.hasLimit {
		return
	}
	alike := map[uint64][]*plan.Aggregate{}
	for _, x := range r.nodes {
		if a, ok := x.node.(*plan.Aggregate); ok && r.isWhole(a) && mayUnite(a) {
			alike[x.shape] = append(alike[x.shape], a)
		}
	}
	for _, x := range r.nodes {
		some := alike[x.shape]
		a, _ := x.node.(*plan.Aggregate)
		at := slices.Index(some, a)
		if at < 0 || len(some) > maxAlike {
			continue
		}
		for _, b := range some[at+1:] {
			s := plan.Sameness{}
			if r.isWhole(a) && r.isWhole(b) && r.replaced[b] == nil && r.isApart(a, b) && s.SamePlans(a.Input, b.Input) {
				r.unite(a, b, s)
			}
		}
	}
}

// mayUnite reports whether a is a grouping by keys whose aggregates cannot fail.
func mayUnite(a *plan.Aggregate) bool {
	return a.Sets == nil && a.RowNumber == nil && len(a.Keys) > 0 && !slices.ContainsFunc(a.Aggs, func(call plan.AggCall) bool { return !isTotalAggregate(call) })
}

// unite takes b's rows from those of a, which gets b's aggregates, if both group by the same keys. s maps the
// columns of b's input to those of a's.
func (r *reuse) unite(a, b *plan.Aggregate, s plan.Sameness) {
	r.checkCancelled()
	if len(a.Keys) != len(b.Keys) || a.Counts != b.Counts {
		return
	}
	moved, ok := ofFirst(b, s)
	if !ok {
		return
	}
	var of []int
	for _, key := range moved.Keys {
		at := slices.IndexFunc(a.Keys, func(k *plan.Column) bool { return k.ID == key.ID })
		if at < 0 || slices.Contains(of, at) {
			return
		}
		of = append(of, at)
	}
	first := a // with the aggregates that it already got from others
	shared := r.replaced[a]
	if shared != nil {
		first = shared.Input.(*plan.Aggregate)
	}
	both := *first
	both.Aggs = slices.Clone(first.Aggs)
	for _, call := range moved.Aggs {
		at := slices.IndexFunc(both.Aggs, func(other plan.AggCall) bool { return isSameCall(other, call) })
		if at < 0 {
			at = len(both.Aggs)
			call.Column = r.newColumn(call.Column.Name, call.Column.Type)
			both.Aggs = append(both.Aggs, call)
		}
		of = append(of, len(a.Keys)+at)
	}
	columns := both.Columns()
	if r.estimateRows(a)*float64(len(columns)) > maxReusedValues {
		return
	}
	if shared == nil {
		r.last++
		shared = &plan.Reuse{Number: r.last, First: true}
	}
	for n, reader := range r.replaced {
		if reader.Number == shared.Number && reader.Of == nil && !reader.First {
			other := *reader
			other.Of = upTo(len(reader.Cols)) // the new columns begin with these
			r.replaced[n] = &other
		}
	}
	r.replacePart(a, &plan.Reuse{Number: shared.Number, Input: &both, Cols: columns, First: true})
	r.replacePart(b, &plan.Reuse{Number: shared.Number, Input: b, Cols: b.Columns(), Of: of})
}

func upTo(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// ofFirst returns b over the columns of another plan that returns the same rows as b's input; s maps the columns.
// It returns false if s lacks a column.
func ofFirst(b *plan.Aggregate, s plan.Sameness) (*plan.Aggregate, bool) {
	isKnown := true
	first := func(c *plan.Column) *plan.Column {
		own := s[c.ID]
		if own == nil {
			isKnown = false
			return c
		}
		return own
	}
	same := map[int]plan.Expr{}
	for id, c := range s {
		same[id] = &plan.Ref{Column: c}
	}
	plan.VisitExprs(b, func(e plan.Expr) { plan.FreeColumns(e, func(c *plan.Column) { first(c) }) })
	moved := b.MapExprs(func(e plan.Expr) plan.Expr { return plan.Substitute(e, same) }).MapColumns(first).(*plan.Aggregate)
	return moved, isKnown
}

// isSameCall reports whether two calls over the same columns compute the same aggregate.
func isSameCall(a, b plan.AggCall) bool {
	sameFilter := a.Filter == b.Filter || a.Filter != nil && b.Filter != nil && a.Filter.ID == b.Filter.ID
	return sameFilter && a.Distinct == b.Distinct && len(a.OrderBy)+len(b.OrderBy) == 0 &&
		plan.Equal(&plan.Call{Fn: a.Fn, Args: a.Args}, &plan.Call{Fn: b.Fn, Args: b.Args})
}
