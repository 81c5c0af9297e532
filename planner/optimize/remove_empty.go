package optimize

import "github.com/auditlake/auditlake/planner/plan"

// removeEmpty replaces nodes that cannot return a row by Values without rows: a filter that is never true, LIMIT 0,
// and nodes that return no rows if their inputs have none.
func removeEmpty(_ *optimizer, n plan.Node) plan.Node {
	return rewriteUp(n, func(n plan.Node) plan.Node {
		if _, ok := n.(*plan.Values); !ok && plan.GivesNoRows(n) {
			return &plan.Values{Cols: n.Columns()}
		}
		return n
	})
}
