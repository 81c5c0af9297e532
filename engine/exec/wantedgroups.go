package exec

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/expr"
	"github.com/auditlake/auditlake/planner/plan"
)

// wantedGroups says which groups of an aggregation the operators right above it may want, by its aggregates alone. Of the others nobody
// asks for the keys, which take longest to make where they are many texts.
type wantedGroups struct {
	having []expr.Evaluator // of a batch of the aggregates; a filter above tests the same
	top    *topGroups       // nil: no top-N
}

// noteHaving notes for an aggregation below f which of its groups pass f.
func (b *builder) noteHaving(f *plan.Filter) error {
	a, ok := f.Input.(*plan.Aggregate)
	if !ok || !testsAggregates(f.Predicate, a) {
		return nil
	}
	columns := make([]*plan.Column, len(a.Aggs))
	for i, call := range a.Aggs {
		columns[i] = call.Column
	}
	having, err := b.compileAll(plan.Conjuncts(f.Predicate), columns)
	b.wantedOf(a).having = having
	return err
}

// wantedOf is what is noted for an aggregation.
func (b *builder) wantedOf(a *plan.Aggregate) *wantedGroups {
	if b.wantedGroups == nil {
		b.wantedGroups = map[*plan.Aggregate]*wantedGroups{}
	}
	if b.wantedGroups[a] == nil {
		b.wantedGroups[a] = &wantedGroups{}
	}
	return b.wantedGroups[a]
}

// testsAggregates reports whether a predicate reads aggregates of a alone, and is the same when it is asked again.
func testsAggregates(predicate plan.Expr, a *plan.Aggregate) bool {
	isAsked := len(a.Aggs) > 0 && plan.IsDeterministic(predicate)
	plan.FreeColumns(predicate, func(c *plan.Column) {
		isAsked = isAsked && slices.ContainsFunc(a.Aggs, func(call plan.AggCall) bool { return call.Column.ID == c.ID })
	})
	return isAsked
}

// noteTopGroups notes for an aggregation below n, with a filter by its aggregates or without, which of its groups n may want.
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
	f, _ := input.(*plan.Filter)
	if f != nil {
		input = f.Input
	}
	a, ok := input.(*plan.Aggregate)
	if !ok || f != nil && !testsAggregates(f.Predicate, a) || n.Count > maxTopWanted || n.Offset > maxTopWanted {
		return
	}
	for i, call := range a.Aggs {
		if call.Column.ID == by.ID {
			b.wantedOf(a).top = &topGroups{call: i, descending: n.Keys[0].Descending, wanted: int(n.Offset + n.Count)}
		}
	}
}

// choose returns the groups that may be wanted, nil for all, or nearly, and the columns of aggregates that they have. A nil w wants all. An
// error is one of a test of a group.
func (w *wantedGroups) choose(aggregates []arrow.Array, by batch.Divide) (chosen []arrow.Array, groups []int32, err error) {
	if w == nil || aggregates[0].Len() < minTopGroups {
		return aggregates, nil, nil
	}
	all := aggregates[0].Len()
	if len(w.having) > 0 {
		if groups, err = w.pass(aggregates, by); err != nil {
			return nil, nil, err
		}
	}
	if w.top != nil {
		values := takeGroups(aggregates[w.top.call:][:1], groups, by)[0] // a top-N is of those that pass
		if top := w.top.of(values); top != nil && groups != nil {
			groups = gather(groups, top, top)
		} else if top != nil {
			groups = top
		}
	}
	if len(groups) > all/2 {
		return aggregates, nil, nil
	}
	return takeGroups(aggregates, groups, by), groups, nil
}

// pass returns the groups that pass the tests, never nil. Its work is divided.
func (w *wantedGroups) pass(aggregates []arrow.Array, by batch.Divide) ([]int32, error) {
	for _, c := range aggregates {
		batch.CountNulls(c) // pieces of it are read beside each other
	}
	groups := aggregates[0].Len()
	passed, err := madeBeside(by, (groups+batch.Rows-1)/batch.Rows, func(piece int) ([]int32, error) {
		start := piece * batch.Rows
		return w.passOf(aggregates, start, min(start+batch.Rows, groups))
	})
	return append([]int32{}, slices.Concat(passed...)...), err
}

// passOf returns the groups from start on, before end, that pass the tests.
func (w *wantedGroups) passOf(aggregates []arrow.Array, start, end int) ([]int32, error) {
	some := &batch.Batch{Len: end - start}
	for _, c := range aggregates {
		some.Columns = append(some.Columns, batch.Vector{Array: array.NewSlice(c, int64(start), int64(end))})
	}
	some, err := narrow(some, w.having)
	if some == nil || err != nil {
		return nil, err
	}
	groups := make([]int32, some.Live())
	for i := range groups {
		groups[i] = int32(start + i)
		if some.Sel != nil {
			groups[i] = int32(start) + some.Sel[i]
		}
	}
	return groups, nil
}

// takeGroups returns the columns of some groups, nil for all.
func takeGroups(columns []arrow.Array, groups []int32, by batch.Divide) []arrow.Array {
	if groups == nil {
		return columns
	}
	taken := make([]arrow.Array, len(columns))
	for i, c := range columns {
		taken[i] = batch.TakeDivided(c, groups, by)
	}
	return taken
}
