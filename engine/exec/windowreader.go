package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/expr"
)

// windowReader returns the rows of a piece that pass the conditions, with the results of its calls, in batches.
//
// Columns that no call reads are put in order batch by batch, only for these rows. Columns that no operator above
// reads are NULL.
type windowReader struct {
	piece  *partitionPiece
	sorted *table               // columns not in order yet are nil; the results follow
	picks  []expr.Evaluator     // conditions on columns that are in order
	unread map[int]batch.Vector // by position: NULLs for columns that no operator above reads
	memory *account             // holds sorted

	looked int          // end of the rows that the conditions were applied to
	picked *batch.Batch // the rows that passed last; nil: all are returned
	from   int          // the piece's row at which picked begins
	given  int          // live rows of picked returned so far
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

// inOrder returns rows [from, to) of the piece. Only the columns that are in order are set.
func (r *windowReader) inOrder(from, to int) *batch.Batch {
	b := &batch.Batch{Columns: make([]batch.Vector, len(r.sorted.columns)), Len: to - from}
	for i, c := range r.sorted.columns {
		if c != nil {
			b.Columns[i] = batch.Vector{Array: array.NewSlice(c, int64(from), int64(to))}
		}
	}
	return b
}

// take returns the picked rows with all columns, or the first of them if all take too much memory.
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
