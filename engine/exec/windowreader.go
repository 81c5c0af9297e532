package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/expr"
)

// windowReader gives the rows of a piece and the results of its calls out in batches, without those that conditions
// leave out. Columns that no call read are put in order batch by batch, of the other rows alone; of those that nobody
// asks for it gives NULLs.
type windowReader struct {
	piece  *partitionPiece
	sorted *table               // columns are nil that are not in order yet; the results follow
	picks  []expr.Evaluator     // conditions on columns that are in order
	unread map[int]batch.Vector // by position, NULLs for the columns of the piece that nobody asks for
	memory *account             // of sorted

	looked int          // row up to which the conditions looked so far
	picked *batch.Batch // of the last ones of these, those that are left; nil: they are given out
	from   int          // row of the piece that picked begins with
	given  int          // live rows of picked so far
}

func (r *windowReader) next(ctx context.Context) (*batch.Batch, error) {
	for r.picked == nil && r.looked < r.sorted.rows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		to := min(r.sorted.rows, r.looked+batch.Rows)
		picked, err := narrow(r.inOrder(r.looked, to), r.picks)
		if err != nil {
			return nil, err
		}
		r.picked, r.from, r.looked, r.given = picked, r.looked, to, 0
	}
	if r.picked == nil {
		return nil, nil
	}
	return r.take(), ctx.Err()
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
	var carried []batch.Vector
	for i, v := range r.piece.table.vectors() {
		if r.sorted.columns[i] == nil && r.unread[i].Array == nil {
			carried = append(carried, v)
		}
	}
	picked := r.picked
	if len(carried) == 0 {
		r.picked = nil
		for i, nulls := range r.unread {
			if r.sorted.columns[i] == nil {
				picked.Columns[i] = nulls
			}
		}
		return picked
	}
	rows := pickRows(r.piece.rows[r.from:r.looked], picked.Sel)[r.given:]
	rows = rows[:fitting(carried, rows)]
	b := &batch.Batch{Columns: make([]batch.Vector, len(r.sorted.columns)), Len: len(rows)}
	for i, c := range r.sorted.columns {
		switch {
		case c == nil && r.unread[i].Array != nil:
			b.Columns[i] = r.unread[i]
			continue
		case c == nil:
			b.Columns[i] = batch.Vector{Array: batch.Take(r.piece.table.columns[i], rows)}
			continue
		}
		one := &batch.Batch{Columns: picked.Columns[i : i+1], Len: picked.Len, Sel: picked.Sel}
		b.Columns[i] = batch.Part(one, r.given, len(rows))[0]
	}
	if r.given += len(rows); r.given == picked.Live() {
		r.picked = nil
	}
	return b
}

func (r *windowReader) close() {
	r.memory.close()
	r.piece.close()
}
