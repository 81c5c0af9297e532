package optimize

import "github.com/auditlake/auditlake/planner/plan"

// maxInlined limits how many expressions inlineValues makes. Each is folded and run by itself; a larger number of
// rows is faster in a batch.
const maxInlined = 1000

// inlineValues computes projections of constant rows, row by row. As in Trino, the first row's error is raised, and
// none if a NULL decides the result.
func inlineValues(o *optimizer, n plan.Node) plan.Node {
	return rewriteUp(n, func(n plan.Node) plan.Node {
		p, ok := n.(*plan.Project)
		if !ok {
			return n
		}
		values, ok := p.Input.(*plan.Values)
		if !ok || len(p.Items)*len(values.Rows) > maxInlined || !inlinable(p, values) {
			return n
		}
		return o.inlineRows(p, values)
	})
}

// inlinable reports whether every value that is not constant would be computed at most once for each row.
func inlinable(p *plan.Project, values *plan.Values) bool {
	uses := map[int]int{}
	for _, item := range p.Items {
		countUses(item.Expr, 1, uses)
	}
	for _, row := range values.Rows {
		for i, e := range row {
			if _, ok := e.(*plan.Const); !ok && uses[values.Cols[i].ID] > 1 {
				return false
			}
		}
	}
	return true
}

func (o *optimizer) inlineRows(p *plan.Project, values *plan.Values) *plan.Values {
	out := &plan.Values{Cols: p.Columns()}
	for _, row := range values.Rows {
		by := map[int]plan.Expr{}
		for i, e := range row {
			by[values.Cols[i].ID] = e
		}
		var computed []plan.Expr
		for _, item := range p.Items {
			computed = append(computed, o.foldExpr(plan.Substitute(item.Expr, by)))
		}
		out.Rows = append(out.Rows, computed)
	}
	return out
}
