package optimize

import (
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// inlineLists has a projection that takes parts of a list or map, as element_at(pieces, 3), make it itself of the text of which the one below does,
// as split(arn, ':'). The parts are then computed for each text of a dictionary, where the list would be made for each row. An evaluator computes
// what several parts have in common once.
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
		below, passed := &plan.Project{Input: inner.Input}, columnSet{}
		for _, item := range inner.Items {
			if lists[item.Column.ID] == nil {
				below.Items = append(below.Items, item)
				passed[item.Column.ID] = true
			}
		}
		for _, item := range inner.Items {
			if text := firstColumn(item.Expr); lists[item.Column.ID] != nil && !passed[text.ID] {
				below.Items = append(below.Items, passAll([]*plan.Column{text})...)
				passed[text.ID] = true
			}
		}
		above := &plan.Project{Input: below}
		for _, item := range outer.Items {
			above.Items = append(above.Items, plan.Assignment{Column: item.Column, Expr: plan.Substitute(item.Expr, lists)})
		}
		return above
	})
}

// listsTakenApart returns the expressions of inner, by the ID of their column, that make lists or maps of a text, of which outer reads parts alone,
// and none in a lambda, which would make the list for each value that it is called with.
func listsTakenApart(outer, inner *plan.Project) map[int]plan.Expr {
	lists := map[int]plan.Expr{}
	for _, item := range inner.Items {
		if isListOfText(item.Expr) {
			lists[item.Column.ID] = item.Expr
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

// maxPartsOfList is of how many expressions one may consist that stands in several places instead of in one. Else a list of pieces of a list of
// pieces, and so on, would become twice as long each time.
const maxPartsOfList = 24

// isListOfText reports whether e makes a list or map of one column, a text, the same each time and without a lambda, which would run once for
// each place that e stands in.
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
