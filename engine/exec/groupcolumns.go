package exec

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/plan"
)

// result is the table of one grouping set.
func (h *hashAgg) result(ctx context.Context, n int) (*table, error) {
	set := h.sets[n]
	set.forgetLookups()
	if err := h.memory.set(h.restBytes(n)); err != nil {
		return nil, err
	}
	columns, groups, err := h.columnsBeside(ctx, n, set)
	if columns == nil && err == nil {
		columns, groups, err = h.columnsOf(n, set, h.top, h.memory, h.divide(ctx))
	}
	if err != nil {
		return nil, err
	}
	t := &table{columns: columns, rows: set.grouper.groups}
	if groups != nil {
		t.rows = len(groups)
	}
	return t, h.memory.set(h.restBytes(n+1) + batchBytes(&batch.Batch{Columns: t.vectors()}))
}

// minGroupsBeside is from how many groups on it pays to have workers make columns of them.
const minGroupsBeside = 1 << 12

// columnsBeside are the columns of grouping set n, and their groups, as columnsOf gives them, made beside each other; nil where they are too
// few or take too much memory at once.
func (h *hashAgg) columnsBeside(ctx context.Context, n int, set *groupingSet) (columns []arrow.Array, groups []int32, err error) {
	bytes := set.sizeBytes()
	if h.workers < 2 || set.grouper.groups < minGroupsBeside || h.memory.ShouldSpill(pipelinedShare*bytes) {
		return nil, nil, nil
	}
	done, err := h.memory.during(bytes)
	if err != nil {
		return nil, nil, nil
	}
	defer done()
	divide := h.divide(ctx)
	aggregate := func(i int) (arrow.Array, error) { return set.aggregate(set.calls[i], h.limits, divide) }
	key := func(i int) (arrow.Array, error) { return set.keyColumn(i, h.node.Keys[i], groups, divide), nil }
	calls, keys := len(set.calls), len(h.node.Keys)
	if h.top == nil {
		// The calls come first, so that the first error is that of columnsOf.
		columns, err = madeBeside(divide, calls+keys, func(i int) (arrow.Array, error) {
			if i < calls {
				return aggregate(i)
			}
			return key(i - calls)
		})
		set.calls = nil
		if err != nil {
			return nil, nil, err
		}
		return slices.Concat(columns[calls:], h.groupID(n, set.grouper.groups), columns[:calls]), nil, nil
	}
	aggregates, err := madeBeside(divide, calls, aggregate)
	set.calls = nil
	if err != nil {
		return nil, nil, err
	}
	if groups = h.top.of(aggregates[h.top.call]); groups != nil {
		aggregates = takeGroups(aggregates, groups, divide)
	}
	if columns, err = madeBeside(divide, keys, key); err != nil {
		return nil, nil, err
	}
	return slices.Concat(columns, h.groupID(n, aggregates[0].Len()), aggregates), groups, nil
}

// madeBeside returns columns that are made beside each other, or the error of the first that has one.
func madeBeside(by batch.Divide, columns int, do func(i int) (arrow.Array, error)) ([]arrow.Array, error) {
	made, errs := make([]arrow.Array, columns), make([]error, columns)
	by(columns, func(i int) {
		defer batch.Recover(&errs[i])
		made[i], errs[i] = do(i)
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return made, nil
}

// divide divides work among the workers.
func (h *hashAgg) divide(ctx context.Context) batch.Divide {
	return func(pieces int, do func(piece int)) { inParallel(ctx, h.workers, pieces, do) }
}

// columnsOf are the columns of grouping set n: keys, group id, aggregates; and the groups that they have, those of top, nil for all. It gives
// up the states of the set, which memory holds.
func (h *hashAgg) columnsOf(n int, set *groupingSet, top *topGroups, memory *account, by batch.Divide) (columns []arrow.Array, groups []int32, err error) {
	aggregates, err := set.takeAggregates(h.limits, memory, by)
	if err != nil {
		return nil, nil, err
	}
	done, err := memory.during(set.grouper.sizeBytes()) // for the columns, copies of what it holds
	if err != nil {
		return nil, nil, err
	}
	defer done()
	rows := set.grouper.groups
	if top != nil {
		if groups = top.of(aggregates[top.call]); groups != nil {
			aggregates, rows = takeGroups(aggregates, groups, by), len(groups)
		}
	}
	for i, key := range h.node.Keys {
		columns = append(columns, set.keyColumn(i, key, groups, batch.InTurn))
	}
	return slices.Concat(columns, h.groupID(n, rows), aggregates), groups, nil
}

// groupID is the column that says which grouping set so many groups are of, if it is asked for.
func (h *hashAgg) groupID(n, groups int) []arrow.Array {
	if h.node.GroupID == nil {
		return nil
	}
	id := batch.FromValues(arrow.PrimitiveTypes.Int64, []int64{int64(n)}, nil)
	return []arrow.Array{batch.Take(id, make([]int32, groups))}
}

// takeAggregates makes the columns of the set's calls, and gives up the state of each when its column is made.
func (s *groupingSet) takeAggregates(limits memory.Limits, held *account, by batch.Divide) ([]arrow.Array, error) {
	columns := make([]arrow.Array, len(s.calls))
	for i, call := range s.calls {
		stateBytes := call.sizeBytes()
		if err := held.add(stateBytes); err != nil { // the column is a copy of what the state holds
			return nil, err
		}
		var err error
		if columns[i], err = s.aggregate(call, limits, by); err != nil {
			return nil, err
		}
		call.accumulator, call.ordered = nil, nil
		if err := held.add(batch.HeldBytes(columns[i]) - 2*stateBytes); err != nil {
			return nil, err
		}
	}
	s.calls = nil
	return columns, nil
}

// aggregate is the column of a call, whose work is divided.
func (s *groupingSet) aggregate(call *aggregation, limits memory.Limits, by batch.Divide) (arrow.Array, error) {
	function.DivideResult(call.accumulator, by)
	values, err := call.accumulator.Result()
	if err != nil {
		return nil, err
	}
	if err := function.CheckValues(values, limits); err != nil {
		return nil, err
	}
	return array.NewSlice(values, 0, int64(s.grouper.groups)), nil
}

// keyColumn is a key of some groups, which ascend, nil for all. It is NULL in every group when the set does not group by the key. Its work is
// divided.
func (s *groupingSet) keyColumn(key int, c *plan.Column, groups []int32, by batch.Divide) arrow.Array {
	i := slices.Index(s.keys, key)
	switch {
	case i < 0 && groups == nil:
		return batch.Nulls(arrowtype.Of(c.Type), s.grouper.groups)
	case i < 0:
		return batch.Nulls(arrowtype.Of(c.Type), len(groups))
	case groups == nil:
		return s.grouper.column(i, by)
	}
	return s.grouper.valuesOf(i, groups)
}
