package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/plan"
)

// table is all rows of an input, one array per column.
type table struct {
	columns []arrow.Array
	rows    int
}

// drain reads an operator to its end; columns are the operator's. Afterwards memory holds the size of the table.
func drain(ctx context.Context, from Operator, columns []*plan.Column, memory *account) (*table, error) {
	var batches []*batch.Batch
	size := int64(0)
	for {
		b, err := from.Next(ctx)
		if err != nil {
			return nil, err
		}
		if b == nil {
			break
		}
		b = compact(b)
		batches = append(batches, b)
		size += tableBytes(b)
		if err := memory.set(size); err != nil {
			return nil, err
		}
	}
	if len(batches) == 0 {
		return emptyTable(columns), nil
	}
	if err := memory.set(2 * size); err != nil { // batches and table exist at the same time
		return nil, err
	}
	t := joinBatches(batches)
	return t, memory.set(min(size, batchBytes(&batch.Batch{Columns: t.vectors()})))
}

func emptyTable(columns []*plan.Column) *table {
	t := &table{}
	for _, c := range columns {
		t.columns = append(t.columns, batch.Nulls(arrowtype.Of(c.Type), 0))
	}
	return t
}

// joinBatches joins dense batches, at least one, into one table.
func joinBatches(batches []*batch.Batch) *table {
	return gathering{}.join(context.Background(), batches)
}

// take returns a batch of the given rows; a negative row makes NULLs.
func (t *table) take(rows []int32) *batch.Batch {
	return gathering{}.take(context.Background(), t, rows)
}

// vectors returns the columns as vectors.
func (t *table) vectors() []batch.Vector {
	out := make([]batch.Vector, len(t.columns))
	for i, c := range t.columns {
		out[i] = batch.Vector{Array: c}
	}
	return out
}

// tableReader returns a table's rows in batches, in the order of rows (nil: as stored).
type tableReader struct {
	table *table
	rows  []int32

	given int // rows returned so far
}

// next returns the next batch, nil at the end.
func (r *tableReader) next() *batch.Batch {
	from := r.given
	if r.rows != nil {
		to := min(len(r.rows), from+batch.Rows)
		if from == to {
			return nil
		}
		to = from + fitting(r.table.vectors(), r.rows[from:to])
		r.given = to
		return r.table.take(r.rows[from:to])
	}
	to := min(r.table.rows, from+batch.Rows)
	if from == to {
		return nil
	}
	r.given = to
	b := &batch.Batch{Len: to - from}
	for _, c := range r.table.columns {
		b.Columns = append(b.Columns, batch.Vector{Array: array.NewSlice(c, int64(from), int64(to))})
	}
	return b
}

// batchBytes estimates the memory of a dense batch's arrays.
func batchBytes(b *batch.Batch) int64 {
	size := int64(0)
	for _, v := range b.Columns {
		size += batch.HeldBytes(v.Array)
	}
	return size
}

// tableBytes estimates the memory of a dense batch as a part of a table, where constants are expanded and
// dictionaries decoded.
func tableBytes(b *batch.Batch) int64 {
	size := int64(0)
	for _, v := range b.Columns {
		size += batch.DecodedBytes(v, b.Len)
	}
	return size
}

// arrayBytes is about what an array takes besides its values. It matters if many arrays of few values are kept.
const arrayBytes = 400

// maxTakenBytes is the most that operators copy into one batch of more than one row.
const maxTakenBytes = 16 << 20

// fitting returns how many of the rows, at least one, take no more than maxTakenBytes when they are taken from
// columns.
func fitting(columns []batch.Vector, rows []int32) int {
	n := len(rows)
	for n > 1 && takenBytes(columns, rows[:n]) > maxTakenBytes {
		n /= 2
	}
	return n
}

func takenBytes(columns []batch.Vector, rows []int32) int64 {
	bytes := int64(0)
	for _, v := range columns {
		if !v.Const {
			bytes += batch.TakenBytes(v.Array, rows)
		}
	}
	return bytes
}
