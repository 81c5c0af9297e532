package exec

import (
	"cmp"
	"context"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
)

// gathering joins and copies rows. If there are many, workers divide the columns, and parts of columns. The zero
// value uses one goroutine.
type gathering struct {
	workers int
	numbers *batch.TextNumbers // of the lake's texts; nil: they have none
}

// gathering returns how operators join and copy rows.
func (b *builder) gathering() gathering {
	return gathering{workers: b.workers(), numbers: b.env.Numbers}
}

// join joins dense batches, at least one, into one table.
func (g gathering) join(ctx context.Context, batches []*batch.Batch) *table {
	t := &table{columns: make([]arrow.Array, len(batches[0].Columns))}
	for _, b := range batches {
		t.rows += b.Len
	}
	divide := g.divide(ctx, t.rows)
	columns := longestFirst(batches[0])
	divide(len(columns), func(piece int) {
		c := columns[piece]
		parts := make([]arrow.Array, len(batches))
		for i, b := range batches {
			parts[i] = batch.Expand(b.Columns[c], b.Len)
		}
		t.columns[c] = batch.ConcatDivided(parts, g.numbers, divide)
	})
	return t
}

// longestFirst returns the columns in the order in which they are joined: first dictionaries of many values. One
// goroutine numbers such a dictionary while the other workers have columns left.
func longestFirst(b *batch.Batch) []int {
	values := make([]int, len(b.Columns))
	columns := make([]int, len(b.Columns))
	for c, v := range b.Columns {
		columns[c] = c
		if d, ok := v.Array.(*array.Dictionary); ok {
			values[c] = d.Dictionary().Len()
		}
	}
	slices.SortStableFunc(columns, func(c, d int) int { return cmp.Compare(values[d], values[c]) })
	return columns
}

// take returns a batch of rows of a table; a negative row becomes NULLs.
func (g gathering) take(ctx context.Context, t *table, rows []int32) *batch.Batch {
	b := &batch.Batch{Len: len(rows), Columns: make([]batch.Vector, len(t.columns))}
	divide := g.divide(ctx, len(rows))
	divide(len(t.columns), func(c int) {
		b.Columns[c] = batch.Vector{Array: batch.TakeDivided(t.columns[c], rows, divide)}
	})
	return b
}

// divide returns what divides the work on rows rows among workers, if there are enough rows. When a worker divides
// its piece again, idle workers take part. So they do not all wait for one column of long texts.
func (g gathering) divide(ctx context.Context, rows int) batch.Divide {
	workers := g.workers
	if rows < manyRows {
		workers = 1
	}
	return func(pieces int, do func(piece int)) { inParallel(ctx, workers, pieces, do) }
}
