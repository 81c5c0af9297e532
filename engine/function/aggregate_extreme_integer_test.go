package function

import (
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// TestExtremesByIntegers: for keys that are compared as integers the values that win are those that win among keys of any type, with equal
// keys, NULL keys and values, constants, and states that are merged.
func TestExtremesByIntegers(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	numbers := func(rows, below int) arrow.Array {
		values := make([]int64, rows)
		for i := range values {
			values[i] = random.Int64N(int64(below)) - int64(below)/2
		}
		return batch.FromValues(arrow.PrimitiveTypes.Int64, values, someNulls(random, rows))
	}
	for _, greatest := range []bool{false, true} {
		var states [2][2]Accumulator // of integers and of any type
		for i := range states {
			states[i] = [2]Accumulator{newIntegerExtremeBy(types.BigIntType, greatest), newExtremeBy(types.BigIntType, types.BigIntType, greatest, true)}
		}
		for try := range 40 {
			rows, groups := 1+random.IntN(300), 5+try
			ids := make([]int32, rows)
			for i := range ids {
				ids[i] = random.Int32N(int32(groups))
			}
			key := batch.Vector{Array: numbers(rows, 20)}
			if try%7 == 6 {
				key = batch.Vector{Array: numbers(1, 20), Const: true}
			}
			value := batch.Vector{Array: numbers(rows, 1_000_000)}
			for _, state := range states[try%2] {
				state.Resize(groups)
				require.NoError(t, state.Add(ids, []batch.Vector{value, key}, rows))
			}
		}
		mapping := make([]int32, 45)
		for i := range mapping {
			mapping[i] = int32(i % 20)
		}
		for way, into := range states[0] {
			into.Resize(50)
			states[1][way].Resize(45)
			require.NoError(t, into.Merge(states[1][way], mapping))
		}
		got, err := states[0][0].Result()
		require.NoError(t, err)
		want, err := states[0][1].Result()
		require.NoError(t, err)
		require.Equal(t, want.String(), got.String())
		require.Positive(t, states[0][0].SizeBytes())
	}
}
