package function

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// TestFieldsOfTimestamps: the fields of timestamps in order, and in any, are those of each alone, also before 1970.
func TestFieldsOfTimestamps(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	for _, precision := range []int{0, 3, 6} {
		of := types.TimestampOf(precision)
		c := clockOf(of)
		for _, isSorted := range []bool{true, false} {
			values := make([]int64, 2000)
			for i := range values {
				values[i] = (random.Int64N(1<<33) - 1<<32) * c.units // some 136 years before 1970 and behind it
				if i%2 == 0 {
					values[i] = random.Int64N(3*86400*c.units) - 86400*c.units
				}
			}
			if isSorted {
				slices.Sort(values)
			}
			for _, f := range slices.Concat(dateFields, timeFields) {
				t.Run(fmt.Sprintf("%s(timestamp(%d)), sorted %v", f.names[0], precision, isSorted), func(t *testing.T) {
					kernel := timestampFieldOf(f)(&types.Resolved{Args: []*types.Type{of}, Return: types.BigIntType})
					got, err := kernel(&Env{}, []batch.Vector{{Array: batch.FromValues(arrowtype.Of(of), values, nil)}}, nil, len(values))
					require.NoError(t, err)
					for i, field := range batch.Values[int64](got.Array) {
						require.Equal(t, f.of(c.local(values[i])), field, "of %s", c.local(values[i]))
					}
				})
			}
		}
	}
}
