package function

import (
	"math"
	"strconv"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/planner/types"
)

func roundingFunctions() []Function {
	var list []Function
	list = append(list, integerRounding[int8]("tinyint", math.MinInt8)...)
	list = append(list, integerRounding[int16]("smallint", math.MinInt16)...)
	list = append(list, integerRounding[int32]("integer", math.MinInt32)...)
	list = append(list, integerRounding[int64]("bigint", math.MinInt64)...)
	list = append(list, floatRounding[float32]("real")...)
	list = append(list, floatRounding[float64]("double")...)
	return append(list, decimalRounding()...)
}

const (
	absDoc      = "Returns the absolute value."
	signDoc     = "Returns the sign of a number: -1, 0 or 1."
	ceilDoc     = "Rounds a number up to a whole number."
	floorDoc    = "Rounds a number down to a whole number."
	truncateDoc = "Rounds toward zero to a whole number."
	roundDoc    = "Rounds to a whole number, halves away from zero."
	roundToDoc  = "Rounds to so many fraction digits, halves away from zero."
)

func integerRounding[T integer](name string, lowest T) []Function {
	same := unaryPure(func(n T) T { return n })
	one := "(" + name + ") -> " + name
	return []Function{
		scalar("abs"+one, absDoc, unary(func(n T) (T, error) {
			if n == lowest {
				return 0, rangeError("Value %d is out of range for abs(%s)", n, name)
			}
			return max(n, -n), nil
		})),
		scalar("sign"+one, signDoc, unaryPure(func(n T) T { return T(sign(int64(n))) })),
		scalar("ceil"+one, ceilDoc, same, types.Monotonic),
		scalar("ceiling"+one, ceilDoc, same, types.Monotonic),
		scalar("floor"+one, floorDoc, same, types.Monotonic),
		scalar("round"+one, roundDoc, same, types.Monotonic),
		scalar("round("+name+", integer) -> "+name, roundToDoc, binary(func(n T, digits int32) (T, error) {
			return roundInteger(name, n, digits)
		})),
	}
}

// roundInteger rounds to tens, hundreds, … for negative digits.
func roundInteger[T integer](name string, n T, digits int32) (T, error) {
	if digits >= 0 {
		return n, nil
	}
	if digits < -18 {
		return 0, rangeError("numerical overflow: %d", n)
	}
	zeros := int(-digits)
	v, ok := integerOf(overTensHalfUp(decimal128.FromI64(int64(n)), zeros).Mul(decimal128.GetScaleMultiplier(zeros)))
	if !ok || int64(T(v)) != v {
		return 0, rangeError("Value %d is out of range for round(%s, %d)", n, name, digits)
	}
	return T(v), nil
}

func floatRounding[T float32 | float64](name string) []Function {
	one := "(" + name + ") -> " + name
	return []Function{ // the compiler replaces math.Floor by an instruction only when it is called by name
		scalar("abs"+one, absDoc, unaryPure(func(x T) T { return T(math.Abs(float64(x))) })),
		scalar("sign"+one, signDoc, unaryPure(func(x T) T { return T(signOfFloat(float64(x))) })),
		scalar("ceil"+one, ceilDoc, unaryPure(func(x T) T { return T(math.Ceil(float64(x))) }), types.Monotonic),
		scalar("ceiling"+one, ceilDoc, unaryPure(func(x T) T { return T(math.Ceil(float64(x))) }), types.Monotonic),
		scalar("floor"+one, floorDoc, unaryPure(func(x T) T { return T(math.Floor(float64(x))) }), types.Monotonic),
		scalar("truncate"+one, truncateDoc, unaryPure(func(x T) T { return T(math.Trunc(float64(x))) })),
		scalar("round"+one, roundDoc, unaryPure(func(x T) T { return T(roundFloat(float64(x), 0)) }), types.Monotonic),
		scalar("round("+name+", integer) -> "+name, roundToDoc, binaryPure(func(x T, digits int32) T { return T(roundFloat(float64(x), digits)) })),
	}
}

func signOfFloat(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x // zeros keep their sign, NaN stays
}

// roundFloat scales, rounds, and scales back: 1.005 is a little less than it looks and rounds to 1.0. A zero loses
// its sign. A power of ten above the doubles returns x, one below them NaN.
func roundFloat(x float64, digits int32) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return x
	}
	if x < 0 {
		return -roundFloat(-x, digits)
	}
	factor := powerOfTenFloat(digits)
	scaled := x * factor
	switch {
	case math.IsInf(scaled, 0):
		return x
	case math.IsNaN(scaled): // zero times infinity
		return 0
	}
	return (math.Round(scaled) + 0) / factor // +0 makes -0 zero
}

// roundHalfUp returns the whole number nearest to f, the greater of two, as Java's Math.round does. f + 0.5 would
// itself be rounded: up for odd numbers from 2^52 on, and to 1 for the greatest number below a half.
func roundHalfUp(f float64) float64 {
	whole := math.Floor(f)
	if f-whole >= 0.5 {
		whole++
	}
	return whole
}

// powerOfTenFloat returns the double nearest to 10^digits.
func powerOfTenFloat(digits int32) float64 {
	const exact = 22 // greater powers of ten are not exact
	switch {
	case digits < -exact || digits > exact:
		f, _ := strconv.ParseFloat("1e"+strconv.Itoa(int(digits)), 64)
		return f
	case digits < 0:
		return 1 / math.Pow10(int(-digits))
	}
	return math.Pow10(int(digits))
}

// wholeType returns the type of a decimal rounded up or down to a whole number.
func wholeType(args []*types.Type) (*types.Type, error) {
	p, s := args[0].Precision, args[0].Scale
	return types.DecimalOf(p-s+min(s, 1), 0), nil
}

func decimalRounding() []Function {
	whole := types.ReturnOf(wholeType)
	return []Function{
		scalar("abs(decimal(p,s)) -> decimal(p,s)", absDoc, unaryPure(decimal128.Num.Abs)),
		scalar("sign(decimal) -> decimal(1, 0)", signDoc, unaryPure(func(v decimal128.Num) decimal128.Num { return decimal128.FromI64(int64(v.Sign())) })),
		scalar("ceil(decimal) -> decimal", ceilDoc, decimalUnary(ceilDecimal), whole, types.Monotonic),
		scalar("ceiling(decimal) -> decimal", ceilDoc, decimalUnary(ceilDecimal), whole, types.Monotonic),
		scalar("floor(decimal) -> decimal", floorDoc, decimalUnary(floorDecimal), whole, types.Monotonic),
		scalar("round(decimal) -> decimal", roundDoc, decimalUnary(overTensHalfUp), whole, types.Monotonic),
		scalar("round(decimal, integer) -> decimal", roundToDoc, decimalRound, types.ReturnOf(func(args []*types.Type) (*types.Type, error) {
			return types.DecimalOf(min(maxDecimalDigits, args[0].Precision+1), args[0].Scale), nil
		})),
		scalar("truncate(decimal) -> decimal", truncateDoc, decimalUnary(truncateDecimal), types.ReturnOf(func(args []*types.Type) (*types.Type, error) {
			return types.DecimalOf(max(args[0].Precision-args[0].Scale, 1), 0), nil
		})),
		scalar("truncate(decimal(p,s), integer) -> decimal(p,s)", "Cuts a number to so many fraction digits.", decimalTruncate),
	}
}

func ceilDecimal(v decimal128.Num, scale int) decimal128.Num {
	quotient, rest := overTens(v, scale)
	if rest.Sign() > 0 {
		return awayFromZero(quotient, false)
	}
	return quotient
}

func floorDecimal(v decimal128.Num, scale int) decimal128.Num {
	quotient, rest := overTens(v, scale)
	if rest.Sign() < 0 {
		return awayFromZero(quotient, true)
	}
	return quotient
}

func truncateDecimal(v decimal128.Num, scale int) decimal128.Num {
	quotient, _ := overTens(v, scale)
	return quotient
}

// atDigits applies a division to a decimal's digits after a position, and keeps its scale. A position more than 38
// digits before the last gives zero, or an overflow if farOverflows returns true.
func atDigits(divide func(v decimal128.Num, n int) decimal128.Num, farOverflows func(precision int) bool) Bind {
	return bound(func(fn *types.Resolved) Bind {
		t := fn.Args[0]
		return binary(func(v decimal128.Num, digits int32) (decimal128.Num, error) {
			if int(digits) >= t.Scale {
				return v, nil
			}
			place := int64(t.Scale) - int64(digits)
			if place > maxDecimalDigits {
				if farOverflows(t.Precision) {
					return decimal128.Num{}, overflowed("the decimal")
				}
				return decimal128.Num{}, nil
			}
			return fitting(divide(v, int(place)).Mul(decimal128.GetScaleMultiplier(int(place))))
		})
	})
}

var (
	decimalRound    = atDigits(overTensHalfUp, func(precision int) bool { return precision > maxShortDigits })
	decimalTruncate = atDigits(truncateDecimal, func(int) bool { return false })
)
