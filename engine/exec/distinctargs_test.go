package exec

import (
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
)

// TestDistinctArgs: a row is fresh once in each group, also where the batch before had it; NULL is a value.
func TestDistinctArgs(t *testing.T) {
	column := func(valid byte, values ...int64) []batch.Vector {
		return []batch.Vector{{Array: batch.FromValues(arrow.PrimitiveTypes.Int64, values, []byte{valid})}}
	}
	for _, c := range []struct {
		name          string
		keyed         bool
		first, second []int32
	}{
		{"groups", true, []int32{0, 1, 3, 4}, []int32{1, 2}},
		{"one group", false, []int32{0, 3, 4}, []int32{2}},
	} {
		d := newDistinctArgs([]arrow.DataType{arrow.PrimitiveTypes.Int64}, c.keyed)
		fresh, err := d.freshKnown([]int32{0, 1, 0, 0, 1}, column(0b10111, 7, 7, 7, 0, 8), 5)
		require.NoError(t, err)
		require.Equal(t, c.first, fresh, c.name)
		fresh, err = d.freshKnown([]int32{0, 1, 2}, column(0b101, 7, 0, 9), 3)
		require.NoError(t, err)
		require.Equal(t, c.second, fresh, c.name)
		require.Positive(t, d.sizeBytes())
	}
}
