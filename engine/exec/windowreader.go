package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
)

// windowReader gives the rows of a piece and the results of its calls out in batches. Columns that no
// call read are put in order batch by batch.
type windowReader struct {
	piece  *partitionPiece
	sorted *table   // columns are nil that are not in order yet; the results follow
	memory *account // of sorted

	given int // rows so far
}

func (r *windowReader) next(ctx context.Context) (*batch.Batch, error) {
	from, to := r.given, min(len(r.piece.rows), r.given+batch.Rows)
	if from == to {
		return nil, nil
	}
	var carried []batch.Vector
	for i, v := range r.piece.table.vectors() {
		if r.sorted.columns[i] == nil {
			carried = append(carried, v)
		}
	}
	rows := r.piece.rows[from:to]
	rows = rows[:fitting(carried, rows)]
	r.given += len(rows)
	b := &batch.Batch{Len: len(rows)}
	for i, c := range r.sorted.columns {
		if c == nil {
			b.Columns = append(b.Columns, batch.Vector{Array: batch.Take(r.piece.table.columns[i], rows)})
			continue
		}
		b.Columns = append(b.Columns, batch.Vector{Array: array.NewSlice(c, int64(from), int64(r.given))})
	}
	return b, ctx.Err()
}

func (r *windowReader) close() {
	r.memory.close()
	r.piece.close()
}
