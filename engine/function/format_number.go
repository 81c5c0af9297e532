package function

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// decimalDigits is the number unscaled / 10^scale.
type decimalDigits struct {
	unscaled *big.Int
	scale    int
}

// floatDigits is the shortest decimal that reads back as f; false for NaN and
// infinities.
func floatDigits(f float64, bits int) (decimalDigits, bool) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return decimalDigits{}, false
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, bits), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	unscaled, _ := new(big.Int).SetString(whole+fraction, 10)
	e, _ := strconv.Atoi(exponent)
	return decimalDigits{unscaled, len(fraction) - e}, true
}

// rounded is d with another scale, half up.
func (d decimalDigits) rounded(scale int) decimalDigits {
	if scale >= d.scale {
		return decimalDigits{new(big.Int).Mul(d.unscaled, powerOfTen(scale-d.scale)), scale}
	}
	return decimalDigits{divideHalfUp(d.unscaled, powerOfTen(d.scale-scale)), scale}
}

// fixed writes the absolute value with the scale's fraction digits.
func (d decimalDigits) fixed() string {
	digits := new(big.Int).Abs(d.unscaled).String()
	if d.scale <= 0 {
		return digits
	}
	if len(digits) <= d.scale {
		digits = strings.Repeat("0", d.scale-len(digits)+1) + digits
	}
	return digits[:len(digits)-d.scale] + "." + digits[len(digits)-d.scale:]
}

// scientific writes the absolute value as 1.234e+04, with so many fraction digits.
func (d decimalDigits) scientific(precision int) string {
	digits := new(big.Int).Abs(d.unscaled).String()
	if d.unscaled.Sign() == 0 {
		return fmt.Sprintf("%se%+03d", decimalDigits{new(big.Int), precision}.fixed(), -d.scale)
	}
	exponent := len(digits) - 1 - d.scale
	r := d.rounded(precision - exponent)
	if digits = new(big.Int).Abs(r.unscaled).String(); len(digits) > precision+1 { // rounded up to one more digit
		exponent++
		digits = digits[:precision+1]
	}
	mantissa, _ := new(big.Int).SetString(digits, 10)
	return fmt.Sprintf("%se%+03d", decimalDigits{mantissa, precision}.fixed(), exponent)
}

// number is the magnitude for e, f and g.
func (f formatItem) number(d decimalDigits) string {
	precision := f.precision
	if precision < 0 {
		precision = 6
	}
	switch f.conversion {
	case 'f':
		return f.pointed(d.rounded(precision).fixed())
	case 'e', 'E':
		return f.pointed(d.scientific(precision))
	}
	return d.general(max(1, precision))
}

// pointed gives a number without fraction digits a point if flag # wants one.
func (f formatItem) pointed(text string) string {
	if !f.has('#') || strings.Contains(text, ".") {
		return text
	}
	mantissa, exponent, isScientific := strings.Cut(text, "e")
	if isScientific {
		return mantissa + ".e" + exponent
	}
	return text + "."
}

// hexFloat is 0x1.8p0, with so many fraction digits if that is not negative.
func hexFloat(f float64, precision int) string {
	if precision == 0 {
		precision = 1
	}
	text := strconv.FormatFloat(f, 'x', precision, 64)
	mantissa, exponent, _ := strings.Cut(text, "p")
	if !strings.Contains(mantissa, ".") {
		mantissa += ".0"
	}
	e, _ := strconv.Atoi(exponent)
	return mantissa + "p" + strconv.Itoa(e)
}

// general writes so many digits: plain for 10^-4 up to 10^precision, else
// scientific.
func (d decimalDigits) general(precision int) string {
	if d.unscaled.Sign() == 0 {
		if d.scale != 0 {
			return d.scientific(precision - 1)
		}
		return decimalDigits{new(big.Int), precision - 1}.fixed()
	}
	digits := len(new(big.Int).Abs(d.unscaled).String())
	exponent := digits - 1 - d.scale
	r := d.rounded(precision - 1 - exponent)
	if len(new(big.Int).Abs(r.unscaled).String()) > precision {
		exponent++
	}
	if exponent < -4 || exponent >= precision {
		return d.scientific(precision - 1)
	}
	return d.rounded(precision - 1 - exponent).fixed()
}

// integer formats for d, x, X and o; the latter show the bits of negatives.
func (f formatItem) integer(n int64) string {
	switch f.conversion {
	case 'x', 'X', 'o':
		base, prefix := 16, "0x"
		if f.conversion == 'o' {
			base, prefix = 8, "0"
		}
		text := strconv.FormatUint(uint64(n), base)
		if !f.has('#') {
			prefix = ""
		}
		if f.has('0') {
			text = strings.Repeat("0", max(0, f.width-len(text)-len(prefix))) + text
		}
		return prefix + text
	}
	text := strconv.FormatUint(uint64(n), 10)
	if n < 0 {
		text = strconv.FormatUint(-uint64(n), 10)
	}
	return f.signed(text, n < 0)
}

// signed adds grouping, sign and leading zeros to the text of a magnitude.
func (f formatItem) signed(text string, negative bool) string {
	if f.has(',') {
		text = grouped(text)
	}
	before, behind := "", ""
	switch {
	case negative && f.has('('):
		before, behind = "(", ")"
	case negative:
		before = "-"
	case f.has('+'):
		before = "+"
	case f.has(' '):
		before = " "
	}
	if f.has('0') {
		text = strings.Repeat("0", max(0, f.width-len(text)-len(before)-len(behind))) + text
	}
	return before + text + behind
}

// grouped puts commas between groups of three digits before the point.
func grouped(text string) string {
	end := strings.IndexAny(text, ".e")
	if end < 0 {
		end = len(text)
	}
	out := []byte{}
	for i := range end {
		if i > 0 && (end-i)%3 == 0 {
			out = append(out, ',')
		}
		out = append(out, text[i])
	}
	return string(append(out, text[end:]...))
}
