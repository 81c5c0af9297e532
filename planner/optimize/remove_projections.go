package optimize

import "github.com/auditlake/auditlake/planner/plan"

// removeProjections drops projections that only pass their input's columns on. The order of columns does not
// matter, because each has an ID. It also merges two successive projections, if no expression would then be
// computed twice.
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

// mergeable reports whether outer reads every computed column of inner exactly once, and not where the expression
// might be skipped or repeated (in a lambda or a special form).
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

// countUses counts reads by column. A read in a conditional place counts twice.
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
