package optimize

import (
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// inlineLists has a projection that takes parts of a list or map, as element_at(pieces, 3), make it itself of the
// text of which the one below does, as split(arn, ':'). The parts are then computed for each text of a dictionary,
// where the list would be made for each row. An evaluator computes what several parts have in common once.
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

// listsTakenApart returns the columns of inner that are lists or maps made of a text, of which outer reads parts
// alone, and none in a lambda, which would make the list for each value that it is called with.
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

// maxPartsOfList is of how many expressions one may consist that stands in several places instead of in one. Else a
// list of pieces of a list of pieces, and so on, would become twice as long each time.
const maxPartsOfList = 24

// isListOfText reports whether e makes a list or map of one column, a text, the same each time and without a lambda,
// which would run once for each place that e stands in.
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
