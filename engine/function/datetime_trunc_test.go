package function

import (
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// TestDateTruncOfColumns: what a row gives does not depend on the rows before it.
func TestDateTruncOfColumns(t *testing.T) {
	random := rand.New(rand.NewPCG(83, 84))
	units := []string{"millisecond", "second", "minute", "Hour", "day", "week", "month", "quarter", "year"}
	for _, step := range []int64{1, 100, 3_600_000, 40 * 86_400_000} {
		values, names := make([]int64, 2000), make([]string, 2000)
		for i := range values {
			values[i], names[i] = random.Int64N(3*step+1)-step, units[random.IntN(len(units))]
			if i > 0 {
				values[i] += values[i-1]
			}
			if i > 0 && random.IntN(8) > 0 {
				names[i] = names[i-1]
			}
		}
		unit, err := batch.FromStrings(arrow.BinaryTypes.String, names, nil)
		require.NoError(t, err)
		for _, precision := range []int{0, 3, 6} {
			timestamp := types.TimestampOf(precision)
			column := batch.FromValues(arrowtype.Of(timestamp), values, nil)
			kernel := kernelOf(t, "date_trunc", types.VarcharType, timestamp)
			call := func(rows []int32) []int64 {
				args := []batch.Vector{{Array: batch.Take(unit, rows)}, {Array: batch.Take(column, rows)}}
				out, err := kernel(&Env{}, args, make([]Lambda, 2), len(rows))
				require.NoError(t, err)
				return batch.Values[int64](out.Array)
			}
			rows := make([]int32, len(values))
			for i := range rows {
				rows[i] = int32(i)
			}
			for i, got := range call(rows) {
				require.Equal(t, call(rows[i : i+1])[0], got, "date_trunc('%s', %d)", names[i], values[i])
			}
		}
	}
}
