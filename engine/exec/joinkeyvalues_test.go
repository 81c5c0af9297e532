package exec

import (
	"fmt"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// TestFilterOfAllKeys: the ends of texts that are not copied say of a filter what the texts say as an array.
func TestFilterOfAllKeys(t *testing.T) {
	for _, n := range []int{1, maxRuntimeValues, maxRuntimeValues + 1, maxRuntimeValues + 2, 3*batch.Rows + 5} {
		t.Run(fmt.Sprint(n, " texts"), func(t *testing.T) {
			texts := make([]string, n)
			for i := range texts {
				texts[i] = fmt.Sprintf("%05d", (i*7919+13)%n)
			}
			array, err := batch.FromStrings(arrow.BinaryTypes.String, texts, nil)
			require.NoError(t, err)
			keys := batch.NewInterner(array.DataType())
			require.NoError(t, keys.Insert(batch.Vector{Array: array}, n, make([]int32, n)))

			var want, got runtimeFilter
			want.fill(types.VarcharType, keys.Values())
			(&keyValues{filter: keyFilter{valueType: types.VarcharType, filter: &got}}).publishAll(keys)
			require.Equal(t, want.String(), got.String())
			require.Equal(t, want, got)
		})
	}
}
