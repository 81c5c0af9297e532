package javaformat

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/auditlake/auditlake/planner/types"
)

// Digits is the number unscaled / 10^scale.
type Digits struct {
	Unscaled *big.Int
	Scale    int
}

// floatDigits is the shortest decimal that reads back as f; false for NaN and
// infinities.
func floatDigits(f float64, bits int) (Digits, bool) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return Digits{}, false
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, bits), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	unscaled, _ := new(big.Int).SetString(whole+fraction, 10)
	e, _ := strconv.Atoi(exponent)
	return Digits{unscaled, len(fraction) - e}, true
}

// rounded is d with another scale, half up.
func (d Digits) rounded(scale int) Digits {
	if scale >= d.Scale {
		return Digits{new(big.Int).Mul(d.Unscaled, types.PowerOfTen(scale-d.Scale)), scale}
	}
	return Digits{types.DivideHalfUp(d.Unscaled, types.PowerOfTen(d.Scale-scale)), scale}
}

// fixed writes the absolute value with the scale's fraction digits.
func (d Digits) fixed() string {
	digits := new(big.Int).Abs(d.Unscaled).String()
	if d.Scale <= 0 {
		return digits
	}
	if len(digits) <= d.Scale {
		digits = strings.Repeat("0", d.Scale-len(digits)+1) + digits
	}
	return digits[:len(digits)-d.Scale] + "." + digits[len(digits)-d.Scale:]
}

// scientific writes the absolute value as 1.234e+04, with so many fraction digits.
func (d Digits) scientific(precision int) string {
	digits := new(big.Int).Abs(d.Unscaled).String()
	if d.Unscaled.Sign() == 0 {
		return fmt.Sprintf("%se%+03d", Digits{new(big.Int), precision}.fixed(), -d.Scale)
	}
	exponent := len(digits) - 1 - d.Scale
	r := d.rounded(precision - exponent)
	if digits = new(big.Int).Abs(r.Unscaled).String(); len(digits) > precision+1 { // rounded up to one more digit
		exponent++
		digits = digits[:precision+1]
	}
	mantissa, _ := new(big.Int).SetString(digits, 10)
	return fmt.Sprintf("%se%+03d", Digits{mantissa, precision}.fixed(), exponent)
}

// number is the magnitude for e, f and g.
func (f Item) number(d Digits) string {
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
func (f Item) pointed(text string) string {
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
func (d Digits) general(precision int) string {
	if d.Unscaled.Sign() == 0 {
		if d.Scale != 0 {
			return d.scientific(precision - 1)
		}
		return Digits{new(big.Int), precision - 1}.fixed()
	}
	digits := len(new(big.Int).Abs(d.Unscaled).String())
	exponent := digits - 1 - d.Scale
	r := d.rounded(precision - 1 - exponent)
	if len(new(big.Int).Abs(r.Unscaled).String()) > precision {
		exponent++
	}
	if exponent < -4 || exponent >= precision {
		return d.scientific(precision - 1)
	}
	return d.rounded(precision - 1 - exponent).fixed()
}

// integer formats for d, x, X and o; the latter show the bits of negatives.
func (f Item) integer(n int64) string {
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
func (f Item) signed(text string, negative bool) string {
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
