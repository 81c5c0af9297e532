package exec

import (
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
			b.topGroups = map[*plan.Aggregate]*topGroups{a: {call: i, descending: n.Keys[0].Descending, wanted: int(n.Offset + n.Count)}}
		}
	}
}

// of returns the groups that may be wanted, in their order; nil: all, or nearly. The values are those of the aggregate.
func (t *topGroups) of(values arrow.Array) []int32 {
	groups := values.Len()
	if t == nil || t.wanted == 0 || groups < minTopGroups || t.wanted > groups/8 || values.NullN() > 0 {
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
	isWanted := func(v int64) bool { return v^turned <= last }
	n := 0
	for _, v := range all {
		if isWanted(v) {
			n++
		}
	}
	if n > groups/2 {
		return nil
	}
	chosen := make([]int32, 0, n)
	for group, v := range all {
		if isWanted(v) {
			chosen = append(chosen, int32(group))
		}
	}
	return chosen
}

// lastOfLeast is the greatest of the n least values, each turned by an exclusive or. There are n values or more.
func lastOfLeast(values []int64, turned int64, n int) int64 {
	heap := make([]int64, n) // the greatest first
	for i, v := range values[:n] {
		heap[i] = v ^ turned
	}
	sink := func(i int) {
		for {
			child := 2*i + 1
			if child >= n {
				return
			}
			if child+1 < n && heap[child+1] > heap[child] {
				child++
			}
			if heap[i] >= heap[child] {
				return
			}
			heap[i], heap[child] = heap[child], heap[i]
			i = child
		}
	}
	for i := n/2 - 1; i >= 0; i-- {
		sink(i)
	}
	for _, v := range values[n:] {
		if v ^= turned; v < heap[0] {
			heap[0] = v
			sink(0)
		}
	}
	return heap[0]
}

// takeGroups takes some groups of the columns of aggregates.
func takeGroups(columns []arrow.Array, groups []int32, by batch.Divide) []arrow.Array {
	out := make([]arrow.Array, len(columns))
	for i, c := range columns {
		out[i] = batch.TakeDivided(c, groups, by)
	}
	return out
}
