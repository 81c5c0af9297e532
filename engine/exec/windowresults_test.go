package exec

import (
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
)

// TestRunningResults: many results of one value each are held as values, and not as so many arrays.
func TestRunningResults(t *testing.T) {
	for _, n := range []int{1, joinedResults - 1, joinedResults, 5*joinedResults + 3} {
		pool := memory.NewPool(0)
		r := &runningResults{memory: &account{pool.Account("OVER")}}
		for i := range n {
			require.EqualValues(t, i, r.count)
			require.NoError(t, r.addResult(batch.FromValues(arrow.PrimitiveTypes.Int64, []int64{int64(i)}, nil)))
		}
		require.LessOrEqual(t, pool.UsedBytes(), int64(8*n+arrayBytes*joinedResults))
		all, err := r.all()
		require.NoError(t, err)
		require.Equal(t, n, all.Len())
		for i, value := range all.(*array.Int64).Int64Values() {
			require.EqualValues(t, i, value)
		}
		r.memory.close()
		require.Zero(t, pool.UsedBytes())
	}
}
