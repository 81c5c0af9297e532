package exec

import (
	"slices"

	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
)

// byNumber returns the aggregation n, whose row number alone tells groups apart, with that key alone. The values of
// its other keys are those of any row of a group, and stand behind the aggregates: to group by them, too, each row's
// would be looked up.
func byNumber(n *plan.Aggregate) *plan.Aggregate {
	if n.RowNumber == nil || n.Sets != nil || len(n.Keys) == 1 {
		return n
	}
	grouped := *n
	grouped.Keys, grouped.Aggs = []*plan.Column{n.RowNumber}, slices.Clone(n.Aggs)
	for _, key := range n.Keys {
		if key.ID != n.RowNumber.ID {
			grouped.Aggs = append(grouped.Aggs, plan.AggCall{Column: key, Fn: function.AnyValue(key.Type), Args: []plan.Expr{&plan.Ref{Column: key}}})
		}
	}
	return &grouped
}
