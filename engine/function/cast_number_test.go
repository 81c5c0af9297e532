package function

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// TestCastColumns compares the casts of whole columns of numbers with those of single values.
func TestCastColumns(t *testing.T) {
	doubles := []float64{0, math.Copysign(0, -1), 0.5, -0.5, 1.5, -2.5, math.Nextafter(0.5, 0), 126.5, 127.49, 127.5, -128.5, -128.4, 32767.5, -32769,
		1<<31 - 0.5, -1<<31 - 0.4, 1<<52 + 0.5, 1<<53 + 2, math.Nextafter(1<<63, 0), 1 << 63, -1 << 63, 1e30, math.Inf(1), math.Inf(-1), math.NaN()}
	integers := []int64{0, 1, -1, 127, 128, -128, -129, 32767, 32768, -32769, math.MaxInt32, math.MaxInt32 + 1, math.MinInt32, math.MinInt64, math.MaxInt64}
	random := rand.New(rand.NewPCG(71, 72))
	for range 1000 {
		doubles = append(doubles, random.NormFloat64()*math.Pow10(random.IntN(20)))
		integers = append(integers, random.Int64()>>random.IntN(63))
	}
	for _, to := range []*types.Type{types.TinyIntType, types.SmallIntType, types.IntegerType, types.BigIntType} {
		checkCastColumns(t, types.DoubleType, to, doubles)
		checkCastColumns(t, types.BigIntType, to, integers)
	}
	for whole := 1; whole <= maxShortDigits; whole++ {
		limit := shortPowers[whole]
		integers = append(integers, limit-1, limit, 1-limit, -limit)
	}
	for _, to := range []*types.Type{types.DecimalOf(3, 0), types.DecimalOf(18, 2), types.DecimalOf(18, 18), types.DecimalOf(19, 0), types.DecimalOf(20, 19),
		types.DecimalOf(36, 18), types.DecimalOf(38, 0), types.DecimalOf(38, 18), types.DecimalOf(38, 20)} {
		checkCastColumns(t, types.BigIntType, to, integers)
	}
}

func checkCastColumns[A number](t *testing.T, from, to *types.Type, values []A) {
	t.Helper()
	for _, try := range []bool{false, true} {
		kernel, ok := castKernel(from, to, try)
		require.True(t, ok)
		var fitting []A
		single := func(v A, constant bool) (batch.Vector, error) {
			arg := batch.Vector{Array: batch.FromValues(arrowtype.Of(from), []A{v}, nil), Const: constant}
			return kernel(&Env{}, []batch.Vector{arg}, []Lambda{nil}, 1)
		}
		for _, v := range values {
			want, wantErr := single(v, true) // which is cast by itself
			got, err := single(v, false)
			require.Equal(t, wantErr, err, "%v to %s", v, to)
			if err != nil {
				continue
			}
			require.Equal(t, want.Array.ValueStr(0), got.Array.ValueStr(0), "%v to %s", v, to)
			if arrowdata.Validity(got.Array) == nil {
				fitting = append(fitting, v)
			}
		}
		all, err := kernel(&Env{}, []batch.Vector{{Array: batch.FromValues(arrowtype.Of(from), fitting, nil)}}, []Lambda{nil}, len(fitting))
		require.NoError(t, err)
		for i, v := range fitting {
			want, err := single(v, true)
			require.NoError(t, err)
			require.Equal(t, want.Array.ValueStr(0), all.Array.ValueStr(i), "%v to %s", v, to)
		}
	}
}
