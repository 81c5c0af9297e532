package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
)

// partialGroups watches an aggregation whose groups may come more than once, see plan.Aggregate: where nearly every row is a group of its own,
// it is not worth looking for equal keys among those of all batches.
type partialGroups struct {
	rows   int64 // so far; of a grouped batch twice its groups, as it has that many at least
	nextAt int64 // after how many rows to look again

	// arePassed: the results are rows as groups of their own, which have passed the operators right above.
	arePassed bool
}

const (
	// firstPartialRows is after how many rows it is looked for the first time how many groups they make: hardly one may repeat then.
	firstPartialRows = 1 << 12
	// minPartialRows is from how many rows on a quarter of them must have been in a group already.
	minPartialRows = 1 << 15
)

func newPartialGroups() *partialGroups { return &partialGroups{nextAt: firstPartialRows} }

func (p *partialGroups) countRows(b *batch.Batch, groups *groupedBatch) {
	switch {
	case p == nil:
	case groups != nil:
		p.rows += 2 * int64(groups.sets[0].count)
	case b != nil:
		p.rows += int64(b.Live())
	}
}

// givesUp reports whether the rows so far make so many groups that those to come are passed on. Nothing is underway then.
func (h *hashAgg) givesUp() (bool, error) {
	p := h.partial
	if p == nil || p.rows < p.nextAt || h.isFull {
		return false, nil
	}
	p.nextAt = max(minPartialRows, 2*p.nextAt)
	if h.pipeline != nil {
		if err := h.pipeline.drain(); err != nil {
			return false, err
		}
	}
	const few, fewAtFirst = 4, 32
	repeats := p.rows - int64(h.sets[0].grouper.groups)
	if p.rows < minPartialRows && repeats*fewAtFirst > p.rows || p.rows >= minPartialRows && repeats*few > p.rows {
		return false, nil
	}
	h.grouping.isPassing.Store(true)
	return true, h.endPipeline()
}

// passOn makes results of the next batch; none at the end.
func (h *hashAgg) passOn(ctx context.Context) error {
	p := h.partial
	for h.grouping.isPassing.Load() && h.results == nil {
		b, groups, err := h.input.nextGrouped(ctx)
		if err != nil {
			return err
		}
		p.arePassed = groups != nil && groups.isPassed
		switch {
		case b == nil && groups == nil:
			h.grouping.isPassing.Store(false)
		case p.arePassed:
			b = groups.passed
		default:
			b, err = h.rowsAsGroups(b, groups)
		}
		if err != nil {
			return err
		}
		if b != nil {
			h.results = &oneBatch{b}
			return h.memory.set(batchBytes(b))
		}
	}
	return nil
}

// rowsAsGroups returns each row of a batch, or each group of one that was grouped, as a group of its own. Workers may ask for it beside each other.
func (h *hashAgg) rowsAsGroups(b *batch.Batch, grouped *groupedBatch) (*batch.Batch, error) {
	set := h.newSet(0, nil)
	var keys []batch.Vector
	if grouped != nil {
		keys, set.grouper.groups = grouped.sets[0].keys, grouped.sets[0].count
	} else {
		keys, set.grouper.groups = h.keysOf(b), b.Live()
	}
	rows := set.grouper.groups
	groups := make([]int32, rows)
	for row := range groups {
		groups[row] = int32(row)
	}
	var err error
	if grouped != nil {
		err = set.mergeStates(grouped.sets[0], groups, rows, nil)
	} else {
		err = set.addStates(b, groups, rows, make(map[*aggregateInput]*aggregateRows), nil)
	}
	if err != nil {
		return nil, err
	}
	out := &batch.Batch{Columns: keys, Len: rows}
	for _, call := range set.calls {
		call.accumulator.Resize(rows)
		column, err := set.aggregate(call, h.limits, batch.InTurn)
		if err != nil {
			return nil, err
		}
		out.Columns = append(out.Columns, batch.Vector{Array: column})
	}
	return out, nil
}

// passAhead is what a worker does with a batch when the aggregation has given up.
func (s *stagedGroups) passAhead(b *batch.Batch) (*batch.Batch, error) {
	b, err := s.groups.rowsAsGroups(b, nil)
	for _, stage := range s.stages.stages {
		if b == nil || err != nil {
			break
		}
		b, err = stage.apply(b)
	}
	return b, err
}
