package optimize

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// countPresence turns count(x) of a row, array or map into count(*) FILTER (WHERE x IS NOT NULL). A scan then reads
// no field, element or entry.
func countPresence(o *optimizer, n plan.Node) plan.Node {
	return rewriteUp(n, func(n plan.Node) plan.Node {
		if a, ok := n.(*plan.Aggregate); ok {
			return o.countPresenceOf(a)
		}
		return n
	})
}

func (o *optimizer) countPresenceOf(a *plan.Aggregate) plan.Node {
	p, ok := a.Input.(*plan.Project)
	if !ok {
		p = &plan.Project{Input: a.Input, Items: passAll(a.Input.Columns())}
	}
	return o.countWhere(a, p, func(call plan.AggCall) (rows countedRows) {
		counted := countedParts(call, p)
		if counted == nil {
			return rows
		}
		return countedRows{condition: &plan.Special{Form: plan.Not, Args: []plan.Expr{isNull(counted)}, T: types.BooleanType}}
	})
}

// countedParts returns the row, array or map that call counts: a column, or a field of one. It returns nil if call
// does anything else. p is the projection below.
func countedParts(call plan.AggCall, p *plan.Project) plan.Expr {
	if call.Fn.Name != "count" || call.Distinct || call.Filter != nil || len(call.Args) != 1 {
		return nil
	}
	ref, ok := call.Args[0].(*plan.Ref)
	if !ok {
		return nil
	}
	switch ref.Column.Type.Kind {
	case types.Row, types.Array, types.Map:
		at := slices.IndexFunc(p.Items, func(item plan.Assignment) bool { return item.Column.ID == ref.Column.ID })
		if c, _ := chain(p.Items[at].Expr); c != nil {
			return p.Items[at].Expr
		}
	}
	return nil
}
