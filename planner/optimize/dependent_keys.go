package optimize

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
)

// dependentKeys removes the keys of an aggregation that are computed from its other keys. Rows that agree in the
// others agree in these too. A projection above the aggregation computes them once per group instead of once per
// row.
func dependentKeys(o *optimizer, n plan.Node) plan.Node {
	return rewriteUp(n, func(n plan.Node) plan.Node {
		a, ok := n.(*plan.Aggregate)
		if !ok || a.Sets != nil || a.RowNumber != nil {
			return n
		}
		p, ok := a.Input.(*plan.Project)
		if !ok {
			return n
		}
		return o.withoutDependentKeys(a, p)
	})
}

// withoutDependentKeys returns a, the aggregation of p's rows, without the dependent keys, below a projection that
// computes them.
func (o *optimizer) withoutDependentKeys(a *plan.Aggregate, p *plan.Project) plan.Node {
	keys, told := setOf(a.Keys), columnSet{}
	for _, item := range p.Items {
		if ref, ok := item.Expr.(*plan.Ref); ok && ref.Column.ID == item.Column.ID && keys[ref.Column.ID] && isOneValue(ref.Type()) {
			told[ref.Column.ID] = true
		}
	}
	if len(told) == 0 || len(told) == len(keys) {
		return a
	}
	read := columnsOfAggs(a)
	var moved []plan.Assignment
	below := *p
	below.Items = slices.DeleteFunc(slices.Clone(p.Items), func(item plan.Assignment) bool {
		id := item.Column.ID
		isDependent := keys[id] && !told[id] && !read[id] && told.reads(item.Expr) && plan.IsDeterministic(item.Expr) && !o.canFail(item.Expr)
		if isDependent {
			moved = append(moved, item)
		}
		return isDependent
	})
	if len(moved) == 0 {
		return a
	}
	grouped := *a
	grouped.Input = &below
	grouped.Keys = slices.DeleteFunc(slices.Clone(a.Keys), func(k *plan.Column) bool {
		return slices.ContainsFunc(moved, func(m plan.Assignment) bool { return m.Column.ID == k.ID })
	})
	return &plan.Project{Input: &grouped, Items: append(passAll(grouped.Columns()), moved...)}
}

// columnsOfAggs returns the input columns that the aggregates of a read.
func columnsOfAggs(a *plan.Aggregate) columnSet {
	aggs := *a
	aggs.Keys = nil
	read := columnSet{}
	read.addReads(&aggs)
	return read
}
