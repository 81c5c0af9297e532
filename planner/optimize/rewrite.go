package optimize

import (
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// visitNodes visits n and all nodes below it.
func visitNodes(n plan.Node, visit func(plan.Node)) {
	var below func(plan.Node) plan.Node
	below = func(n plan.Node) plan.Node {
		visit(n)
		return n.MapInputs(below)
	}
	below(n)
}

// rewriteUp rewrites every node, inputs first.
func rewriteUp(n plan.Node, f func(plan.Node) plan.Node) plan.Node {
	var rewritten func(plan.Node) plan.Node
	rewritten = func(n plan.Node) plan.Node { return f(n.MapInputs(rewritten)) }
	return rewritten(n)
}

func mapAll(list []plan.Expr, f func(plan.Expr) plan.Expr) []plan.Expr {
	out := make([]plan.Expr, len(list))
	for i, e := range list {
		out[i] = f(e)
	}
	return out
}

// columnSet is a set of columns by ID.
type columnSet map[int]bool

func setOf(columns []*plan.Column) columnSet {
	s := make(columnSet, len(columns))
	for _, c := range columns {
		s[c.ID] = true
	}
	return s
}

func (s columnSet) addExpr(e plan.Expr) {
	plan.FreeColumns(e, func(c *plan.Column) { s[c.ID] = true })
}

// addReads adds the columns that n itself reads.
func (s columnSet) addReads(n plan.Node) {
	plan.VisitColumns(n, func(c *plan.Column) { s[c.ID] = true })
	plan.VisitExprs(n, s.addExpr)
}

// reads reports whether all columns that e reads are in the set.
func (s columnSet) reads(e plan.Expr) bool {
	all := true
	plan.FreeColumns(e, func(c *plan.Column) { all = all && s[c.ID] })
	return all
}

// touches reports whether e reads a column of the set.
func (s columnSet) touches(e plan.Expr) bool {
	any := false
	plan.FreeColumns(e, func(c *plan.Column) { any = any || s[c.ID] })
	return any
}

// conjunction joins conditions with AND. It returns nil for no conditions.
func conjunction(list []plan.Expr) plan.Expr {
	switch len(list) {
	case 0:
		return nil
	case 1:
		return list[0]
	}
	return &plan.Special{Form: plan.And, Args: list, T: list[0].Type()}
}

func isNull(e plan.Expr) plan.Expr {
	return &plan.Special{Form: plan.IsNull, Args: []plan.Expr{e}, T: types.BooleanType}
}

// filtered returns n under a filter, or n itself without conditions.
func filtered(n plan.Node, conditions []plan.Expr) plan.Node {
	if len(conditions) == 0 {
		return n
	}
	return &plan.Filter{Input: n, Predicate: conjunction(conditions)}
}
