package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
)

// gathering puts rows together; of many rows workers do the columns. The zero value does with one goroutine.
type gathering struct {
	workers int
	numbers *batch.TextNumbers // of the lake's texts; nil: they have none
}

// gathering is how operators put rows together.
func (b *builder) gathering() gathering {
	return gathering{workers: b.workers(), numbers: b.env.Numbers}
}

// join puts dense batches, at least one, into one table.
func (g gathering) join(ctx context.Context, batches []*batch.Batch) *table {
	t := &table{columns: make([]arrow.Array, len(batches[0].Columns))}
	for _, b := range batches {
		t.rows += b.Len
	}
	inParallel(ctx, g.workersFor(t.rows), len(t.columns), func(c int) {
		parts := make([]arrow.Array, len(batches))
		for i, b := range batches {
			parts[i] = batch.Expand(b.Columns[c], b.Len)
		}
		t.columns[c] = batch.ConcatNumbered(parts, g.numbers)
	})
	return t
}

// take returns a batch of rows of a table; a negative row gives NULLs.
func (g gathering) take(ctx context.Context, t *table, rows []int32) *batch.Batch {
	b := &batch.Batch{Len: len(rows), Columns: make([]batch.Vector, len(t.columns))}
	inParallel(ctx, g.workersFor(len(rows)), len(t.columns), func(c int) {
		b.Columns[c] = batch.Vector{Array: batch.Take(t.columns[c], rows)}
	})
	return b
}

// workersFor is how many workers so many rows are worth.
func (g gathering) workersFor(rows int) int {
	if rows < manyRows {
		return 1
	}
	return g.workers
}
