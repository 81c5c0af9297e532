package optimize

import "github.com/auditlake/auditlake/planner/plan"

// removeProjections drops projections that only pass their input's columns on
// (columns are told apart by ID, so their order means nothing), and joins two
// in a row where no expression would be computed twice.
func removeProjections(_ *optimizer, n plan.Node) plan.Node {
	return rewriteUp(n, func(n plan.Node) plan.Node {
		p, ok := n.(*plan.Project)
		if !ok {
			return n
		}
		if inner, ok := p.Input.(*plan.Project); ok && mergeable(p, inner) {
			p = merge(p, inner)
		}
		if passesAll(p) {
			return p.Input
		}
		return p
	})
}

func passesAll(p *plan.Project) bool {
	for _, item := range p.Items {
		if !item.PassesOn() {
			return false
		}
	}
	return len(p.Items) == len(p.Input.Columns())
}

// mergeable: every computed column of inner is read at most once, and not
// where it might be skipped or repeated (inside a lambda or a special form).
func mergeable(outer, inner *plan.Project) bool {
	uses := map[int]int{}
	for _, item := range outer.Items {
		countUses(item.Expr, 1, uses)
	}
	for _, item := range inner.Items {
		switch item.Expr.(type) {
		case *plan.Ref, *plan.Const:
			continue
		}
		if uses[item.Column.ID] != 1 {
			return false
		}
	}
	return true
}

// countUses counts reads by column; those in conditional places count as many.
func countUses(e plan.Expr, weight int, uses map[int]int) {
	switch e := e.(type) {
	case *plan.Ref:
		uses[e.Column.ID] += weight
	case *plan.Lambda, *plan.Special:
		weight = 2
	}
	for _, c := range plan.Children(e) {
		countUses(c, weight, uses)
	}
}

func merge(outer, inner *plan.Project) *plan.Project {
	by := map[int]plan.Expr{}
	for _, item := range inner.Items {
		by[item.Column.ID] = item.Expr
	}
	out := &plan.Project{Input: inner.Input}
	for _, item := range outer.Items {
		out.Items = append(out.Items, plan.Assignment{Column: item.Column, Expr: plan.Substitute(item.Expr, by)})
	}
	return out
}
