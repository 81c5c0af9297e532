package javaformat

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/apache/arrow/go/v15/arrow/decimal128"
)

// digits is the number that text writes, without leading zeros, / 10^scale.
type digits struct {
	text  []byte
	scale int
}

// maxDigits has room for the digits of any argument, or a double with its exponent.
const maxDigits = 40

// isNegative: zeros of floating point have a sign, too.
func (a *Arg) isNegative() bool {
	if a.floatBits > 0 {
		return math.Signbit(a.float)
	}
	return a.unscaled.Sign() < 0
}

// digits appends the digits of a finite number without its sign to room: of real and double the fewest that read back
// as the double.
func (a *Arg) digits(room []byte) digits {
	if a.floatBits == 0 {
		return digits{appendMagnitude(room, a.unscaled), a.scale}
	}
	magnitude := math.Abs(a.float)
	text := strconv.AppendFloat(room, magnitude, 'e', -1, 64)
	if text[1] == 'e' && magnitude < fewDigits {
		text = strconv.AppendFloat(room, magnitude, 'e', 1, 64)
	}
	at := bytes.IndexByte(text, 'e')
	exponent, _ := strconv.Atoi(string(text[at+1:]))
	if text = text[:at]; len(text) > 1 {
		text = slices.Delete(text, 1, 2) // the point
	}
	return digits{text, len(text) - 1 - exponent}
}

// fewDigits is above all doubles that a single digit identifies although a number of two digits is nearer: Java
// shows 4.9E-324, not 5E-324.
const fewDigits = 1e-320

func appendMagnitude(out []byte, n decimal128.Num) []byte {
	if n = n.Abs(); n.HighBits() == 0 {
		return strconv.AppendUint(out, n.LowBits(), 10)
	}
	return n.BigInt().Append(out, 10)
}

func (d digits) isZero() bool { return len(d.text) == 1 && d.text[0] == '0' }

// exponent is the power of ten of the first digit.
func (d digits) exponent() int { return len(d.text) - 1 - d.scale }

// rounded is d with another scale, half up. It takes d's memory.
func (d digits) rounded(scale int) digits {
	kept := len(d.text) - (d.scale - scale)
	switch {
	case kept < 0, d.isZero():
		return digits{append(d.text[:0], '0'), scale}
	case kept >= len(d.text):
		return digits{appendZeros(d.text, kept-len(d.text)), scale}
	}
	isUp := d.text[kept] >= '5'
	d = digits{d.text[:kept], scale}
	if isUp {
		d.increment()
	}
	if len(d.text) == 0 {
		d.text = append(d.text, '0')
	}
	return d
}

// increment adds one to the last digit.
func (d *digits) increment() {
	for i := len(d.text) - 1; i >= 0; i-- {
		if d.text[i] < '9' {
			d.text[i]++
			return
		}
		d.text[i] = '0'
	}
	d.text = append(d.text, '0') // all were nines, or there was none
	d.text[0] = '1'
}

// appendFixed writes the scale's fraction digits after a point. The scale is not negative.
func (d digits) appendFixed(out []byte) []byte {
	whole := len(d.text) - d.scale
	switch {
	case d.scale == 0:
		return append(out, d.text...)
	case whole <= 0:
		out = appendZeros(append(out, "0."...), -whole)
		return append(out, d.text...)
	}
	out = append(append(out, d.text[:whole]...), '.')
	return append(out, d.text[whole:]...)
}

// appendScientific writes 1.234e+04, with precision fraction digits.
func (d digits) appendScientific(out []byte, precision int) []byte {
	exponent := d.exponent()
	d = d.rounded(precision - exponent)
	if len(d.text) > precision+1 { // rounded up to one more digit
		exponent++
		d.text = d.text[:precision+1]
	}
	out = digits{d.text, precision}.appendFixed(out)
	return fmt.Appendf(out, "e%+03d", exponent)
}

// appendGeneral writes precision digits: plain from 10^-4 up to 10^precision, else scientific.
func (d digits) appendGeneral(out []byte, precision int) []byte {
	if d.isZero() && d.scale == 0 {
		return d.rounded(precision - 1).appendFixed(out)
	}
	if !d.isZero() {
		d = d.rounded(precision - 1 - d.exponent())
	}
	exponent := d.exponent()
	if d.isZero() || exponent < -4 || exponent >= precision {
		return d.appendScientific(out, precision-1)
	}
	return d.rounded(precision - 1 - exponent).appendFixed(out)
}

func appendZeros(out []byte, n int) []byte {
	for range n {
		out = append(out, '0')
	}
	return out
}
