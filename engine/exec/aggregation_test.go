package exec

import (
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
)

// TestPresence: whether a value is NULL is all that is left of it.
func TestPresence(t *testing.T) {
	texts, err := batch.FromStrings(arrow.BinaryTypes.String, []string{"a", "", "b"}, []byte{0b101})
	require.NoError(t, err)
	words, err := batch.FromStrings(arrow.BinaryTypes.String, []string{"a", "b"}, nil)
	require.NoError(t, err)
	for _, c := range []struct {
		name string
		v    batch.Vector
		want []bool // of rows 2, 1 and 0
	}{
		{"texts", batch.Vector{Array: texts}, []bool{true, false, true}},
		{"a slice", batch.Vector{Array: array.NewSlice(batch.Concat([]arrow.Array{texts, texts}), 1, 4)}, []bool{true, true, false}},
		{"a dictionary", batch.Vector{Array: batch.FromCodes([]int32{0, 0, 1}, []byte{0b011}, words)}, []bool{false, true, true}},
		{"no NULL", batch.Vector{Array: batch.FromValues(arrow.PrimitiveTypes.Int64, []int64{1, 2, 3}, nil)}, []bool{true, true, true}},
		{"one value", batch.Vector{Array: array.NewSlice(texts, 2, 3), Const: true}, []bool{true, true, true}},
		{"NULL in all rows", batch.Vector{Array: array.NewSlice(texts, 1, 2), Const: true}, []bool{false, false, false}},
		{"NULLs without type", batch.Vector{Array: array.NewNull(3)}, []bool{false, false, false}},
	} {
		got := batch.Expand(presence(c.v, []int32{2, 1, 0}), 3)
		for row, isValue := range c.want {
			require.Equal(t, isValue, !got.IsNull(row), "%s, row %d", c.name, row)
		}
	}
}
