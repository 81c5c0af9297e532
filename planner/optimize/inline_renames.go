package optimize

import "github.com/auditlake/auditlake/planner/plan"

// inlineRenames replaces every use of a projected column that only copies another column by a use of that other
// column. After it, projections pass columns on or compute them, but never rename.
func inlineRenames(_ *optimizer, n plan.Node) plan.Node {
	r := renames{originals: map[int]*plan.Column{}, apart: columnSet{}}
	visitNodes(n, r.keepApart)
	return r.inlineNode(n)
}

type renames struct {
	originals map[int]*plan.Column // by the ID of a copy
	// apart are the keys of several grouping sets. No two of them may become one column, because each set makes
	// different keys NULL.
	apart columnSet
}

// keepApart notes the columns that a node needs kept apart. Nodes are visited before their inputs.
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

func (r renames) inlineNode(n plan.Node) plan.Node { return r.inlineRead(n.MapInputs(r.inlineNode)) }

// inlineRead makes a node read the originals of copies, and notes the copies that the node makes.
func (r renames) inlineRead(n plan.Node) plan.Node {
	n = n.MapColumns(r.originalOf)
	n = n.MapExprs(r.inlineExpr)
	if a, ok := n.(*plan.Aggregate); ok && a.Sets == nil {
		return withoutRepeatedKeys(a)
	}
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

// withoutRepeatedKeys returns the grouping with each key once.
func withoutRepeatedKeys(a *plan.Aggregate) plan.Node {
	keys, seen := []*plan.Column(nil), columnSet{}
	for _, k := range a.Keys {
		if !seen[k.ID] {
			seen[k.ID] = true
			keys = append(keys, k)
		}
	}
	if len(keys) == len(a.Keys) {
		return a
	}
	c := *a
	c.Keys = keys
	return &c
}

func (r renames) originalOf(c *plan.Column) *plan.Column {
	if original, ok := r.originals[c.ID]; ok {
		return original
	}
	return c
}

func (r renames) inlineExpr(e plan.Expr) plan.Expr {
	if len(r.originals) == 0 {
		return e
	}
	if ref, ok := e.(*plan.Ref); ok {
		if original, ok := r.originals[ref.Column.ID]; ok {
			return &plan.Ref{Column: original}
		}
		return e
	}
	return plan.MapChildren(e, r.inlineExpr)
}
