package function

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

func TestDoubleDigits(t *testing.T) {
	for _, tt := range []struct {
		f    float64
		want string
	}{
		{0.1, "1.0E-1"}, {1e23, "9.999999999999999E22"}, {2e23, "1.9999999999999998E23"}, {5.684341886080802e-14, "5.6843418860808015E-14"},
		{2e-3, "2.0E-3"}, {-1.1e-44, "-1.1E-44"}, {9.313225746154785e-10, "9.313225746154785E-10"}, {4.9e-324, "4.9E-324"},
		{math.MaxFloat64, "1.7976931348623157E308"}, {1.0 / 3, "3.333333333333333E-1"}, {12345678901234567, "1.2345678901234568E16"},
	} {
		require.Equal(t, tt.want, string(appendScientific(nil, tt.f, 64)), strconv.FormatFloat(tt.f, 'g', -1, 64))
	}
}

// TestDoubleDigitsReadBack: the digits of a double are those of no other one.
func TestDoubleDigitsReadBack(t *testing.T) {
	random := rand.New(rand.NewPCG(61, 62))
	for range 100_000 {
		f := math.Float64frombits(random.Uint64())
		switch random.IntN(3) {
		case 0:
			f = random.NormFloat64() * math.Pow10(random.IntN(24)-4)
		case 1:
			f = float64(random.Int64()>>random.IntN(63)) / 1000
		}
		if f != f || math.IsInf(f, 0) {
			continue
		}
		got, err := strconv.ParseFloat(string(appendScientific(nil, f, 64)), 64)
		require.NoError(t, err)
		require.Equal(t, f, got)
	}
}

// TestIntegersAsTexts: a cast appends the texts of a column, NULLs aside, and refuses one that is too long for a bounded varchar.
func TestIntegersAsTexts(t *testing.T) {
	column := batch.Vector{Array: batch.FromValues(arrow.PrimitiveTypes.Int64, []int64{0, -1, 7, math.MinInt64, math.MaxInt64}, []byte{0b11011})}
	for _, c := range []struct {
		to   *types.Type
		want []string
		err  string
	}{
		{types.VarcharType, []string{"0", "-1", "(null)", "-9223372036854775808", "9223372036854775807"}, ""},
		{types.VarcharOf(20), []string{"0", "-1", "(null)", "-9223372036854775808", "9223372036854775807"}, ""},
		{types.VarcharOf(19), nil, "Value -9223372036854775808 cannot be represented as varchar(19)"},
	} {
		kernel, ok := castKernel(types.BigIntType, c.to, false)
		require.True(t, ok)
		got, err := kernel(&Env{}, []batch.Vector{column}, []Lambda{nil}, 5)
		if c.err != "" {
			require.ErrorContains(t, err, c.err)
			continue
		}
		require.NoError(t, err)
		for i, want := range c.want {
			require.Equal(t, want, got.Array.ValueStr(i))
		}
	}
}
