package types

import (
	"math/big"
	"strings"

	"github.com/apache/arrow/go/v15/arrow/decimal128"
)

// ParseDecimal parses a decimal literal: an optional sign, digits with single underscores between them, and a
// point. Its type has the digits written, without leading zeros before the point. The error is INVALID_LITERAL.
func ParseDecimal(text string) (Value, error) {
	invalid := Errorf(InvalidLiteral, Pos{}, "'%s' is not a valid DECIMAL literal", text)
	digits := strings.ReplaceAll(text, "_", "")
	negative := strings.HasPrefix(digits, "-")
	if negative || strings.HasPrefix(digits, "+") {
		digits = digits[1:]
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	if len(whole)+len(fraction) == 0 || !allDigits(whole) || !allDigits(fraction) {
		return Value{}, invalid
	}
	whole = strings.TrimLeft(whole, "0")
	precision := max(1, len(whole)+len(fraction))
	if precision > maxDecimalPrecision {
		return Value{}, invalid
	}
	n, ok := new(big.Int).SetString("0"+whole+fraction, 10)
	if !ok {
		return Value{}, invalid
	}
	if negative {
		n.Neg(n)
	}
	return Value{Type: DecimalOf(precision, len(fraction)), V: decimal128.FromBigInt(n)}, nil
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// DivideHalfUp divides and rounds half away from zero.
func DivideHalfUp(a, b *big.Int) *big.Int {
	q, r := new(big.Int).QuoRem(a, b, new(big.Int))
	if r.Abs(r).Lsh(r, 1).CmpAbs(b) >= 0 {
		step := int64(1)
		if a.Sign() != b.Sign() {
			step = -1
		}
		q.Add(q, big.NewInt(step))
	}
	return q
}

// PowerOfTen returns 10^n. The caller must not change it.
func PowerOfTen(n int) *big.Int {
	if n < len(powersOfTen) {
		return powersOfTen[n]
	}
	return powerOfTen(n)
}

// powersOfTen holds the powers for decimals of all scales, and for the products of two decimals.
var powersOfTen = func() (powers [2*maxDecimalPrecision + 1]*big.Int) {
	for n := range powers {
		powers[n] = powerOfTen(n)
	}
	return powers
}()

func powerOfTen(n int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}
