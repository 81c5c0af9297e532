package function

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/planner/types"
)

func castBoolean(to *types.Type) (caster, bool) {
	switch to.Kind {
	case types.TinyInt:
		return castingPure(fromBool[int8]), true
	case types.SmallInt:
		return castingPure(fromBool[int16]), true
	case types.Integer:
		return castingPure(fromBool[int32]), true
	case types.BigInt:
		return castingPure(fromBool[int64]), true
	case types.Real:
		return castingPure(fromBool[float32]), true
	case types.Double:
		return castingPure(fromBool[float64]), true
	case types.Decimal:
		// true is 10^scale even if the precision has no digit before the point, as in Trino.
		one := decimal128.GetScaleMultiplier(to.Scale)
		return castingPure(func(b bool) decimal128.Num {
			if b {
				return one
			}
			return decimal128.Num{}
		}), true
	}
	return nil, false
}

func fromBool[R int8 | int16 | int32 | int64 | float32 | float64](b bool) R {
	if b {
		return 1
	}
	return 0
}

func castInteger[A integer](from, to *types.Type) (caster, bool) {
	switch to.Kind {
	case types.Boolean:
		return castingPure(func(a A) bool { return a != 0 }), true
	case types.TinyInt:
		return narrowing[A, int8]("tinyint"), true
	case types.SmallInt:
		return narrowing[A, int16]("smallint"), true
	case types.Integer:
		return narrowing[A, int32]("integer"), true
	case types.BigInt:
		return converting[A, int64](), true
	case types.Real:
		return converting[A, float32](), true
	case types.Double:
		return converting[A, float64](), true
	case types.Decimal:
		rowByRow := casting(func(a A) (decimal128.Num, error) {
			return toDecimal(decimal128.FromI64(int64(a)), 0, to, func() string {
				return strings.ToUpper(from.String()) + " '" + strconv.FormatInt(int64(a), 10) + "'"
			})
		})
		if to.Scale > maxShortDigits {
			return rowByRow, true
		}
		return castingColumns(rowByRow, integersToDecimal[A](to)), true
	}
	return nil, false
}

// integersToDecimal returns a loop that scales integers to a decimal type of at most maxShortDigits. The loop
// returns false if an integer does not fit.
func integersToDecimal[A integer](to *types.Type) func(out []decimal128.Num, values []A) bool {
	factor, limit := shortPowers[to.Scale], int64(math.MaxInt64)
	if whole := to.Precision - to.Scale; whole <= maxShortDigits {
		limit = shortPowers[whole] - 1
	}
	return func(out []decimal128.Num, values []A) bool {
		for row, a := range values {
			v := int64(a)
			if v > limit || v < -limit {
				return false
			}
			out[row] = wordProduct(v, factor)
		}
		return true
	}
}

// narrowing returns a caster between integer types.
func narrowing[A, R integer](name string) caster {
	return castingColumns(casting(narrow[A, R](name)), func(out []R, values []A) bool {
		var lost int64 // bits in which a value and its result differ
		for row, v := range values {
			out[row] = R(v)
			lost |= int64(v) ^ int64(out[row])
		}
		return lost == 0
	})
}

// narrow converts between integer types.
func narrow[A, R integer](name string) func(a A) (R, error) {
	return func(a A) (R, error) {
		if r := R(a); int64(r) == int64(a) {
			return r, nil
		}
		return 0, rangeError("Out of range for %s: %d", name, a)
	}
}

func castFloat[A float32 | float64](to *types.Type, bits int) (caster, bool) {
	switch to.Kind {
	case types.Boolean:
		return castingPure(func(a A) bool { return a != 0 }), true
	case types.TinyInt:
		return castingColumns(casting(roundTo[A, int8]("tinyint", math.MinInt8, math.MaxInt8)), roundAll[A, int8]), true
	case types.SmallInt:
		return castingColumns(casting(roundTo[A, int16]("smallint", math.MinInt16, math.MaxInt16)), roundAll[A, int16]), true
	case types.Integer:
		return castingColumns(casting(roundTo[A, int32]("integer", math.MinInt32, math.MaxInt32)), roundAll[A, int32]), true
	case types.BigInt:
		return castingColumns(casting(floatToBigInt[A](bits)), roundAll[A, int64]), true
	case types.Real:
		return converting[A, float32](), true
	case types.Double:
		return converting[A, float64](), true
	case types.Decimal:
		return casting(func(a A) (decimal128.Num, error) { return floatToDecimal(float64(a), bits, to) }), true
	}
	return nil, false
}

// roundTo rounds half away from zero.
func roundTo[A float32 | float64, R integer](name string, low, high float64) func(a A) (R, error) {
	return func(a A) (R, error) {
		f := math.Round(float64(a))
		switch {
		case f != f:
			return 0, castError("Cannot cast double NaN to %s", name)
		case f < low || f > high:
			return 0, rangeError("Out of range for %s: %v", name, a)
		}
		return R(f), nil
	}
}

// roundAll rounds half away from zero. It returns false if a number does not fit.
func roundAll[A float32 | float64, R integer](out []R, values []A) bool {
	var lost int64
	for row, v := range values {
		f := float64(v)
		if !(f >= math.MinInt64 && f < math.MaxInt64) { // NaN is neither
			return false
		}
		n := int64(f)
		n += int64(2 * (f - float64(n))) // which is 0, or 1 away from zero
		out[row] = R(n)
		lost |= n ^ int64(out[row])
	}
	return lost == 0
}

// floatToBigInt rounds half away from zero. A real that is too large gives the greatest bigint, a double an error.
func floatToBigInt[A float32 | float64](bits int) func(a A) (int64, error) {
	return func(a A) (int64, error) {
		f := math.Round(float64(a))
		switch {
		case f != f && bits == 32:
			return 0, castError("Cannot cast real NaN to bigint")
		case f >= math.MaxInt64 && bits == 32: // 2^63 as a float is one too many
			return math.MaxInt64, nil
		case f < math.MinInt64 && bits == 32:
			return math.MinInt64, nil
		case f != f || f >= math.MaxInt64 || f < math.MinInt64:
			return 0, castError("Unable to cast %s to bigint", plainFloat(float64(a), 64))
		}
		return int64(f), nil
	}
}

// floatToDecimal converts the shortest decimal that reads back as f.
func floatToDecimal(f float64, bits int, to *types.Type) (decimal128.Num, error) {
	kind := "DOUBLE"
	if bits == 32 {
		kind = "REAL"
	}
	shown := func() string { return kind + " '" + plainFloat(f, bits) + "'" }
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return decimal128.Num{}, castError("Cannot cast %s to DECIMAL(%d, %d)", shown(), to.Precision, to.Scale)
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, bits), "e")
	unscaled, scale, _ := shortNumber(mantissa)
	zeros, _ := strconv.Atoi(exponent)
	scale -= zeros
	d, err := toDecimal(decimal128.FromI64(unscaled), scale, to, shown)
	if err != nil {
		if v := rescaleBig(big.NewInt(unscaled), scale, to.Scale); v.CmpAbs(decimalLimit) >= 0 && v.CmpAbs(limit128) < 0 {
			return decimal128.Num{}, rangeError("Decimal overflow")
		}
	}
	return d, err
}

func castDecimal(from, to *types.Type) (caster, bool) {
	switch to.Kind {
	case types.Boolean:
		return castingPure(func(d decimal128.Num) bool { return d.Sign() != 0 }), true
	case types.TinyInt:
		return casting(decimalToInteger[int8](from, "TINYINT")), true
	case types.SmallInt:
		return casting(decimalToInteger[int16](from, "SMALLINT")), true
	case types.Integer:
		return casting(decimalToInteger[int32](from, "INTEGER")), true
	case types.BigInt:
		return casting(decimalToInteger[int64](from, "BIGINT")), true
	case types.Real:
		return castingPure(decimalToFloat[float32](from, 32)), true
	case types.Double:
		return castingPure(decimalToFloat[float64](from, 64)), true
	case types.Decimal:
		return casting(func(d decimal128.Num) (decimal128.Num, error) {
			return toDecimal(d, from.Scale, to, func() string {
				return "DECIMAL(" + strconv.Itoa(from.Precision) + ", " + strconv.Itoa(from.Scale) + ") '" + formatDecimal(d, from.Scale) + "'"
			})
		}), true
	}
	return nil, false
}

// decimalToFloat divides decimals of up to 18 digits by their scale after rounding to A, as Trino does; longer ones
// round once.
func decimalToFloat[A float32 | float64](from *types.Type, bits int) func(d decimal128.Num) A {
	if from.Precision <= maxShortDigits {
		unit := A(shortPowers[from.Scale])
		return func(d decimal128.Num) A { return A(int64(d.LowBits())) / unit }
	}
	const exactBits, exactZeros = 53, 22 // such integers and powers of ten are exact; a quotient rounds once
	return func(d decimal128.Num) A {
		if n, ok := integerOf(d); ok && bits == 64 && max(n, -n) <= 1<<exactBits && from.Scale <= exactZeros {
			return A(float64(n) / math.Pow10(from.Scale))
		}
		f, _ := strconv.ParseFloat(formatDecimal(d, from.Scale), bits)
		return A(f)
	}
}

func decimalToInteger[R integer](from *types.Type, name string) func(d decimal128.Num) (R, error) {
	return func(d decimal128.Num) (R, error) {
		if whole, ok := integerOf(overTensHalfUp(d, from.Scale)); ok {
			if r := R(whole); int64(r) == whole {
				return r, nil
			}
		}
		return 0, castError("Cannot cast '%s' to %s", formatDecimal(d, from.Scale), name)
	}
}

// toDecimal converts an unscaled value to the scale of decimal type to. If it does not fit, shown is the value in
// the error.
func toDecimal(d decimal128.Num, scale int, to *types.Type, shown func() string) (decimal128.Num, error) {
	v, ok := intoDecimal(d, scale, to)
	if !ok {
		return v, castError("Cannot cast %s to DECIMAL(%d, %d)", shown(), to.Precision, to.Scale)
	}
	return v, nil
}

// intoDecimal converts an unscaled value to the scale of decimal type to. ok reports whether it fits.
func intoDecimal(d decimal128.Num, scale int, to *types.Type) (_ decimal128.Num, ok bool) {
	v, ok := rescaled(d, scale, to.Scale)
	if !ok || !v.FitsInPrecision(int32(to.Precision)) {
		return decimal128.Num{}, false
	}
	return v, true
}

// bigIntoDecimal is intoDecimal for a number of any size.
func bigIntoDecimal(unscaled *big.Int, scale int, to *types.Type) (d decimal128.Num, ok bool) {
	v := rescaleBig(unscaled, scale, to.Scale)
	if v.CmpAbs(types.PowerOfTen(to.Precision)) >= 0 {
		return decimal128.Num{}, false
	}
	return decimal128.FromBigInt(v), true
}
