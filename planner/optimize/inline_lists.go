package optimize

import (
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// inlineLists moves a list or map that is made from a text, as split(arn, ':'), up into the projection that reads
// its parts, as element_at(pieces, 3). The parts are then computed once per text of a dictionary; the list would be
// made once per row. An evaluator computes what several parts have in common once.
func inlineLists(_ *optimizer, n plan.Node) plan.Node {
	return rewriteUp(n, func(n plan.Node) plan.Node {
		outer, ok := n.(*plan.Project)
		if !ok {
			return n
		}
		inner, ok := outer.Input.(*plan.Project)
		if !ok {
			return n
		}
		lists := listsTakenApart(outer, inner)
		if len(lists) == 0 {
			return n
		}
		below, made, passed := &plan.Project{Input: inner.Input}, []plan.Assignment(nil), columnSet{}
		for _, item := range inner.Items {
			if lists[item.Column.ID] {
				made = append(made, item)
				text := firstColumn(item.Expr)
				item = plan.Assignment{Column: text, Expr: &plan.Ref{Column: text}}
			}
			if !passed[item.Column.ID] {
				below.Items, passed[item.Column.ID] = append(below.Items, item), true
			}
		}
		return merge(outer, &plan.Project{Input: below, Items: append(made, passAll(below.Columns())...)})
	})
}

// listsTakenApart returns the columns of inner that are lists or maps made from a text and that outer reads only in
// parts. A list read in a lambda is left out: the lambda would make it for each of its values.
func listsTakenApart(outer, inner *plan.Project) columnSet {
	lists := columnSet{}
	for _, item := range inner.Items {
		if isListOfText(item.Expr) {
			lists[item.Column.ID] = true
		}
	}
	remove := func(c *plan.Column) { delete(lists, c.ID) }
	for _, item := range outer.Items {
		if item.PassesOn() {
			remove(item.Column)
		}
		visitLambdas(item.Expr, func(lambda plan.Expr) { plan.FreeColumns(lambda, remove) })
	}
	return lists
}

// maxPartsOfList is the size, in expressions, up to which a list is copied into several places. Without a limit a
// list of pieces of a list of pieces, and so on, would double each time.
const maxPartsOfList = 24

// isListOfText reports whether e makes a list or map from one column, a text. e must be deterministic and must not
// contain a lambda, which would run once for each copy of e.
func isListOfText(e plan.Expr) bool {
	if _, isColumn := e.(*plan.Ref); isColumn || !isListOrMap(e.Type()) || !plan.IsDeterministic(e) {
		return false
	}
	hasLambda, parts := false, 0
	visitLambdas(e, func(plan.Expr) { hasLambda = true })
	plan.Walk(e, func(plan.Expr) bool {
		parts++
		return parts <= maxPartsOfList
	})
	columns := columnSet{}
	columns.addExpr(e)
	return !hasLambda && parts <= maxPartsOfList && len(columns) == 1 && firstColumn(e).Type.Kind == types.Varchar
}

func visitLambdas(e plan.Expr, visit func(plan.Expr)) {
	plan.Walk(e, func(e plan.Expr) bool {
		if _, ok := e.(*plan.Lambda); ok {
			visit(e)
		}
		return true
	})
}

func isListOrMap(t *types.Type) bool { return t.Kind == types.Array || t.Kind == types.Map }
