package optimize

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// selfJoins drops an inner join of groups with the same groups again, if its keys are all that tell the groups apart: each row then meets itself
// alone, unless a key of it is missing. An analyst who counts what occurs together asks so for the pairs of a thing with itself.
func selfJoins(_ *optimizer, n plan.Node) plan.Node {
	return rewriteUp(n, func(n plan.Node) plan.Node {
		j, ok := n.(*plan.Join)
		if !ok || j.Kind != plan.InnerJoin || len(j.Equal) == 0 {
			return n
		}
		unique, known := uniqueColumns(j.Left)
		same := plan.Sameness{}
		if !known || !same.SamePlans(j.Left, j.Right) || !meetsItself(j, unique, same) || !isFixed(j.Left) {
			return n
		}
		items, own := passAll(j.Left.Columns()), map[int]plan.Expr{}
		for _, c := range j.Right.Columns() {
			own[c.ID] = &plan.Ref{Column: same[c.ID]}
			items = append(items, plan.Assignment{Column: c, Expr: own[c.ID]})
		}
		return &plan.Project{Input: filtered(j.Left, conditionsOfSelf(j, own)), Items: items}
	})
}

// isFixed reports whether n gives the same rows each time it runs.
func isFixed(n plan.Node) bool {
	fixed := true
	visitNodes(n, func(below plan.Node) {
		fixed = fixed && plan.IsRepeatable(below)
		plan.VisitExprs(below, func(e plan.Expr) { fixed = fixed && plan.IsDeterministic(e) })
	})
	return fixed
}

// meetsItself reports whether the keys of j pair each column with itself, and the unique ones are among them. Values within a row or an array may be
// missing, and NaN is a group that equals nothing.
func meetsItself(j *plan.Join, unique []*plan.Column, same plan.Sameness) bool {
	var keys []*plan.Column
	for _, k := range j.Equal {
		if own := same[k.Right.ID]; own == nil || own.ID != k.Left.ID || isFloat(k.Left.Type) || !supported(k.Left.Type) {
			return false
		}
		keys = append(keys, k.Left)
	}
	return holdsAll(keys, unique)
}

// conditionsOfSelf returns what a row must meet that j joins with itself: its keys are there, and the rest of the condition holds.
func conditionsOfSelf(j *plan.Join, own map[int]plan.Expr) []plan.Expr {
	var list, keys []plan.Expr
	for _, k := range j.Equal {
		key := &plan.Ref{Column: k.Left}
		keys = append(keys, key)
		list = append(list, &plan.Special{Form: plan.Not, Args: []plan.Expr{isNull(key)}, T: types.BooleanType})
	}
	if j.Residual == nil {
		return list
	}
	for _, e := range plan.Conjuncts(plan.Substitute(j.Residual, own)) {
		if !isAtLeastItself(e, keys) {
			list = append(list, e)
		}
	}
	return list
}

// isAtLeastItself reports whether e is x <= x or x >= x of one of keys, none of which is missing.
func isAtLeastItself(e plan.Expr, keys []plan.Expr) bool {
	c, ok := e.(*plan.Call)
	return ok && (c.Fn.Name == types.OpLessEqual || c.Fn.Name == types.OpGreaterEq) && plan.Equal(c.Args[0], c.Args[1]) &&
		slices.ContainsFunc(keys, func(key plan.Expr) bool { return plan.Equal(key, c.Args[0]) })
}
