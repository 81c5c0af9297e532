package exec

import (
	"context"
	"slices"

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

	given  int          // rows so far
	picked *batch.Batch // of the rows from given to until, those that are left; nil: not looked at yet
	until  int
}

func (r *windowReader) next(ctx context.Context) (*batch.Batch, error) {
	for r.given < len(r.piece.rows) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if r.picked == nil {
			r.until = min(len(r.piece.rows), r.given+batch.Rows)
			picked, err := narrow(r.inOrder(r.given, r.until), r.picks)
			if err != nil {
				return nil, err
			}
			r.picked = picked
		}
		if r.picked != nil {
			return r.take(), nil
		}
		r.given = r.until
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

// take returns the rows that were picked, with all columns, or the first of them if all take too much memory.
func (r *windowReader) take() *batch.Batch {
	picked, first := r.picked, r.given
	var carried []batch.Vector
	for i, v := range r.piece.table.vectors() {
		if r.sorted.columns[i] == nil {
			carried = append(carried, v)
		}
	}
	r.picked, r.given = nil, r.until
	if len(carried) == 0 {
		return picked
	}
	rows := r.piece.rows[first:r.until]
	if picked.Sel != nil {
		rows = rowsAt(rows, picked.Sel)
	}
	fit := fitting(carried, rows)
	if fit < len(rows) {
		picked = r.putBack(picked, first, fit)
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

// putBack returns the first rows of picked, which begins with row first of the piece, and leaves the others for the next call.
func (r *windowReader) putBack(picked *batch.Batch, first, rows int) *batch.Batch {
	if picked.Sel == nil {
		r.given = first + rows
		r.picked = r.inOrder(r.given, r.until)
		return r.inOrder(first, r.given)
	}
	given, left := picked.Sel[:rows], slices.Clone(picked.Sel[rows:])
	past := int(given[rows-1]) + 1
	for i := range left {
		left[i] -= int32(past)
	}
	r.given = first + past
	r.picked = r.inOrder(r.given, r.until)
	r.picked.Sel = left
	return &batch.Batch{Columns: picked.Columns, Len: picked.Len, Sel: given}
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
