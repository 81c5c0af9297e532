package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/plan"
)

// topN keeps the rows that come first in the order of keys: count of them
// after skipping offset, and with ties all rows that equal the last one. It
// holds little more than those rows.
type topN struct {
	input         Operator
	columns       []*plan.Column
	keys          []sortKey
	offset, count int64
	withTies      bool
	memory        *account

	kept    []*batch.Batch // dense; only the first is sorted and cut
	rows    int64          // in kept
	results *tableReader   // nil until the input is consumed
}

func (t *topN) Next(ctx context.Context) (*batch.Batch, error) {
	if t.count == 0 {
		return nil, ctx.Err()
	}
	if t.results == nil {
		if err := t.consume(ctx); err != nil {
			return nil, err
		}
		t.finish()
	}
	return t.results.next(), ctx.Err()
}

func (t *topN) Close() {
	t.memory.close()
	t.input.Close()
}

func (t *topN) consume(ctx context.Context) error {
	wanted := t.offset + t.count
	for {
		b, err := t.input.Next(ctx)
		if b == nil || err != nil {
			return err
		}
		b = compact(b)
		t.kept = append(t.kept, b)
		t.rows += int64(b.Len)
		if t.rows > 2*wanted+4*batch.Rows {
			t.cut()
		}
		size := int64(0)
		for _, b := range t.kept {
			size += batchBytes(b)
		}
		if err := t.memory.set(size); err != nil {
			return err
		}
	}
}

// cut reduces what is kept to the rows still in question, in order.
func (t *topN) cut() {
	all := joinBatches(t.kept)
	rows := t.first(all, t.offset+t.count)
	t.kept = append(t.kept[:0:0], all.take(rows))
	t.rows = int64(len(rows))
}

// first lists the first n rows of all in order, and those that tie with the n-th.
func (t *topN) first(all *table, n int64) []int32 {
	rows := sortedRows(all, t.keys)
	if int64(len(rows)) <= n {
		return rows
	}
	end := n
	if t.withTies {
		order := orderBy(all, t.keys)
		for end < int64(len(rows)) && order(rows[n-1], rows[end]) == 0 {
			end++
		}
	}
	return rows[:end]
}

func (t *topN) finish() {
	if len(t.kept) == 0 {
		t.results = &tableReader{table: emptyTable(t.columns)}
		return
	}
	all := joinBatches(t.kept)
	rows := t.first(all, t.offset+t.count)
	t.results = &tableReader{table: all, rows: rows[min(t.offset, int64(len(rows))):]}
	t.kept = nil
}
