package function

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// TestGreatestOfNumbers compares the choice among numbers with that among values of any type, in columns and constants with NULLs.
func TestGreatestOfNumbers(t *testing.T) {
	nan, zero := math.NaN(), math.Copysign(0, -1)
	checkGreatest(t, types.DoubleType, []float64{0, zero, nan, 1, -1, math.Inf(1), math.Inf(-1), nan}, []float64{zero, 0, 1, nan, nan, 2, nan, nan})
	checkGreatest(t, types.RealType, []float32{0, 1, float32(nan), -1, 2, 2, 3, 4}, []float32{float32(zero), 2, 0, float32(nan), 1, 2, 3, 5})
	checkGreatest(t, types.BigIntType, []int64{0, 1, -1, math.MinInt64, math.MaxInt64, 7, 8, 9}, []int64{1, 0, -1, math.MaxInt64, math.MinInt64, 7, 9, 8})
	checkGreatest(t, types.DateType, []int32{0, 1, -1, 4, 5, 7, 8, 9}, []int32{1, 0, -1, 5, 4, 7, 9, 8})
	checkGreatest(t, types.TimestampOf(3), []int64{0, 1, -1, 4, 5, 7, 8, 9}, []int64{1, 0, -1, 5, 4, 7, 9, 8})
}

func checkGreatest[T number](t *testing.T, of *types.Type, x, y []T) {
	t.Helper()
	rows := len(x)
	column := func(values []T, valid byte) batch.Vector {
		return batch.Vector{Array: batch.FromValues(arrowtype.Of(of), values, []byte{valid})}
	}
	constant := func(v T) batch.Vector {
		return batch.Vector{Array: batch.FromValues(arrowtype.Of(of), []T{v}, nil), Const: true}
	}
	for _, args := range [][]batch.Vector{
		{column(x, 0xff), column(y, 0xff)}, {column(x, 0b10111101), column(y, 0b11111011)}, {constant(x[4]), column(y, 0xff)},
		{column(x, 0xff), column(y, 0xff), constant(y[2])}, {constant(x[1]), constant(y[3])},
	} {
		for _, sign := range []int{1, -1} {
			want, err := chooseAny(of, sign)(&Env{}, args, nil, rows)
			require.NoError(t, err)
			got, err := chooseNumbersOf(of, sign)(&Env{}, args, nil, rows)
			require.NoError(t, err)
			require.Equal(t, want.Const, got.Const)
			require.Equal(t, want.Array.String(), got.Array.String())
		}
	}
}
