package exec

import (
	"slices"

	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
)

// byNumber groups aggregation n by its row number alone, which identifies the groups. It returns n if there is no
// row number, no other key, or grouping sets. The other keys become aggregates after n's own, with any row's value:
// as keys they would be looked up for every row.
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
