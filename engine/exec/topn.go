package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

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
	workers       int
	memory        *account
	consumed      func() // called after each batch, may be nil
	// raised is called whenever the bar is set, and makes that happen as soon as there are rows enough; may be nil.
	raised func(bar []arrow.Array)

	kept    []*batch.Batch // dense
	rows    int64          // in kept
	bar     []arrow.Array  // of one row, the keys of the last row wanted so far; nil at first
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
		if err := t.finish(ctx); err != nil {
			return nil, err
		}
	}
	return t.results.next(), ctx.Err()
}

func (t *topN) Close() {
	t.memory.close()
	t.input.Close()
}

func (t *topN) consume(ctx context.Context) error {
	wanted := t.offset + t.count
	size, cutBytes := int64(0), int64(0) // of the rows kept, and after the last cut
	for {
		b, err := t.input.Next(ctx)
		if b == nil || err != nil {
			return err
		}
		if b = t.candidates(b); b.Len == 0 {
			continue
		}
		t.kept = append(t.kept, b)
		t.rows += int64(b.Len)
		size += tableBytes(b)
		isFirst := t.raised != nil && t.bar == nil
		if t.rows >= wanted && (isFirst || t.rows >= wanted+max(wanted, batch.Rows) || size > 2*cutBytes+maxTakenBytes) {
			if err := t.memory.set(2 * size); err != nil { // while batches become a table both are there
				return err
			}
			if err := t.cut(ctx); err != nil {
				return err
			}
			size = tableBytes(t.kept[0])
			cutBytes = size
		}
		if err := t.memory.set(size); err != nil {
			return err
		}
		if t.consumed != nil {
			t.consumed()
		}
	}
}

// candidates returns the rows of b that come before the bar, dense.
func (t *topN) candidates(b *batch.Batch) *batch.Batch {
	if t.bar == nil {
		return compact(b)
	}
	live := b.Live()
	columns := make([]arrow.Array, len(t.keys))
	for i, k := range t.keys {
		columns[i] = batch.Expand(liveColumn(b, k.position), live)
	}
	order := orderBetween(columns, t.bar, t.keys)
	var rows []int32
	for row := range int32(live) {
		if c := order(row, 0); c < 0 || c == 0 && t.withTies {
			if b.Sel != nil {
				row = b.Sel[row]
			}
			rows = append(rows, row)
		}
	}
	return &batch.Batch{Columns: takeAll(b.Columns, rows), Len: len(rows)}
}

// cut reduces what is kept, at least as many rows as are wanted, to those still in question, and sets the bar.
func (t *topN) cut(ctx context.Context) error {
	wanted := t.offset + t.count
	all := joinBatches(t.kept)
	t.kept = nil
	rows, err := t.first(ctx, all, wanted-1, wanted)
	if err != nil {
		return err
	}
	t.kept = []*batch.Batch{all.take(inTheirOrder(rows, all.rows))}
	t.rows = int64(len(rows))
	t.bar = make([]arrow.Array, len(t.keys))
	for i, k := range t.keys {
		t.bar[i] = batch.Decode(batch.Take(all.columns[k.position], rows[wanted-1:wanted]))
	}
	if t.raised != nil {
		t.raised(t.bar)
	}
	return nil
}

// inTheirOrder returns rows of a table of so many rows in the order of their numbers, in which they are read faster.
func inTheirOrder(rows []int32, tableRows int) []int32 {
	isIn := make([]bool, tableRows)
	for _, row := range rows {
		isIn[row] = true
	}
	ordered := make([]int32, 0, len(rows))
	for row, is := range isIn {
		if is {
			ordered = append(ordered, int32(row))
		}
	}
	return ordered
}

// first returns the first n rows of all, from a place on in order, and those that tie with the n-th.
func (t *topN) first(ctx context.Context, all *table, from, n int64) ([]int32, error) {
	from, to := min(from, int64(all.rows)), min(n, int64(all.rows))
	rows, err := sortedPlaces(ctx, all, t.keys, int(from), int(to), t.workers, t.memory)
	if err != nil || int64(len(rows)) <= n {
		return rows, err
	}
	end := n
	if t.withTies {
		order := orderBy(all, t.keys)
		for end < int64(len(rows)) && order(rows[n-1], rows[end]) == 0 {
			end++
		}
	}
	return rows[:end], nil
}

func (t *topN) finish(ctx context.Context) error {
	if len(t.kept) == 0 {
		t.results = &tableReader{table: emptyTable(t.columns)}
		return nil
	}
	if err := t.memory.set(2 * t.memory.UsedBytes()); err != nil {
		return err
	}
	all := joinBatches(t.kept)
	rows, err := t.first(ctx, all, t.offset, t.offset+t.count)
	if err != nil {
		return err
	}
	t.results = &tableReader{table: all, rows: rows[min(t.offset, int64(len(rows))):]}
	t.kept = nil
	return nil
}
