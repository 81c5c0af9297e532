package function_test

import (
	"math"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/types"
)

// TestIntegerOperatorsOfAllTinyInts: every pair of tinyints gives what wider integers give, or fails where that is beyond a tinyint or divides by
// zero, in a column that has no other such row.
func TestIntegerOperatorsOfAllTinyInts(t *testing.T) {
	for op, exact := range map[string]func(a, b int) (result int, ok bool){
		types.OpAdd:      func(a, b int) (int, bool) { return a + b, true },
		types.OpSubtract: func(a, b int) (int, bool) { return a - b, true },
		types.OpMultiply: func(a, b int) (int, bool) { return a * b, true },
		types.OpDivide: func(a, b int) (int, bool) {
			if b == 0 {
				return 0, false
			}
			return a / b, true
		},
		types.OpModulus: func(a, b int) (int, bool) {
			if b == 0 {
				return 0, false
			}
			return a % b, true
		},
	} {
		fn, _ := resolve(t, op, []*types.Type{types.TinyIntType, types.TinyIntType})
		kernel := fn.Impl.(*function.Impl).Kernel
		for a := -128; a < 128; a++ {
			for b := -128; b < 128; b++ {
				column := func(v int) batch.Vector {
					return batch.Vector{Array: batch.FromValues(arrow.PrimitiveTypes.Int8, []int8{1, int8(v), 1}, nil)}
				}
				got, err := kernel(&function.Env{}, []batch.Vector{column(a), column(b)}, nil, 3)
				want, ok := exact(a, b)
				if !ok || want != int(int8(want)) {
					require.Error(t, err, "%d %s %d", a, op, b)
					continue
				}
				require.NoError(t, err, "%d %s %d", a, op, b)
				require.Equal(t, int8(want), batch.Values[int8](got.Array)[1], "%d %s %d", a, op, b)
			}
		}
	}
}

// TestDivisionOfBigints: numbers on both sides of 32 bits divide as Go's do.
func TestDivisionOfBigints(t *testing.T) {
	ends := []int64{1, 2, 3, 10, math.MaxInt32, math.MaxInt32 + 1, math.MaxUint32, math.MaxUint32 + 1, math.MaxInt64, -2, -math.MaxUint32, math.MinInt64}
	for op, exact := range map[string]func(a, b int64) int64{
		types.OpDivide:  func(a, b int64) int64 { return a / b },
		types.OpModulus: func(a, b int64) int64 { return a % b },
	} {
		fn, _ := resolve(t, op, []*types.Type{types.BigIntType, types.BigIntType})
		for _, b := range ends {
			divisor := batch.Vector{Array: batch.FromValues(arrow.PrimitiveTypes.Int64, []int64{b}, nil), Const: true}
			column := batch.Vector{Array: batch.FromValues(arrow.PrimitiveTypes.Int64, ends, nil)}
			got, err := fn.Impl.(*function.Impl).Kernel(&function.Env{}, []batch.Vector{column, divisor}, nil, len(ends))
			require.NoError(t, err)
			for i, a := range ends {
				require.Equal(t, exact(a, b), batch.Values[int64](got.Array)[i], "%d %s %d", a, op, b)
			}
		}
	}
}
