package javaformat

import (
	"math"
	"math/big"
	"math/bits"
)

// The form of a double: the bits of its fraction, without the leading one.
const (
	fractionBits = 52
	exponentBias = 1023
)

// DoubleDigits are the digits of a positive finite double as Java's DecimalFormat
// has them, and the power of ten of the first: mostly the shortest that read
// back as f, but by an older method, which shows more of some numbers
// (1.9999999999999998E23) and all digits of integers below 2^63.
func DoubleDigits(f float64) (digits []byte, exponent int) {
	fraction := math.Float64bits(f) & (1<<fractionBits - 1)
	power := int(math.Float64bits(f)>>fractionBits) & 0x7ff
	significant := fractionBits + 1
	if power == 0 {
		significant = bits.Len64(fraction)
		shift := fractionBits + 1 - significant
		fraction <<= shift
		power = 1 - shift
	} else {
		fraction |= 1 << fractionBits
	}
	power -= exponentBias
	zeros := bits.TrailingZeros64(fraction)
	if tiny := fractionBits - zeros - power; tiny <= 0 && power < 63 {
		return integerDigits(f, power-significant-1)
	}
	return searchDigits(fraction>>zeros, fractionBits+1-zeros, power, significant, firstExponent(fraction, power))
}

// integerDigits rounds away the digits that 2^spare has no say in.
func integerDigits(f float64, spare int) (digits []byte, exponent int) {
	n := uint64(f)
	insignificant := 0
	if spare > 1 {
		insignificant = int(float64(spare) * math.Log10(2))
		unit := uint64(math.Pow10(insignificant))
		n = n/unit + (n%unit)/((unit+1)/2)
	}
	text := new(big.Int).SetUint64(n).String()
	return []byte(text), len(text) - 1 + insignificant
}

// firstExponent estimates the power of ten of the first digit; it may be one
// too great.
func firstExponent(fraction uint64, power int) int {
	mantissa := math.Float64frombits(exponentBias<<fractionBits | fraction&(1<<fractionBits-1))
	return int(math.Floor((mantissa-1.5)*0.289529654 + 0.176091259 + float64(power)*0.301029995663981))
}

// fiveBits are the bits that powers of five take; 5^0 counts as none.
var fiveBits = [...]int{0, 3, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28, 31, 33, 35, 38, 40, 42, 45, 47, 49, 52, 54, 56, 59, 61}

// bitsOfFive are the bits that 5^n takes at most.
func bitsOfFive(n int) int {
	if n < len(fiveBits) {
		return fiveBits[n]
	}
	return 3 * n
}

// searchDigits develops digits until the number they make is nearer to the
// double than half the distance to its neighbours. The double is whole, of size
// bits, times 2^(power-size+1).
func searchDigits(whole uint64, size, power, significant, exponent int) ([]byte, int) {
	tiny := max(0, size-power-1)
	five, tens := max(0, -exponent), max(0, exponent)
	up, down := five+tiny+power, tens+tiny
	half := up - significant
	up -= size - 1
	common := min(up, down)
	up, down, half = up-common, down-common, half-common
	if size == 1 {
		half-- // the neighbour below a power of two is nearer
	}
	if half < 0 {
		up, down, half = up-half, down-half, 0
	}
	scaled := func(n uint64, fives, twos int) *big.Int {
		v := new(big.Int).Exp(big.NewInt(5), big.NewInt(int64(fives)), nil)
		return v.Lsh(v.Mul(v, new(big.Int).SetUint64(n)), uint(twos))
	}
	s := &digitSearch{rest: scaled(whole, five, up), unit: scaled(1, tens, down), margin: scaled(1, five, half)}
	s.ten = new(big.Int).Mul(s.unit, ten)
	s.wide = size+up+bitsOfFive(five) >= 64 || down+1+bitsOfFive(tens+1) >= 64
	first, low, high := s.next()
	var digits []byte
	if first == 0 && !high {
		exponent--
	} else {
		digits = append(digits, first)
	}
	if exponent < -3 || exponent >= 8 {
		low, high = false, false // there are two digits at least with an exponent
	}
	for !low && !high {
		var digit byte
		digit, low, high = s.next()
		digits = append(digits, digit)
	}
	if high && (!low || s.roundsUp(digits[len(digits)-1])) {
		var carried bool
		if digits, carried = increment(digits); carried {
			exponent++
		}
	}
	for i := range digits {
		digits[i] += '0'
	}
	return digits, exponent
}

var ten = big.NewInt(10)

// digitSearch holds what is left of a number, in units of the next digit.
type digitSearch struct {
	rest, unit, ten, margin *big.Int
	wide                    bool // beyond 64 bits: an end of the margin counts as inside
}

// next is the next digit; low and high tell that it and the one above it are
// within the margin.
func (s *digitSearch) next() (digit byte, low, high bool) {
	q, r := new(big.Int).QuoRem(s.rest, s.unit, new(big.Int))
	s.rest = r.Mul(r, ten)
	s.margin.Mul(s.margin, ten)
	over := new(big.Int).Add(s.rest, s.margin).Cmp(s.ten)
	return byte(q.Int64()), s.rest.Cmp(s.margin) < 0, over > 0 || s.wide && over == 0
}

// roundsUp tells whether the rest is more than half a unit, or half of one
// behind an odd digit.
func (s *digitSearch) roundsUp(digit byte) bool {
	side := new(big.Int).Lsh(s.rest, 1).Cmp(s.ten)
	return side > 0 || side == 0 && digit%2 == 1
}

// increment adds one to the last digit; carried tells that the digits became a
// one with zeros, of the next power of ten.
func increment(digits []byte) (_ []byte, carried bool) {
	for i := len(digits) - 1; i >= 0; i-- {
		if digits[i] < 9 {
			digits[i]++
			return digits, false
		}
		digits[i] = 0
	}
	digits[0] = 1
	return digits, true
}
