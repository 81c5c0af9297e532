package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
)

// restOf returns the groups of the spilled rows of grouping set n, in the order of their first rows.
func (h *hashAgg) restOf(ctx context.Context, n int, rest *dividedRows) (rowStream, error) {
	results, memory := h.spilling.resultsOf(len(h.node.Columns())), h.spilling.account()
	if err := rest.process(ctx, func(level int) division {
		return &groupDivision{agg: h, number: n, set: h.newSet(n, memory), memory: memory, level: level, results: results}
	}); err != nil {
		return nil, err
	}
	rows, err := results.finish(ctx)
	return unnumbered{rows}, err
}

// groupDivision aggregates the rows of one division of a grouping set.
type groupDivision struct {
	agg     *hashAgg
	number  int // index of the grouping set
	set     *groupingSet
	memory  *account
	level   int     // how often the rows were divided
	firsts  []int64 // row number of each group's first row
	results *sortedRuns
}

func (d *groupDivision) addDivided(_ context.Context, b *batch.Batch) error {
	h := d.agg
	keys := h.keysOf(b)
	if d.set.grouper.groups > 0 && h.spilling.isNeeded(d.memory, d.set.sizeBytes()+d.set.growthBytes(keys, b.Len)) {
		d.set.spillOthers(h.spilling, d.level)
	}
	inputs := make(map[*aggregateInput]*aggregateRows)
	if err := d.set.add(b, keys, inputs, d.memory); err != nil {
		return err
	}
	if d.set.rest == nil {
		numbers := numbersOf(b)
		for row, group := range d.set.groups {
			if int(group) == len(d.firsts) {
				d.firsts = append(d.firsts, numbers[row])
			}
		}
	}
	return d.memory.set(d.sizeBytes())
}

func (d *groupDivision) sizeBytes() int64 { return d.set.sizeBytes() + int64(cap(d.firsts))*8 }

func (d *groupDivision) endDivision(ctx context.Context) (*dividedRows, error) {
	memory := d.memory
	for _, call := range d.set.calls {
		if err := call.finish(ctx, d.set.grouper.groups, memory); err != nil {
			return nil, err
		}
	}
	d.set.forgetLookups()
	if err := memory.set(d.sizeBytes()); err != nil {
		return nil, err
	}
	columns, err := d.agg.columnsOf(d.number, d.set, memory, d.agg.divide(ctx))
	if err != nil {
		return nil, err
	}
	t := &table{columns: append(columns, batch.FromValues(arrow.PrimitiveTypes.Int64, d.firsts, nil)), rows: d.set.grouper.groups}
	rest := d.set.rest
	d.set = nil
	if err := memory.set(batchBytes(&batch.Batch{Columns: t.vectors()})); err != nil {
		return nil, err
	}
	reader := &tableReader{table: t}
	for b := reader.next(); b != nil; b = reader.next() {
		if err := d.results.addBatch(ctx, b); err != nil {
			return nil, err
		}
	}
	if err := memory.set(0); err != nil { // results hold the columns now
		return nil, err
	}
	return rest, d.results.leaveRoom(ctx)
}
