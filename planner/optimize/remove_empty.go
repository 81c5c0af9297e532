package optimize

import "github.com/auditlake/auditlake/planner/plan"

// removeEmpty replaces what cannot give a row by Values without rows: a filter
// that is never true, LIMIT 0, and what stands on such inputs.
func removeEmpty(_ *optimizer, n plan.Node) plan.Node {
	return rewriteUp(n, func(n plan.Node) plan.Node {
		if givesNothing(n) {
			return &plan.Values{Cols: n.Columns()}
		}
		return n
	})
}

func givesNothing(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Filter:
		return neverTrue(n.Predicate) || isEmpty(n.Input)
	case *plan.Scan:
		return n.Filter != nil && neverTrue(n.Filter)
	case *plan.Limit:
		return n.Count == 0 || isEmpty(n.Input)
	case *plan.TopN:
		return n.Count == 0 || isEmpty(n.Input)
	case *plan.Project, *plan.Sort, *plan.Window, *plan.Unnest:
		return isEmpty(n.Inputs()[0])
	case *plan.Join:
		switch n.Kind {
		case plan.InnerJoin, plan.CrossJoin:
			return isEmpty(n.Left) || isEmpty(n.Right)
		case plan.LeftJoin, plan.SemiMark:
			return isEmpty(n.Left)
		case plan.RightJoin:
			return isEmpty(n.Right)
		}
	}
	return false
}

func neverTrue(e plan.Expr) bool { return isConst(e, false) || isNullConst(e) }

func isEmpty(n plan.Node) bool {
	v, ok := n.(*plan.Values)
	return ok && len(v.Rows) == 0
}
