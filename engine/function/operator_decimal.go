package function

import (
	"math/big"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

const (
	maxDecimalDigits = 38
	// maxShortDigits is the greatest precision of decimals that Trino holds in 64 bits.
	maxShortDigits = 18
)

func decimalOperators() []Function {
	operator := func(op string, result func(a, b *types.Type) (precision, scale int), compute func(fn *types.Resolved) Bind) Function {
		return scalar(op+"(decimal, decimal) -> decimal", "", bound(compute),
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

// decimalSum adds or subtracts in 128 bits if the operands fit, else with big integers.
func decimalSum(narrow func(a, b decimal128.Num) decimal128.Num, wide func(z, a, b *big.Int) *big.Int) func(fn *types.Resolved) Bind {
	return func(fn *types.Resolved) Bind {
		zerosA, zerosB := fn.Return.Scale-fn.Args[0].Scale, fn.Return.Scale-fn.Args[1].Scale
		if p, _ := sumType(fn.Args[0], fn.Args[1]); p <= maxDecimalDigits {
			timesA, timesB := decimal128.GetScaleMultiplier(zerosA), decimal128.GetScaleMultiplier(zerosB)
			return binaryPure(func(x, y decimal128.Num) decimal128.Num { return narrow(x.Mul(timesA), y.Mul(timesB)) })
		}
		upA, upB := types.PowerOfTen(zerosA), types.PowerOfTen(zerosB)
		return binary(func(x, y decimal128.Num) (decimal128.Num, error) {
			if x, ok := sumOperand(x, zerosA); ok {
				if y, ok := sumOperand(y, zerosB); ok {
					return narrow(x, y), nil
				}
			}
			l, r := x.BigInt(), y.BigInt()
			l, r = l.Mul(l, upA), r.Mul(r, upB)
			if l.CmpAbs(limit128) >= 0 || r.CmpAbs(limit128) >= 0 {
				return decimal128.Num{}, rangeError("Decimal overflow")
			}
			return fitDecimal(wide(l, l, r))
		})
	}
}

// sumOperand multiplies an operand by a power of ten. ok: the sum and the difference of two such operands are
// decimals.
func sumOperand(v decimal128.Num, zeros int) (_ decimal128.Num, ok bool) {
	v, ok = rescaled(v, 0, zeros)
	return v, ok && v.FitsInPrecision(maxDecimalDigits-1)
}

func decimalProduct(fn *types.Resolved) Bind {
	switch {
	case fn.Args[0].Precision <= maxShortDigits && fn.Args[1].Precision <= maxShortDigits:
		return pureBind(shortProducts)
	case fn.Args[0].Precision+fn.Args[1].Precision <= maxDecimalDigits:
		return binaryPure(decimal128.Num.Mul)
	}
	return binary(func(x, y decimal128.Num) (decimal128.Num, error) {
		if product := x.Mul(y); bitsOf(x)+bitsOf(y) <= 127 && product.FitsInPrecision(maxDecimalDigits) {
			return product, nil
		}
		l := x.BigInt()
		return fitDecimal(l.Mul(l, y.BigInt()))
	})
}

// shortProducts multiplies decimals whose values fit in 64 bits.
func shortProducts(args []batch.Vector) func(out []decimal128.Num, first int) {
	x, y := columnOf[decimal128.Num](args[0]), columnOf[decimal128.Num](args[1])
	return func(out []decimal128.Num, first int) {
		for i := range out {
			left, right := x.vals[(first+i)&x.mask], y.vals[(first+i)&y.mask]
			out[i] = wordProduct(int64(left.LowBits()), int64(right.LowBits()))
		}
	}
}

func decimalQuotient(fn *types.Resolved) Bind {
	// a/10^sa ÷ b/10^sb in units of 10^-s is a·10^(s-sa+sb) / b.
	zeros := fn.Return.Scale - fn.Args[0].Scale + fn.Args[1].Scale
	up := types.PowerOfTen(zeros)
	return binary(func(x, y decimal128.Num) (decimal128.Num, error) {
		if y.Sign() == 0 {
			return decimal128.Num{}, errDivisionByZero
		}
		if zeros >= maxDecimalDigits {
			return decimal128.Num{}, rangeError("Decimal overflow")
		}
		if x, ok := rescaled(x, 0, zeros); ok && bitsOf(y) <= 64 {
			if y.HighBits() < 0 {
				x, y = x.Negate(), y.Negate()
			}
			return fitting(overWordHalfUp(x, y.LowBits()))
		}
		l := x.BigInt()
		return fitDecimal(types.DivideHalfUp(l.Mul(l, up), y.BigInt()))
	})
}

func decimalRemainder(fn *types.Resolved) Bind {
	scale := max(fn.Args[0].Scale, fn.Args[1].Scale)
	zerosA, zerosB := scale-fn.Args[0].Scale, scale-fn.Args[1].Scale
	upA, upB := types.PowerOfTen(zerosA), types.PowerOfTen(zerosB)
	return binary(func(x, y decimal128.Num) (decimal128.Num, error) {
		if y.Sign() == 0 {
			return decimal128.Num{}, errDivisionByZero
		}
		if x, ok := rescaled(x, 0, zerosA); ok {
			if y, ok := rescaled(y, 0, zerosB); ok && bitsOf(y) <= 64 {
				_, rest := overWord(x, y.Abs().LowBits())
				if x.HighBits() < 0 {
					return decimal128.FromU64(rest).Negate(), nil
				}
				return decimal128.FromU64(rest), nil
			}
		}
		l, r := x.BigInt(), y.BigInt()
		quotient, rest := new(big.Int).QuoRem(l.Mul(l, upA), r.Mul(r, upB), new(big.Int))
		if quotient.BitLen() > 128 { // Trino divides into 128 bits, even for the remainder alone
			return decimal128.Num{}, rangeError("Decimal overflow")
		}
		return fitDecimal(rest)
	})
}

// limit128 is the bound below which the operands of a sum must be, at the sum's scale.
var limit128 = new(big.Int).Lsh(big.NewInt(1), 127)

var decimalLimit = types.PowerOfTen(maxDecimalDigits)

// fitDecimal returns v as a decimal of at most 38 digits.
func fitDecimal(v *big.Int) (decimal128.Num, error) {
	if v.CmpAbs(decimalLimit) >= 0 {
		return decimal128.Num{}, rangeError("Decimal overflow")
	}
	return decimal128.FromBigInt(v), nil
}

// rescaleBig is rescaled for a value of any size.
func rescaleBig(v *big.Int, from, to int) *big.Int {
	if to >= from {
		return v.Mul(v, types.PowerOfTen(to-from))
	}
	return types.DivideHalfUp(v, types.PowerOfTen(from-to))
}
