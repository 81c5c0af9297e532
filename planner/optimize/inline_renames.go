package optimize

import "github.com/auditlake/auditlake/planner/plan"

// inlineRenames makes every use of a projected column that is a plain copy of
// another read that one. Projections afterwards pass columns on or compute
// them, but never rename.
func inlineRenames(_ *optimizer, n plan.Node) plan.Node {
	r := renames{originals: map[int]*plan.Column{}, apart: columnSet{}}
	visitNodes(n, r.keepApart)
	return r.rewrite(n)
}

type renames struct {
	originals map[int]*plan.Column // by the ID of a copy
	// apart are columns of which no two may become one: the keys of several
	// grouping sets, of which each set makes others NULL.
	apart columnSet
}

// keepApart notes what a node, seen before its inputs, wants kept apart.
func (r renames) keepApart(n plan.Node) {
	switch n := n.(type) {
	case *plan.Aggregate:
		if n.Sets != nil {
			for _, key := range n.Keys {
				r.apart[key.ID] = true
			}
		}
	case *plan.Project:
		for _, item := range n.Items {
			if ref, ok := item.Expr.(*plan.Ref); ok && r.apart[item.Column.ID] {
				r.apart[ref.Column.ID] = true
			}
		}
	}
}

func (r renames) rewrite(n plan.Node) plan.Node {
	n = plan.MapInputs(n, r.rewrite)
	n = n.MapColumns(r.column)
	n = n.MapExprs(r.expr)
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
			if passed[ref.Column.ID] && r.apart[item.Column.ID] {
				items = append(items, item)
				continue
			}
			r.originals[item.Column.ID] = ref.Column
		}
		if !passed[ref.Column.ID] {
			passed[ref.Column.ID] = true
			items = append(items, plan.Assignment{Column: ref.Column, Expr: ref})
		}
	}
	return &plan.Project{Input: p.Input, Items: items}
}

func (r renames) column(c *plan.Column) *plan.Column {
	if original, ok := r.originals[c.ID]; ok {
		return original
	}
	return c
}

func (r renames) expr(e plan.Expr) plan.Expr {
	if len(r.originals) == 0 {
		return e
	}
	if ref, ok := e.(*plan.Ref); ok {
		if original, ok := r.originals[ref.Column.ID]; ok {
			return &plan.Ref{Column: original}
		}
		return e
	}
	return plan.MapChildren(e, r.expr)
}
