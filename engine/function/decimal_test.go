package function

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// randomDecimal is of up to so many digits, of which some are at the ends of their range.
func randomDecimal(random *rand.Rand, digits int) decimal128.Num {
	limit := types.PowerOfTen(1 + random.IntN(digits))
	v := new(big.Int).SetUint64(random.Uint64())
	v.Mul(v, new(big.Int).SetUint64(random.Uint64())).Mod(v, limit)
	switch random.IntN(8) {
	case 0:
		v.Sub(limit, big.NewInt(1))
	case 1:
		v.Quo(limit, big.NewInt(2))
	case 2:
		v.SetInt64(int64(random.IntN(3)))
	}
	if random.IntN(2) == 0 {
		v.Neg(v)
	}
	return decimal128.FromBigInt(v)
}

func randomDecimalType(random *rand.Rand) *types.Type {
	precision := 1 + random.IntN(maxDecimalDigits)
	return types.DecimalOf(precision, random.IntN(precision+1))
}

// TestRescaled compares the rounding of decimals with that of big integers.
func TestRescaled(t *testing.T) {
	random := rand.New(rand.NewPCG(41, 42))
	for range 100_000 {
		v, from, to := randomDecimal(random, maxDecimalDigits), random.IntN(60)-20, random.IntN(60)-20
		want := rescaleBig(v.BigInt(), from, to)
		got, ok := rescaled(v, from, to)
		require.Equal(t, want.CmpAbs(decimalLimit) < 0, ok, "%s from %d to %d", v.BigInt(), from, to)
		if ok {
			require.Equal(t, want.String(), got.BigInt().String(), "%s from %d to %d", v.BigInt(), from, to)
		}
	}
}

// TestShortProducts compares products of decimals of few digits, columns and constants, with those of big integers.
func TestShortProducts(t *testing.T) {
	random := rand.New(rand.NewPCG(45, 46))
	for range 2000 {
		left, right := types.DecimalOf(1+random.IntN(maxShortDigits), 0), types.DecimalOf(1+random.IntN(maxShortDigits), 0)
		const rows = 20
		values := [2][]decimal128.Num{}
		args := make([]batch.Vector, 2)
		for at, of := range []*types.Type{left, right} {
			for range rows {
				values[at] = append(values[at], randomDecimal(random, of.Precision))
			}
			args[at] = batch.Vector{Array: batch.FromValues(arrowtype.Of(of), values[at], nil)}
		}
		constant := random.IntN(3) // 2: none
		if constant < 2 {
			args[constant] = batch.Vector{Array: batch.FromValues(arrowtype.Of([]*types.Type{left, right}[constant]), values[constant][:1], nil), Const: true}
		}
		got, err := kernelOf(t, types.OpMultiply, left, right)(&Env{}, args, []Lambda{nil, nil}, rows)
		require.NoError(t, err)
		for i, product := range columnOf[decimal128.Num](got).vals {
			x, y := values[0][i].BigInt(), values[1][i].BigInt()
			switch constant {
			case 0:
				x = values[0][0].BigInt()
			case 1:
				y = values[1][0].BigInt()
			}
			require.Equal(t, x.Mul(x, y).String(), product.BigInt().String())
		}
	}
}

func TestFormatDecimal(t *testing.T) {
	random := rand.New(rand.NewPCG(43, 44))
	for range 50_000 {
		v, scale := randomDecimal(random, maxDecimalDigits), random.IntN(maxDecimalDigits+1)
		want := new(big.Rat).SetFrac(v.BigInt(), types.PowerOfTen(scale)).FloatString(scale)
		require.Equal(t, want, formatDecimal(v, scale))
	}
}

// TestDecimalOperators compares operators with the same ones of big integers, in batches without NULLs and row by row.
func TestDecimalOperators(t *testing.T) {
	const rows = 50
	random := rand.New(rand.NewPCG(45, 46))
	overflows := 0
	for range 500 {
		a, b := randomDecimalType(random), randomDecimalType(random)
		x, y := make([]decimal128.Num, rows), make([]decimal128.Num, rows)
		for i := range rows {
			x[i], y[i] = randomDecimal(random, a.Precision), randomDecimal(random, b.Precision)
		}
		for op, reference := range decimalReferences {
			fn, err := New().Resolve(op, []types.Arg{{Type: a}, {Type: b}})
			if err != nil {
				continue
			}
			kernel := fn.Impl.(*Impl).Kernel
			column := func(t *types.Type, values []decimal128.Num) batch.Vector {
				return batch.Vector{Array: batch.FromValues(arrowtype.Of(t), values, nil)}
			}
			all, allErr := kernel(&Env{}, []batch.Vector{column(a, x), column(b, y)}, make([]Lambda, 2), rows)
			for i := range rows {
				what := fmt.Sprintf("%s %s %s of %s and %s", x[i].BigInt(), op, y[i].BigInt(), a, b)
				want, wantErr := reference(x[i].BigInt(), y[i].BigInt(), a.Scale, b.Scale, fn.Return.Scale)
				one, err := kernel(&Env{}, []batch.Vector{column(a, x[i:i+1]), column(b, y[i:i+1])}, make([]Lambda, 2), 1)
				if wantErr != "" {
					overflows++
					require.ErrorContains(t, err, wantErr, what)
					require.Error(t, allErr)
					continue
				}
				require.NoError(t, err, what)
				require.Equal(t, want.String(), batch.Values[decimal128.Num](one.Array)[0].BigInt().String(), what)
				if allErr == nil {
					require.Equal(t, want.String(), batch.Values[decimal128.Num](all.Array)[i].BigInt().String(), what)
				}
			}
		}
	}
	require.Greater(t, overflows, 1000)
}

// decimalReference computes with unscaled values of scales sa and sb one of scale s, or returns its error.
type decimalReference func(a, b *big.Int, sa, sb, s int) (*big.Int, string)

var decimalReferences = map[string]decimalReference{
	types.OpAdd:      sumReference((*big.Int).Add),
	types.OpSubtract: sumReference((*big.Int).Sub),
	types.OpMultiply: func(a, b *big.Int, _, _, _ int) (*big.Int, string) { return fitReference(new(big.Int).Mul(a, b)) },
	types.OpDivide: func(a, b *big.Int, sa, sb, s int) (*big.Int, string) {
		zeros := s - sa + sb
		switch {
		case b.Sign() == 0:
			return nil, "Division by zero"
		case zeros >= maxDecimalDigits:
			return nil, "Decimal overflow"
		}
		return fitReference(types.DivideHalfUp(new(big.Int).Mul(a, types.PowerOfTen(zeros)), b))
	},
	types.OpModulus: func(a, b *big.Int, sa, sb, s int) (*big.Int, string) {
		if b.Sign() == 0 {
			return nil, "Division by zero"
		}
		a, b = new(big.Int).Mul(a, types.PowerOfTen(s-sa)), new(big.Int).Mul(b, types.PowerOfTen(s-sb))
		quotient, rest := new(big.Int).QuoRem(a, b, new(big.Int))
		if quotient.BitLen() > 128 {
			return nil, "Decimal overflow"
		}
		return fitReference(rest)
	},
}

func sumReference(sum func(z, a, b *big.Int) *big.Int) decimalReference {
	return func(a, b *big.Int, sa, sb, s int) (*big.Int, string) {
		a, b = new(big.Int).Mul(a, types.PowerOfTen(s-sa)), new(big.Int).Mul(b, types.PowerOfTen(s-sb))
		if a.CmpAbs(limit128) >= 0 || b.CmpAbs(limit128) >= 0 {
			return nil, "Decimal overflow"
		}
		return fitReference(sum(a, a, b))
	}
}

func fitReference(v *big.Int) (*big.Int, string) {
	if v.CmpAbs(decimalLimit) >= 0 {
		return nil, "Decimal overflow"
	}
	return v, ""
}

// TestDecimalRounding compares the rounding of decimals with that of fractions.
func TestDecimalRounding(t *testing.T) {
	random := rand.New(rand.NewPCG(47, 48))
	for range 20_000 {
		v, scale := randomDecimal(random, maxDecimalDigits), random.IntN(maxDecimalDigits+1)
		unit := types.PowerOfTen(scale)
		down, rest := new(big.Int).DivMod(v.BigInt(), unit, new(big.Int)) // toward the negative, as unit is positive
		require.Equal(t, down.String(), floorDecimal(v, scale).BigInt().String())
		require.Equal(t, new(big.Int).Quo(v.BigInt(), unit).String(), truncateDecimal(v, scale).BigInt().String())
		require.Equal(t, types.DivideHalfUp(v.BigInt(), unit).String(), overTensHalfUp(v, scale).BigInt().String())
		if rest.Sign() > 0 {
			down.Add(down, big.NewInt(1))
		}
		require.Equal(t, down.String(), ceilDecimal(v, scale).BigInt().String())
	}
}

// TestRoundInteger compares the rounding of integers with that of big ones.
func TestRoundInteger(t *testing.T) {
	random := rand.New(rand.NewPCG(53, 54))
	for range 20_000 {
		n, zeros := int64(random.Uint64())>>random.IntN(64), random.IntN(19)
		unit := types.PowerOfTen(zeros)
		want := new(big.Int).Mul(types.DivideHalfUp(big.NewInt(n), unit), unit)
		got, err := roundInteger("bigint", n, int32(-zeros))
		require.Equal(t, want.IsInt64(), err == nil, "%d to %d zeros", n, zeros)
		if err == nil {
			require.Equal(t, want.Int64(), got, "%d to %d zeros", n, zeros)
		}
	}
}

// TestDecimalTotals: sums and averages are exact as long as their results are decimals, also where a total is past 127 bits for a while.
func TestDecimalTotals(t *testing.T) {
	random := rand.New(rand.NewPCG(49, 50))
	greatest := decimal128.GetScaleMultiplier(maxDecimalDigits).Sub(decimal128.FromU64(1))
	for range 20_000 {
		values := make([]decimal128.Num, 1+random.IntN(7))
		sum := new(big.Int)
		for i := range values {
			values[i] = randomDecimal(random, maxDecimalDigits)
			if random.IntN(2) == 0 {
				values[i] = greatest
			}
			sum.Add(sum, values[i].BigInt())
		}
		var run, rows decimalTotal
		require.NoError(t, run.addRun(values))
		for _, v := range values {
			require.NoError(t, rows.add(v))
		}
		require.Equal(t, rows, run)
		got, _, err := run.sum()
		want, message := fitReference(sum)
		require.Equal(t, message != "", err != nil)
		if err == nil {
			require.Equal(t, want.String(), got.BigInt().String())
		}
		got, _, err = run.average()
		require.NoError(t, err)
		require.Equal(t, types.DivideHalfUp(sum, big.NewInt(int64(len(values)))).String(), got.BigInt().String())
	}
	var least decimalTotal // which has no magnitude in 127 bits
	least.addWords(0, 1<<63, -1)
	least.count = 1
	_, _, err := least.sum()
	require.ErrorContains(t, err, "Decimal overflow")
}

// TestFloatToDecimal: a decimal of a double or real is that of its shortest text.
func TestFloatToDecimal(t *testing.T) {
	random := rand.New(rand.NewPCG(51, 52))
	fitting := 0
	for range 50_000 {
		f := (random.Float64() - 0.5) * []float64{1e-9, 1, 1e3, 1e12, 1e30, 1e40, 1e300}[random.IntN(7)]
		to := randomDecimalType(random)
		d, err := floatToDecimal(f, 64, to)
		digits, scale, ok := parseNumber(strconv.FormatFloat(f, 'e', -1, 64))
		require.True(t, ok)
		want, fits := bigIntoDecimal(digits, scale, to)
		require.Equal(t, fits, err == nil, "%v as %s", f, to)
		if fits {
			fitting++
			require.Equal(t, want, d, "%v as %s", f, to)
		}
	}
	require.Greater(t, fitting, 1000)
}
