package analyze

import (
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// correlatedMark plans EXISTS over a subquery and returns a column that is true if a row matches. A non-nil
// condition must also hold for the row.
func (e *env) correlatedMark(x ast.Node, s subplan, condition plan.Expr) plan.Expr {
	p := &puller{analyzer: e.analyzer, at: x, outer: s.correlated, anyCopy: true}
	node := s.node
	if condition == nil {
		node = existsInput(node)
	}
	if els, ok := e.elementsOf(node, condition, x); ok {
		return e.existsElement(els, x)
	}
	right, ok := p.pull(node)
	if !ok {
		e.refuseCorrelated(x)
	}
	conditions := p.conditions
	if condition != nil {
		conditions = append(conditions, condition)
	}
	mark := e.newColumn("exists", types.BooleanType)
	e.addSubquery(&pending{at: x, exprs: conditions, join: func(left plan.Node, exprs []plan.Expr) plan.Node {
		join := e.joinOn(plan.SemiMark, left, right, and(append([]plan.Expr{boolConst(true)}, exprs...)...)).(*plan.Join)
		join.Mark = mark
		return join
	}})
	return &plan.Ref{Column: mark}
}

// existsInput drops nodes that do not change whether there are rows.
func existsInput(n plan.Node) plan.Node {
	for {
		switch m := n.(type) {
		case *plan.Project:
			n = m.Input
		case *plan.Sort:
			n = m.Input
		case *plan.Window:
			n = m.Input
		case *plan.Limit:
			if m.Offset > 0 || m.Count == 0 {
				return n
			}
			n = m.Input
		case *plan.TopN:
			if m.Offset > 0 || m.Count == 0 {
				return n
			}
			n = m.Input
		default:
			return n
		}
	}
}

// substitute replaces columns by the expressions assigned to them.
func substitute(x plan.Expr, items []plan.Assignment) plan.Expr {
	if r, ok := x.(*plan.Ref); ok {
		for _, item := range items {
			if item.Column.ID == r.Column.ID {
				return item.Expr
			}
		}
		return x
	}
	return plan.MapChildren(x, func(c plan.Expr) plan.Expr { return substitute(c, items) })
}
