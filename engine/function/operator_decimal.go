package function

import (
	"math/big"
	"strings"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/planner/types"
)

const (
	maxDecimalDigits = 38
	// maxShortDigits is the precision up to which Trino keeps a decimal in 64 bits.
	maxShortDigits = 18
)

func decimalOperators() []Function {
	operator := func(op string, result func(a, b *types.Type) (precision, scale int), compute decimalOperation) Function {
		return scalar(op+"(decimal, decimal) -> decimal", "", decimalBind(compute),
			types.ReturnOf(func(args []*types.Type) (*types.Type, error) {
				p, s := result(args[0], args[1])
				p = min(p, maxDecimalDigits)
				if s > p {
					return nil, argumentError("DECIMAL scale must be in range [0, precision (%d)]: %d", p, s)
				}
				return types.DecimalOf(p, s), nil
			}))
	}
	return []Function{
		operator(types.OpAdd, sumType, decimalSum(decimal128.Num.Add, (*big.Int).Add)),
		operator(types.OpSubtract, sumType, decimalSum(decimal128.Num.Sub, (*big.Int).Sub)),
		operator(types.OpMultiply, productType, decimalProduct),
		operator(types.OpDivide, quotientType, decimalQuotient),
		operator(types.OpModulus, remainderType, decimalRemainder),
		scalar("$negate(decimal(p,s)) -> decimal(p,s)", "", unaryPure(decimal128.Num.Negate)),
	}
}

func sumType(a, b *types.Type) (precision, scale int) {
	scale = max(a.Scale, b.Scale)
	return max(a.Precision-a.Scale, b.Precision-b.Scale) + scale + 1, scale
}

func productType(a, b *types.Type) (precision, scale int) {
	return a.Precision + b.Precision, a.Scale + b.Scale
}

func quotientType(a, b *types.Type) (precision, scale int) {
	return a.Precision + b.Scale + max(0, b.Scale-a.Scale), max(a.Scale, b.Scale)
}

func remainderType(a, b *types.Type) (precision, scale int) {
	scale = max(a.Scale, b.Scale)
	return min(a.Precision-a.Scale, b.Precision-b.Scale) + scale, scale
}

// decimalOperation makes the operator for the unscaled values of bound types.
type decimalOperation func(fn *types.Resolved) func(a, b decimal128.Num) (decimal128.Num, error)

func decimalBind(compute decimalOperation) Bind {
	return bound(func(fn *types.Resolved) Bind { return binary(compute(fn)) })
}

// decimalSum adds or subtracts in 128 bits where the operands have room, else
// with big integers.
func decimalSum(narrow func(a, b decimal128.Num) decimal128.Num, wide func(z, a, b *big.Int) *big.Int) decimalOperation {
	return func(fn *types.Resolved) func(a, b decimal128.Num) (decimal128.Num, error) {
		a, b, result := fn.Args[0], fn.Args[1], fn.Return
		upA, upB := types.PowerOfTen(result.Scale-a.Scale), types.PowerOfTen(result.Scale-b.Scale)
		if p, _ := sumType(a, b); p <= maxDecimalDigits {
			timesA, timesB := decimal128.FromBigInt(upA), decimal128.FromBigInt(upB)
			return func(x, y decimal128.Num) (decimal128.Num, error) {
				return narrow(x.Mul(timesA), y.Mul(timesB)), nil
			}
		}
		return func(x, y decimal128.Num) (decimal128.Num, error) {
			l, r := x.BigInt(), y.BigInt()
			l, r = l.Mul(l, upA), r.Mul(r, upB)
			if l.CmpAbs(limit128) >= 0 || r.CmpAbs(limit128) >= 0 {
				return decimal128.Num{}, rangeError("Decimal overflow")
			}
			return fitDecimal(wide(l, l, r))
		}
	}
}

func decimalProduct(fn *types.Resolved) func(a, b decimal128.Num) (decimal128.Num, error) {
	if fn.Args[0].Precision+fn.Args[1].Precision <= maxDecimalDigits {
		return func(x, y decimal128.Num) (decimal128.Num, error) { return x.Mul(y), nil }
	}
	return func(x, y decimal128.Num) (decimal128.Num, error) {
		l := x.BigInt()
		return fitDecimal(l.Mul(l, y.BigInt()))
	}
}

func decimalQuotient(fn *types.Resolved) func(a, b decimal128.Num) (decimal128.Num, error) {
	// a/10^sa ÷ b/10^sb in units of 10^-s is a·10^(s-sa+sb) / b.
	zeros := fn.Return.Scale - fn.Args[0].Scale + fn.Args[1].Scale
	up := types.PowerOfTen(zeros)
	return func(x, y decimal128.Num) (decimal128.Num, error) {
		if y.Sign() == 0 {
			return decimal128.Num{}, errDivisionByZero
		}
		if zeros >= maxDecimalDigits {
			return decimal128.Num{}, rangeError("Decimal overflow")
		}
		l := x.BigInt()
		return fitDecimal(types.DivideHalfUp(l.Mul(l, up), y.BigInt()))
	}
}

func decimalRemainder(fn *types.Resolved) func(a, b decimal128.Num) (decimal128.Num, error) {
	scale := max(fn.Args[0].Scale, fn.Args[1].Scale)
	upA, upB := types.PowerOfTen(scale-fn.Args[0].Scale), types.PowerOfTen(scale-fn.Args[1].Scale)
	return func(x, y decimal128.Num) (decimal128.Num, error) {
		if y.Sign() == 0 {
			return decimal128.Num{}, errDivisionByZero
		}
		l, r := x.BigInt(), y.BigInt()
		quotient, rest := new(big.Int).QuoRem(l.Mul(l, upA), r.Mul(r, upB), new(big.Int))
		if quotient.BitLen() > 128 { // Trino divides into 128 bits, also for the rest alone
			return decimal128.Num{}, rangeError("Decimal overflow")
		}
		return fitDecimal(rest)
	}
}

// limit128 is what the operands of a sum must stay below at the sum's scale.
var limit128 = new(big.Int).Lsh(big.NewInt(1), 127)

var decimalLimit = types.PowerOfTen(maxDecimalDigits)

// fitDecimal is v as a decimal of at most 38 digits.
func fitDecimal(v *big.Int) (decimal128.Num, error) {
	if v.CmpAbs(decimalLimit) >= 0 {
		return decimal128.Num{}, rangeError("Decimal overflow")
	}
	return decimal128.FromBigInt(v), nil
}

// rescale changes the scale of an unscaled value, rounding half away from zero.
func rescale(v decimal128.Num, from, to int) *big.Int { return rescaleBig(v.BigInt(), from, to) }

func rescaleBig(v *big.Int, from, to int) *big.Int {
	if to >= from {
		return v.Mul(v, types.PowerOfTen(to-from))
	}
	return types.DivideHalfUp(v, types.PowerOfTen(from-to))
}

// formatDecimal is the plain text of an unscaled value.
func formatDecimal(v decimal128.Num, scale int) string {
	text := v.BigInt().String()
	if scale == 0 {
		return text
	}
	sign := ""
	if text[0] == '-' {
		sign, text = "-", text[1:]
	}
	if len(text) <= scale {
		text = strings.Repeat("0", scale-len(text)+1) + text
	}
	return sign + text[:len(text)-scale] + "." + text[len(text)-scale:]
}
