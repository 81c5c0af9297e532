package exec

import (
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
)

// windowReader gives the rows of a window and its results out in batches. What
// no call read is put in order batch by batch.
type windowReader struct {
	unsorted *table  // columns are nil where sorted has them
	rows     []int32 // of unsorted, in order
	sorted   *table  // columns are nil where unsorted has them; the results follow

	given int // rows so far
}

// next returns the next batch, nil at the end.
func (r *windowReader) next() *batch.Batch {
	from, to := r.given, min(len(r.rows), r.given+batch.Rows)
	if from == to {
		return nil
	}
	var carried []batch.Vector
	for _, v := range r.unsorted.vectors() {
		if v.Array != nil {
			carried = append(carried, v)
		}
	}
	to = from + fitting(carried, r.rows[from:to])
	r.given = to
	b := &batch.Batch{Len: to - from}
	for i, c := range r.sorted.columns {
		if c == nil {
			b.Columns = append(b.Columns, batch.Vector{Array: batch.Take(r.unsorted.columns[i], r.rows[from:to])})
			continue
		}
		b.Columns = append(b.Columns, batch.Vector{Array: array.NewSlice(c, int64(from), int64(to))})
	}
	return b
}
