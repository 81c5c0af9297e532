package exec

import (
	"math"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/plan"
)

// topGroups says which groups of an aggregation the top-N right above it may want: those that are not behind the last one wanted
// in its first key, an aggregate. Of the others nobody asks for the keys, which take longest to make where they are many texts.
type topGroups struct {
	call       int // of the aggregation
	descending bool
	wanted     int
}

const (
	// minTopGroups is how many groups there must be for it to pay to choose some.
	minTopGroups = 1 << 12
	// maxTopWanted is how many groups may be wanted.
	maxTopWanted = 1 << 10
)

// noteTopGroups notes for an aggregation below n which of its groups n may want.
func (b *builder) noteTopGroups(n *plan.TopN) {
	by := n.Keys[0].Column
	input := n.Input
	if p, ok := input.(*plan.Project); ok {
		for _, item := range p.Items {
			ref, isRef := item.Expr.(*plan.Ref)
			if !isRef {
				return // it may fail for a group that is not wanted
			}
			if item.Column.ID == by.ID {
				by = ref.Column
			}
		}
		input = p.Input
	}
	a, ok := input.(*plan.Aggregate)
	if !ok || n.Count > maxTopWanted || n.Offset > maxTopWanted {
		return
	}
	for i, call := range a.Aggs {
		if call.Column.ID == by.ID {
			if b.topGroups == nil {
				b.topGroups = map[*plan.Aggregate]*topGroups{}
			}
			b.topGroups[a] = &topGroups{call: i, descending: n.Keys[0].Descending, wanted: int(n.Offset + n.Count)}
		}
	}
}

// choose returns the groups that may be wanted, nil for all, and the columns of aggregates that they have. A nil t wants all.
func (t *topGroups) choose(aggregates []arrow.Array, by batch.Divide) (chosen []arrow.Array, groups []int32) {
	if t == nil {
		return aggregates, nil
	}
	if groups = t.of(aggregates[t.call]); groups == nil {
		return aggregates, nil
	}
	for _, c := range aggregates {
		chosen = append(chosen, batch.TakeDivided(c, groups, by))
	}
	return chosen, groups
}

// of returns the groups that may be wanted, in their order; nil: all, or nearly. The values are those of the aggregate.
func (t *topGroups) of(values arrow.Array) []int32 {
	groups := values.Len()
	if t.wanted == 0 || groups < minTopGroups || t.wanted > groups/8 || values.NullN() > 0 {
		return nil
	}
	switch values.DataType().ID() {
	case arrow.INT64, arrow.TIMESTAMP:
	default:
		return nil
	}
	turned := int64(0) // so that the least come first
	if t.descending {
		turned = -1
	}
	all := batch.Values[int64](values)
	last := lastOfLeast(all, turned, t.wanted)
	var chosen []int32
	for group, v := range all {
		if v^turned <= last {
			chosen = append(chosen, int32(group))
		}
	}
	if len(chosen) > groups/2 {
		return nil
	}
	return chosen
}

// lastOfLeast is the greatest of the n least values, each turned by an exclusive or. There are n values or more.
func lastOfLeast(values []int64, turned int64, n int) int64 {
	least := make([]int64, 0, 2*n)
	last := int64(math.MaxInt64)
	for _, v := range values {
		if v ^= turned; v >= last && len(least) >= n {
			continue
		}
		if least = append(least, v); len(least) == cap(least) {
			slices.Sort(least)
			least, last = least[:n], least[n-1]
		}
	}
	slices.Sort(least)
	return least[n-1]
}
