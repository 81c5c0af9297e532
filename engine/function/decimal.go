package function

import (
	"math/bits"
	"strconv"

	"github.com/apache/arrow/go/v15/arrow/decimal128"
)

// Decimals are computed in 128 bits wherever both operands and result have at most maxDecimalDigits digits, which fit
// in 127 bits.

// rescaled converts an unscaled value to another scale, rounding half away from zero. ok is false if it has more
// than maxDecimalDigits digits at that scale.
func rescaled(v decimal128.Num, from, to int) (_ decimal128.Num, ok bool) {
	switch by := to - from; {
	case by > maxDecimalDigits:
		return v, v.Sign() == 0
	case by > 0:
		return v.Mul(decimal128.GetScaleMultiplier(by)), v.Abs().Less(decimal128.GetScaleMultiplier(maxDecimalDigits - by))
	case by < -maxDecimalDigits:
		return decimal128.Num{}, true
	}
	return overTensHalfUp(v, from-to), true
}

// wordProduct multiplies two words.
func wordProduct(x, y int64) decimal128.Num {
	high, low := bits.Mul64(uint64(x), uint64(y))
	return decimal128.New(int64(high)-(x>>63&y)-(y>>63&x), low) // a negative word counts 2^64 too much
}

// overTens divides by 10^n and truncates; rest has the sign of v.
func overTens(v decimal128.Num, n int) (quotient, rest decimal128.Num) {
	quotient = v
	for left := n; left > 0; left -= maxShortDigits {
		quotient, _ = overWord(quotient, uint64(shortPowers[min(left, maxShortDigits)]))
	}
	return quotient, v.Sub(quotient.Mul(decimal128.GetScaleMultiplier(n)))
}

// overTensHalfUp divides by 10^n and rounds half away from zero.
func overTensHalfUp(v decimal128.Num, n int) decimal128.Num {
	quotient, rest := overTens(v, n)
	if n == 0 || rest.Abs().Less(decimal128.GetHalfScaleMultiplier(n)) {
		return quotient
	}
	return awayFromZero(quotient, v.HighBits() < 0)
}

// overWordHalfUp divides and rounds half away from zero.
func overWordHalfUp(v decimal128.Num, by uint64) decimal128.Num {
	quotient, rest := overWord(v, by)
	if rest < by-rest {
		return quotient
	}
	return awayFromZero(quotient, v.HighBits() < 0)
}

// overWord divides and truncates; rest has no sign.
func overWord(v decimal128.Num, by uint64) (quotient decimal128.Num, rest uint64) {
	magnitude := v.Abs()
	high, low := uint64(magnitude.HighBits()), magnitude.LowBits()
	if high == 0 {
		high, low, rest = 0, low/by, low%by
	} else {
		high, rest = high/by, high%by
		low, rest = bits.Div64(rest, low, by)
	}
	quotient = decimal128.New(int64(high), low)
	if v.HighBits() < 0 {
		return quotient.Negate(), rest
	}
	return quotient, rest
}

func awayFromZero(quotient decimal128.Num, negative bool) decimal128.Num {
	if negative {
		return quotient.Sub(decimal128.FromU64(1))
	}
	return quotient.Add(decimal128.FromU64(1))
}

// fitting checks that v, which fits in 127 bits, is a decimal of at most 38 digits.
func fitting(v decimal128.Num) (decimal128.Num, error) {
	if !v.FitsInPrecision(maxDecimalDigits) {
		return decimal128.Num{}, rangeError("Decimal overflow")
	}
	return v, nil
}

// bitsOf returns the number of bits of a value without its sign.
func bitsOf(v decimal128.Num) int {
	magnitude := v.Abs()
	if high := uint64(magnitude.HighBits()); high != 0 {
		return 64 + bits.Len64(high)
	}
	return bits.Len64(magnitude.LowBits())
}

// integerOf returns a value as an integer if it fits in 64 bits.
func integerOf(v decimal128.Num) (n int64, ok bool) {
	n = int64(v.LowBits())
	return n, v.HighBits() == n>>63
}

// formatDecimal returns the plain text of an unscaled value.
func formatDecimal(v decimal128.Num, scale int) string { return string(appendDecimal(nil, v, scale)) }

func appendDecimal(dst []byte, v decimal128.Num, scale int) []byte {
	if v.HighBits() < 0 {
		dst = append(dst, '-')
	}
	var room [maxDecimalDigits + 1]byte
	digits := appendDigits(room[:0], v.Abs())
	whole := len(digits) - scale
	if whole <= 0 {
		dst = append(dst, '0')
	} else {
		dst = append(dst, digits[:whole]...)
	}
	if scale == 0 {
		return dst
	}
	dst = append(dst, '.')
	for range -whole {
		dst = append(dst, '0')
	}
	return append(dst, digits[max(0, whole):]...)
}

// appendDigits appends the digits of a value that is not negative.
func appendDigits(dst []byte, v decimal128.Num) []byte {
	if v.HighBits() == 0 {
		return strconv.AppendUint(dst, v.LowBits(), 10)
	}
	quotient, rest := overWord(v, uint64(shortPowers[maxShortDigits]))
	dst = append(appendDigits(dst, quotient), "000000000000000000"...)
	for i := len(dst) - 1; rest > 0; i, rest = i-1, rest/10 {
		dst[i] = byte('0' + rest%10)
	}
	return dst
}

// shortPowers are the powers of ten that fit in 64 bits.
var shortPowers = func() (powers [maxShortDigits + 1]int64) {
	powers[0] = 1
	for i := range maxShortDigits {
		powers[i+1] = 10 * powers[i]
	}
	return powers
}()
