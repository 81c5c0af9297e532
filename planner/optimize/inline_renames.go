package optimize

import "github.com/auditlake/auditlake/planner/plan"

// inlineRenames makes every use of a projected column that is a plain copy of
// another read that one. Projections afterwards pass columns on or compute
// them, but never rename.
func inlineRenames(_ *optimizer, n plan.Node) plan.Node {
	r := renames{}
	return r.rewrite(n)
}

// renames maps the copies to their originals.
type renames map[int]*plan.Column

func (r renames) rewrite(n plan.Node) plan.Node {
	n = mapInputs(n, r.rewrite)
	n = mapKeys(n, r.column)
	n = mapExpressions(n, r.expr)
	p, ok := n.(*plan.Project)
	if !ok {
		return n
	}
	var items []plan.Assignment
	passed := map[int]bool{}
	for _, item := range p.Items {
		ref, ok := item.Expr.(*plan.Ref)
		if !ok {
			items = append(items, item)
			continue
		}
		if ref.Column.ID != item.Column.ID {
			r[item.Column.ID] = ref.Column
		}
		if !passed[ref.Column.ID] {
			passed[ref.Column.ID] = true
			items = append(items, plan.Assignment{Column: ref.Column, Expr: ref})
		}
	}
	return &plan.Project{Input: p.Input, Items: items}
}

func (r renames) column(c *plan.Column) *plan.Column {
	if original, ok := r[c.ID]; ok {
		return original
	}
	return c
}

func (r renames) expr(e plan.Expr) plan.Expr {
	if len(r) == 0 {
		return e
	}
	if ref, ok := e.(*plan.Ref); ok {
		if original, ok := r[ref.Column.ID]; ok {
			return &plan.Ref{Column: original}
		}
		return e
	}
	return plan.MapChildren(e, r.expr)
}
