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

// result returns the table of grouping set n.
func (h *hashAgg) result(ctx context.Context, n int) (*table, error) {
	set := h.sets[n]
	set.forgetLookups()
	if err := h.memory.set(h.restBytes(n)); err != nil {
		return nil, err
	}
	rows := set.grouper.groups
	columns, err := h.columnsBeside(ctx, n, set)
	if columns == nil && err == nil {
		columns, err = h.columnsOf(n, set, h.memory, h.divide(ctx))
	}
	if err != nil {
		return nil, err
	}
	t := &table{columns: columns, rows: rows}
	return t, h.memory.set(h.restBytes(n+1) + batchBytes(&batch.Batch{Columns: t.vectors()}))
}

// From minGroupsBeside groups on, building columns in parallel pays.
const minGroupsBeside = 1 << 12

// columnsBeside returns the columns of grouping set n as columnsOf does, made in parallel; nil if there are too few
// groups, or not enough memory.
func (h *hashAgg) columnsBeside(ctx context.Context, n int, set *groupingSet) ([]arrow.Array, error) {
	bytes := set.sizeBytes()
	if h.workers < 2 || set.grouper.groups < minGroupsBeside || h.memory.ShouldSpill(pipelinedShare*bytes) {
		return nil, nil
	}
	done, err := h.memory.during(bytes)
	if err != nil {
		return nil, nil
	}
	defer done()
	divide := h.divide(ctx)
	aggregates, err := madeBeside(divide, len(set.calls), func(i int) (arrow.Array, error) {
		return set.aggregate(set.calls[i], h.limits, divide)
	})
	set.calls = nil
	if err != nil {
		return nil, err
	}
	keys, err := madeBeside(divide, len(h.node.Keys), func(i int) (arrow.Array, error) {
		return set.keyColumn(i, h.node.Keys[i], divide), nil
	})
	if err != nil {
		return nil, err
	}
	return h.withGroupID(n, set, keys, aggregates), nil
}

// madeBeside makes pieces in parallel. It returns the error of the first piece that fails.
func madeBeside[T any](by batch.Divide, pieces int, do func(i int) (T, error)) ([]T, error) {
	made, errs := make([]T, pieces), make([]error, pieces)
	by(pieces, func(i int) {
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

// columnsOf returns the columns of grouping set n: keys, group id, aggregates. It gives up the states of the set,
// which memory holds.
func (h *hashAgg) columnsOf(n int, set *groupingSet, memory *account, by batch.Divide) ([]arrow.Array, error) {
	aggregates, err := set.takeAggregates(h.limits, memory, by)
	if err != nil {
		return nil, err
	}
	done, err := memory.during(set.grouper.sizeBytes()) // for the columns, copies of what it holds
	if err != nil {
		return nil, err
	}
	defer done()
	var keys []arrow.Array
	for i, key := range h.node.Keys {
		keys = append(keys, set.keyColumn(i, key, batch.InTurn))
	}
	return h.withGroupID(n, set, keys, aggregates), nil
}

// withGroupID returns all columns of grouping set n: keys, the id of the set if the query asks for it, aggregates.
func (h *hashAgg) withGroupID(n int, set *groupingSet, keys, aggregates []arrow.Array) []arrow.Array {
	if h.node.GroupID != nil {
		id := batch.FromValues(arrow.PrimitiveTypes.Int64, []int64{int64(n)}, nil)
		keys = append(keys, batch.Take(id, make([]int32, set.grouper.groups)))
	}
	return append(keys, aggregates...)
}

// takeAggregates makes the columns of the set's calls. It gives up each state when its column is made.
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

// aggregate returns the column of a call. by divides the work.
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

// keyColumn returns the groups' values of a key, NULL if the set does not group by it. by divides the work.
func (s *groupingSet) keyColumn(key int, c *plan.Column, by batch.Divide) arrow.Array {
	i := slices.Index(s.keys, key)
	if i < 0 {
		return batch.Nulls(arrowtype.Of(c.Type), s.grouper.groups)
	}
	return s.grouper.column(i, by)
}
