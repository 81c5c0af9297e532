package exec

import "github.com/auditlake/auditlake/engine/batch"

// measuring puts the live rows of a batch together and measures them, which an operator that keeps all rows would do with one goroutine.
type measuring struct{}

// measureRows has the workers of an operator's input, if it has some, measure rows that the operator keeps.
func measureRows(input Operator) { putStage(input, measuring{}) }

func (measuring) apply(b *batch.Batch) (*batch.Batch, error) { return measured(compact(b)), nil }

// measured returns a dense batch with its size.
func measured(b *batch.Batch) *batch.Batch {
	return &batch.Batch{Columns: b.Columns, Len: b.Len, DecodedBytes: tableBytes(b)}
}

// withColumn returns a dense batch with one column more, and with its size if it was measured.
func withColumn(b *batch.Batch, v batch.Vector) *batch.Batch {
	out := &batch.Batch{Columns: append(b.Columns[:len(b.Columns):len(b.Columns)], v), Len: b.Len}
	if b.DecodedBytes > 0 {
		out.DecodedBytes = b.DecodedBytes + batch.DecodedBytes(v, b.Len)
	}
	return out
}
