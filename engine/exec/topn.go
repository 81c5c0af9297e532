package exec

import (
	"context"
	"errors"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/plan"
)

// topN returns the rows that come first in the order of keys: count rows after skipping offset, and with ties all
// rows that equal the last one.
//
// It holds little more than those rows. If they do not fit into memory, it sorts and spills the candidates.
type topN struct {
	input Operator
	gathering
	columns       []*plan.Column
	keys          []sortKey
	offset, count int64
	withTies      bool
	memory        *account
	consumed      func() // called after each batch; may be nil
	// raised is called whenever the bar is set. If it is not nil, the bar is set as soon as there are enough rows.
	raised func(bar []arrow.Array)

	kept    []*batch.Batch // dense
	pending *batch.Batch   // came when memory ran out; nil: none
	rows    int64          // rows in kept
	bar     []arrow.Array  // keys, one row each, of the last row wanted so far; nil at first
	below   *topNStage     // nil: workers drop no rows
	results *tableReader   // nil until the input is consumed
	runs    *sortedRuns    // uses the same account; nil: nothing is spilled
	spilled *sortedTop     // nil: the wanted rows are in memory
}

func (t *topN) Next(ctx context.Context) (*batch.Batch, error) {
	if t.count == 0 {
		return nil, ctx.Err()
	}
	if t.results == nil && t.spilled == nil {
		if err := t.begin(ctx); err != nil {
			return nil, err
		}
	}
	if t.spilled != nil {
		return t.spilled.Next(ctx)
	}
	return t.results.next(), ctx.Err()
}

func (t *topN) Close() {
	if t.runs != nil {
		t.runs.close()
	}
	t.memory.close()
	t.input.Close()
	if t.below != nil {
		t.below.memory.close() // no worker runs any more
	}
}

// begin consumes the input.
func (t *topN) begin(ctx context.Context) error {
	err := t.consume(ctx)
	if err == nil {
		err = t.finish(ctx)
	}
	if errors.Is(err, errSpillsTop) {
		return t.sortAll(ctx)
	}
	return err
}

// errSpillsTop ends consume when the wanted rows take too much memory.
var errSpillsTop = errors.New("exec: the first rows are to be sorted on disk")

func (t *topN) canSpill() bool { return t.runs != nil && t.runs.spiller != nil }

// orSpills replaces an error of t's memory by errSpillsTop, if t can spill.
func (t *topN) orSpills(err error) error {
	if t.canSpill() && memory.IsFull(err) {
		return errSpillsTop
	}
	return err
}

// sortAll sorts the kept rows, and the rows of the remaining input that come before the bar.
func (t *topN) sortAll(ctx context.Context) error {
	for _, b := range t.kept {
		t.runs.batches, t.runs.bytes, t.runs.rows = append(t.runs.batches, b), t.runs.bytes+tableBytes(b), t.runs.rows+b.Len
	}
	t.kept = nil
	if err := t.runs.spillBatches(ctx); err != nil {
		return err
	}
	if t.pending != nil {
		if err := t.addCandidates(ctx, t.pending); err != nil {
			return err
		}
	}
	for {
		b, err := t.input.Next(ctx)
		if err != nil {
			return err
		}
		if b == nil {
			break
		}
		if err := t.addCandidates(ctx, b); err != nil {
			return err
		}
	}
	t.pending = nil
	sorted, err := t.runs.finish(ctx)
	t.spilled = &sortedTop{input: &sorter{input: t.input, runs: t.runs, sorted: sorted}, keys: t.keys, offset: t.offset, count: t.count, withTies: t.withTies}
	return err
}

func (t *topN) addCandidates(ctx context.Context, b *batch.Batch) error {
	if b = t.candidates(b, t.bar, t.withTies); b.Len == 0 {
		return nil
	}
	return t.runs.addBatch(ctx, b)
}

func (t *topN) consume(ctx context.Context) error {
	wanted := t.offset + t.count
	size, cutBytes := int64(0), int64(0) // of the rows kept, now and after a cut
	for {
		b, err := t.input.Next(ctx)
		if b == nil || err != nil {
			return err
		}
		if t.below != nil && t.raised == nil {
			b = compact(b) // rows that workers let pass are dropped by the next cut
		} else {
			b = t.candidates(b, t.bar, t.withTies)
		}
		if b.Len == 0 {
			continue
		}
		bytes := tableBytes(b)
		if t.canSpill() && t.memory.ShouldSpill(t.runs.sortingBytes(size+bytes, int(t.rows)+b.Len)-size) {
			t.pending = b
			return errSpillsTop
		}
		t.kept = append(t.kept, b)
		t.rows += int64(b.Len)
		size += bytes
		if t.bar == nil {
			cutBytes = size / t.rows * wanted // size after a cut
		}
		isFirst := t.raised != nil && t.bar == nil
		if t.rows >= wanted && (isFirst || t.rows >= wanted+max(wanted, batch.Rows) || size > 2*cutBytes+maxTakenBytes) {
			if err := t.memory.set(2 * size); err != nil { // batches and table exist at the same time
				return t.orSpills(err)
			}
			if err := t.cut(ctx); err != nil {
				return err
			}
			size = tableBytes(t.kept[0])
			cutBytes = size
		}
		if err := t.memory.set(size); err != nil {
			return t.orSpills(err)
		}
		if t.consumed != nil {
			t.consumed()
		}
	}
}

// cut drops the kept rows that are no longer candidates, and sets the bar. At least as many rows must be kept as
// are wanted.
func (t *topN) cut(ctx context.Context) error {
	wanted := t.offset + t.count
	all := t.gathering.join(ctx, t.kept)
	t.kept = nil
	rows, err := t.first(ctx, all, wanted-1, wanted, t.workers, t.memory)
	if err != nil {
		t.kept = []*batch.Batch{{Columns: all.vectors(), Len: all.rows}}
		return t.orSpills(err)
	}
	t.kept = []*batch.Batch{t.gathering.take(ctx, all, inTheirOrder(rows, all.rows, t.gathering.divide(ctx, all.rows)))}
	t.rows = int64(len(rows))
	t.bar = t.barAt(all, rows[wanted-1])
	if t.below != nil {
		t.below.raise(&topNBar{keys: t.bar, isOfAll: true})
	}
	if t.raised != nil {
		t.raised(t.bar)
	}
	return nil
}

// barAt returns the keys of a row.
func (t *topN) barAt(all *table, row int32) []arrow.Array {
	bar := make([]arrow.Array, len(t.keys))
	for i, k := range t.keys {
		bar[i] = batch.Decode(batch.Take(all.columns[k.position], []int32{row}))
	}
	return bar
}

// inTheirOrder returns rows, which are distinct, in ascending order, in which they are read faster. The table has
// tableRows rows; by divides the work.
func inTheirOrder(rows []int32, tableRows int, by batch.Divide) []int32 {
	isIn := make([]uint8, tableRows) // 1: the row is in rows
	by.Rows(len(rows), func(_, from, to int) {
		for _, row := range rows[from:to] {
			isIn[row] = 1
		}
	})
	ends := make([]int, batch.PiecesOf(tableRows)) // number of rows up to the end of each piece of the table
	by.Rows(tableRows, func(piece, from, to int) {
		for _, is := range isIn[from:to] {
			ends[piece] += int(is)
		}
	})
	for piece := range ends[1:] {
		ends[piece+1] += ends[piece]
	}
	ordered := make([]int32, len(rows))
	by.Rows(tableRows, func(piece, from, _ int) {
		at := 0
		if piece > 0 {
			at = ends[piece-1]
		}
		for row := from; at < ends[piece]; row++ { // a row that is not in rows is overwritten
			ordered[at] = int32(row)
			at += int(isIn[row])
		}
	})
	return ordered
}

// first returns the first n rows of all, and with ties the rows that equal the n-th. Only the places from from on
// are in order.
func (t *topN) first(ctx context.Context, all *table, from, n int64, workers int, memory *account) ([]int32, error) {
	from, to := min(from, int64(all.rows)), min(n, int64(all.rows))
	rows, err := sortedPlaces(ctx, all, t.keys, int(from), int(to), workers, memory)
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
		return t.orSpills(err)
	}
	all := t.gathering.join(ctx, t.kept)
	rows, err := t.first(ctx, all, t.offset, t.offset+t.count, t.workers, t.memory)
	if err != nil {
		return t.orSpills(err)
	}
	t.results = &tableReader{table: all, rows: rows[min(t.offset, int64(len(rows))):]}
	t.kept = nil
	return nil
}
