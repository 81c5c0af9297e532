package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/plan"
)

// hashAgg groups all rows of its input and gives one row per group, set by
// grouping set, each in order of first appearance.
type hashAgg struct {
	input    groupedInput
	grouping *batchGrouping // of the batches of input
	node     *plan.Aggregate
	keys     []int // positions of the keys in the input
	sets     []*groupingSet
	memory   *account
	limits   memory.Limits

	results *tableReader // of the set being given out
	next    int          // set to give out after it; -1 until the input is consumed
}

// groupingSet is the state of one grouping set.
type groupingSet struct {
	keys    []int // indexes into hashAgg.keys
	grouper *grouper
	calls   []*aggregation
	groups  []int32 // of the current batch, reused
}

func (h *hashAgg) Next(ctx context.Context) (*batch.Batch, error) {
	if h.next < 0 {
		if err := h.consume(ctx); err != nil {
			return nil, err
		}
		h.next = 0
	}
	for {
		if h.results != nil {
			if b := h.results.next(); b != nil {
				return b, ctx.Err()
			}
			h.results = nil
		}
		if h.next == len(h.sets) {
			return nil, nil
		}
		result, err := h.result(h.next)
		if err != nil {
			return nil, err
		}
		h.sets[h.next] = nil
		h.results = &tableReader{table: result}
		h.next++
	}
}

func (h *hashAgg) Close() {
	h.memory.close()
	h.input.Close() // after it no batch is being grouped
	h.grouping.memory.close()
}

func (h *hashAgg) consume(ctx context.Context) error {
	for {
		b, groups, err := h.input.nextGrouped(ctx)
		switch {
		case err != nil:
			return err
		case groups != nil:
			err = h.merge(groups)
		case b != nil:
			err = h.add(b)
		default:
			return h.finish(ctx)
		}
		if err != nil {
			return err
		}
	}
}

// merge takes the groups of a batch.
func (h *hashAgg) merge(b *groupedBatch) error {
	size := int64(0)
	for i, set := range h.sets {
		if err := set.merge(b.sets[i], h.memory); err != nil {
			return err
		}
		size += set.sizeBytes()
	}
	return h.memory.set(size)
}

func (s *groupingSet) merge(b *batchGroups, memory *account) error {
	s.groups = resized(s.groups, b.count)
	if err := s.grouper.insert(b.keys, b.count, s.groups); err != nil {
		return err
	}
	for i, call := range s.calls {
		part := b.calls[i]
		if part.state != nil {
			call.accumulator.Resize(s.grouper.groups)
			if err := call.accumulator.Merge(part.state, s.groups); err != nil {
				return err
			}
			continue
		}
		if err := memory.add(2 * part.rows.bytes()); err != nil {
			return err
		}
		call.groups = resized(call.groups, part.rows.rows)
		if err := call.addRows(gather(s.groups, part.groups, call.groups), s.grouper.groups, part.rows); err != nil {
			return err
		}
	}
	return nil
}

func (h *hashAgg) add(b *batch.Batch) error {
	keys := make([]batch.Vector, len(h.keys))
	for i, at := range h.keys {
		keys[i] = liveColumn(b, at)
	}
	size := int64(0)
	inputs := make(map[*aggregateInput]*aggregateRows)
	for _, set := range h.sets {
		if err := set.add(b, keys, inputs, h.memory); err != nil {
			return err
		}
		size += set.sizeBytes()
	}
	return h.memory.set(size)
}

// add takes the rows of b; inputs keeps what sets share of its evaluation.
// memory is made to hold what they may become.
func (s *groupingSet) add(b *batch.Batch, keys []batch.Vector, inputs map[*aggregateInput]*aggregateRows, memory *account) error {
	columns := make([]batch.Vector, len(s.keys))
	for i, k := range s.keys {
		columns[i] = keys[k]
	}
	rows := b.Live()
	s.groups = resized(s.groups, rows)
	if err := s.grouper.insert(columns, rows, s.groups); err != nil {
		return err
	}
	for _, call := range s.calls {
		in := inputs[call.input]
		if in == nil {
			var err error
			if in, err = call.input.rows(b); err != nil {
				return err
			}
			inputs[call.input] = in
			if err := memory.add(in.bytes()); err != nil {
				return err
			}
		}
		if err := memory.add(in.bytes()); err != nil {
			return err
		}
		if err := call.add(s.groups, s.grouper.groups, in); err != nil {
			return err
		}
	}
	return nil
}

func (h *hashAgg) finish(ctx context.Context) error {
	for _, set := range h.sets {
		if len(set.keys) == 0 {
			set.grouper.groups = 1 // the group of all rows exists even without rows
		}
		for _, call := range set.calls {
			if err := call.finish(ctx, set.grouper.groups, h.memory); err != nil {
				return err
			}
		}
	}
	return nil
}

// result is the table of one grouping set: keys, group id, aggregates.
func (h *hashAgg) result(n int) (*table, error) {
	set := h.sets[n]
	groups := set.grouper.groups
	size := set.sizeBytes()
	if err := h.memory.add(size); err != nil { // for the columns, copies of what the set holds
		return nil, err
	}
	var columns []arrow.Array
	for i, key := range h.node.Keys {
		columns = append(columns, set.keyColumn(i, key))
	}
	if h.node.GroupID != nil {
		id := batch.FromValues(arrow.PrimitiveTypes.Int64, []int64{int64(n)}, nil)
		columns = append(columns, batch.Take(id, make([]int32, groups)))
	}
	for _, call := range set.calls {
		values, err := call.accumulator.Result()
		if err != nil {
			return nil, err
		}
		if err := function.CheckValues(values, h.limits); err != nil {
			return nil, err
		}
		columns = append(columns, array.NewSlice(values, 0, int64(groups)))
	}
	t := &table{columns: columns, rows: groups}
	return t, h.memory.set(h.restBytes(n+1) + batchBytes(&batch.Batch{Columns: t.vectors()}))
}

// restBytes is what the sets from number n on hold.
func (h *hashAgg) restBytes(n int) int64 {
	size := int64(0)
	for _, set := range h.sets[n:] {
		size += set.sizeBytes()
	}
	return size
}

// keyColumn is NULL in every group when the set does not group by the key.
func (s *groupingSet) keyColumn(key int, c *plan.Column) arrow.Array {
	for i, k := range s.keys {
		if k == key {
			return s.grouper.column(i)
		}
	}
	return batch.Nulls(arrowtype.Of(c.Type), s.grouper.groups)
}

func (s *groupingSet) sizeBytes() int64 {
	size := s.grouper.sizeBytes()
	for _, call := range s.calls {
		size += call.sizeBytes()
	}
	return size
}
