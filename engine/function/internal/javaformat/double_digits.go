package javaformat

import (
	"cmp"
	"math"
	"math/big"
	"math/bits"
	"strconv"
)

// The form of a double: the bits of its fraction, without the leading one.
const (
	fractionBits = 52
	exponentBias = 1023
)

// DoubleDigits appends the digits of a positive finite double as Java's DecimalFormat has them, and returns the
// power of ten of the first digit. Mostly these are the shortest digits that read back as f. The method is an older
// one, which shows more digits of some numbers (1.9999999999999998E23) and all digits of integers below 2^63.
func DoubleDigits(dst []byte, f float64) (digits []byte, exponent int) {
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
		return integerDigits(dst, f, power-significant-1)
	}
	return searchDigits(dst, fraction>>zeros, fractionBits+1-zeros, power, significant, firstExponent(fraction, power))
}

// integerDigits rounds away the digits that 2^spare has no say in.
func integerDigits(dst []byte, f float64, spare int) (digits []byte, exponent int) {
	n := uint64(f)
	insignificant := 0
	if spare > 1 {
		insignificant = int(float64(spare) * math.Log10(2))
		unit := uint64(math.Pow10(insignificant))
		n = n/unit + (n%unit)/((unit+1)/2)
	}
	digits = strconv.AppendUint(dst, n, 10)
	return digits, len(digits) - len(dst) - 1 + insignificant
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
func searchDigits(dst []byte, whole uint64, size, power, significant, exponent int) ([]byte, int) {
	s := newDigitSearch(whole, size, power, significant, exponent)
	digits := dst
	first, low, high := s.next()
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
	made := digits[len(dst):]
	if high && (!low || s.roundsUp(made[len(made)-1])) && increment(made) {
		exponent++
	}
	for i := range made {
		made[i] += '0'
	}
	return digits, exponent
}

// digitSearch holds what is left of a number, in units of the next digit.
type digitSearch struct {
	rest, unit, ten, margin uint64
	wide                    *wideSearch // instead of them where they do not fit in 64 bits
}

func newDigitSearch(whole uint64, size, power, significant, exponent int) digitSearch {
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
	if size+up+bitsOfFive(five) >= 64 || down+1+bitsOfFive(tens+1) >= 64 {
		return digitSearch{wide: newWideSearch(whole, five, tens, up, down, half)}
	}
	unit := powersOfFive[tens] << down
	return digitSearch{rest: whole * powersOfFive[five] << up, unit: unit, ten: 10 * unit, margin: powersOfFive[five] << half}
}

// powersOfFive are the powers of five that fit 64 bits.
var powersOfFive = func() (powers [len(fiveBits)]uint64) {
	powers[0] = 1
	for i := range len(powers) - 1 {
		powers[i+1] = 5 * powers[i]
	}
	return powers
}()

// next is the next digit; low and high tell that it and the one above it are
// within the margin.
func (s *digitSearch) next() (digit byte, low, high bool) {
	if s.wide != nil {
		return s.wide.next()
	}
	digit = byte(s.rest / s.unit)
	s.rest = s.rest % s.unit * 10
	s.margin = min(s.margin, math.MaxUint64/10) * 10 // a greater one is beyond ten, too
	return digit, s.rest < s.margin, s.margin > s.ten-s.rest
}

// roundsUp reports whether the rest is more than half a unit, or exactly half of one after an odd digit.
func (s *digitSearch) roundsUp(digit byte) bool {
	var side int
	if s.wide != nil {
		side = s.wide.side()
	} else {
		side = cmp.Compare(s.rest, s.ten-s.rest)
	}
	return side > 0 || side == 0 && digit%2 == 1
}

// wideSearch is a digitSearch in numbers of any size, where an end of the margin counts as inside.
type wideSearch struct{ rest, unit, ten, margin, quotient, over big.Int }

func newWideSearch(whole uint64, five, tens, up, down, half int) *wideSearch {
	s := &wideSearch{}
	scale := func(v *big.Int, n uint64, fives, twos int) {
		v.Exp(big.NewInt(5), big.NewInt(int64(fives)), nil)
		v.Lsh(v.Mul(v, new(big.Int).SetUint64(n)), uint(twos))
	}
	scale(&s.rest, whole, five, up)
	scale(&s.unit, 1, tens, down)
	scale(&s.margin, 1, five, half)
	s.ten.Mul(&s.unit, ten)
	return s
}

var ten = big.NewInt(10)

func (s *wideSearch) next() (digit byte, low, high bool) {
	s.quotient.QuoRem(&s.rest, &s.unit, &s.over)
	s.rest.Mul(&s.over, ten)
	s.margin.Mul(&s.margin, ten)
	s.over.Add(&s.rest, &s.margin)
	return byte(s.quotient.Uint64()), s.rest.Cmp(&s.margin) < 0, s.over.Cmp(&s.ten) >= 0
}

// side compares the rest with half a unit.
func (s *wideSearch) side() int { return s.over.Lsh(&s.rest, 1).Cmp(&s.ten) }

// increment adds one to the last digit. It reports whether the digits became a one with zeros, of the next power of
// ten.
func increment(digits []byte) (carried bool) {
	for i := len(digits) - 1; i >= 0; i-- {
		if digits[i] < 9 {
			digits[i]++
			return false
		}
		digits[i] = 0
	}
	digits[0] = 1
	return true
}
