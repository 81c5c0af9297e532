package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/expr"
)

// windowReader gives the rows of a piece and the results of its calls out in batches, without those that conditions leave out.
// Columns that no call read are put in order batch by batch, of the other rows alone.
type windowReader struct {
	piece  *partitionPiece
	sorted *table           // columns are nil that are not in order yet; the results follow
	picks  []expr.Evaluator // conditions on columns that are in order
	memory *account         // of sorted

	given int // rows so far
}

func (r *windowReader) next(ctx context.Context) (*batch.Batch, error) {
	for r.given < len(r.piece.rows) {
		to := min(len(r.piece.rows), r.given+batch.Rows)
		picked, err := narrow(r.inOrder(r.given, to), r.picks)
		if err != nil {
			return nil, err
		}
		if picked != nil {
			return r.take(picked, to), ctx.Err()
		}
		r.given = to
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// inOrder returns rows of the piece, of the columns that are in order; the others are empty.
func (r *windowReader) inOrder(from, to int) *batch.Batch {
	b := &batch.Batch{Columns: make([]batch.Vector, len(r.sorted.columns)), Len: to - from}
	for i, c := range r.sorted.columns {
		if c != nil {
			b.Columns[i] = batch.Vector{Array: array.NewSlice(c, int64(from), int64(to))}
		}
	}
	return b
}

// take returns rows that were picked of those up to a place, with all columns, or the first of them if all take too much memory.
func (r *windowReader) take(picked *batch.Batch, to int) *batch.Batch {
	var carried []batch.Vector
	for i, v := range r.piece.table.vectors() {
		if r.sorted.columns[i] == nil {
			carried = append(carried, v)
		}
	}
	if len(carried) == 0 {
		r.given = to
		return picked
	}
	rows := r.piece.rows[r.given:to]
	if picked.Sel != nil {
		rows = rowsAt(rows, picked.Sel)
	}
	fit := fitting(carried, rows)
	switch {
	case fit == len(rows):
		r.given = to
	case picked.Sel == nil:
		picked = r.inOrder(r.given, r.given+fit)
		r.given += fit
	default:
		picked.Sel = picked.Sel[:fit]
		r.given += int(picked.Sel[fit-1]) + 1
	}
	b := &batch.Batch{Columns: picked.Columns, Len: fit}
	for i, c := range r.sorted.columns {
		if c == nil {
			b.Columns[i] = batch.Vector{Array: batch.Take(r.piece.table.columns[i], rows[:fit])}
		} else {
			b.Columns[i] = liveColumn(picked, i)
		}
	}
	return b
}

// rowsAt returns the rows at some places of a list.
func rowsAt(list, places []int32) []int32 {
	out := make([]int32, len(places))
	for i, at := range places {
		out[i] = list[at]
	}
	return out
}

func (r *windowReader) close() {
	r.memory.close()
	r.piece.close()
}
