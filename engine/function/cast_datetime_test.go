package function

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// TestCastColumnsToDate: what a row gives does not depend on the rows before it, whatever lies under a NULL.
func TestCastColumnsToDate(t *testing.T) {
	random := rand.New(rand.NewPCG(91, 92))
	for _, precision := range []int{0, 3, 6} {
		timestamp := types.TimestampOf(precision)
		units := dayUnits(timestamp)
		kernel, ok := castKernel(timestamp, types.DateType, false)
		require.True(t, ok)
		for _, step := range []int64{1, units / 7, units, 3 * units} {
			values, valid := make([]int64, 1000), arrowdata.FullValidity(1000)
			for i := range values {
				if values[i] = random.Int64N(3*step+1) - step; i > 0 {
					values[i] += values[i-1]
				}
			}
			for i := 9; i < len(values); i += 10 {
				values[i] = []int64{math.MinInt64, math.MaxInt64, 0}[i/10%3]
				arrowdata.ClearBit(valid, i)
			}
			out, err := kernel(&Env{}, []batch.Vector{{Array: batch.FromValues(arrowtype.Of(timestamp), values, valid)}}, make([]Lambda, 1), len(values))
			require.NoError(t, err)
			require.Equal(t, arrow.DATE32, out.Array.DataType().ID())
			for i, got := range batch.Values[int32](out.Array) {
				if i%10 == 9 {
					require.True(t, arrowdata.IsNull(out.Array, i))
					continue
				}
				require.Equal(t, int32(math.Floor(float64(values[i])/float64(units))), got, "row %d", i)
			}
		}
	}
}
