package exec

import (
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
)

// TestMeasuredRows: a worker's measure is what the operator above would find, also when a column comes and goes.
func TestMeasuredRows(t *testing.T) {
	texts, err := batch.FromStrings(arrow.BinaryTypes.String, []string{"a", "bbb", "", "dd"}, nil)
	require.NoError(t, err)
	few := []batch.Vector{{Array: texts}, {Array: batch.FromCodes([]int32{1, 1, 0, 3}, nil, texts)}}
	b, err := measuring{}.apply(&batch.Batch{Columns: few, Len: 4, Sel: []int32{1, 3}})
	require.NoError(t, err)
	unmeasured := func(b *batch.Batch) int64 { return tableBytes(&batch.Batch{Columns: b.Columns, Len: b.Len}) }
	require.Equal(t, 2, b.Len)
	require.Nil(t, b.Sel)
	require.Positive(t, b.DecodedBytes)
	require.Equal(t, unmeasured(b), tableBytes(b))

	numbered := withColumn(b, batch.Vector{Array: batch.FromValues(arrow.PrimitiveTypes.Int32, []int32{0, 1}, nil)})
	require.Equal(t, unmeasured(numbered), numbered.DecodedBytes)
	require.Zero(t, withColumn(&batch.Batch{Columns: few, Len: 4}, few[0]).DecodedBytes, "nobody has measured the others")
}
