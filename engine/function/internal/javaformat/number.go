package javaformat

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"strings"
)

// appendInteger formats for d, x, X and o; the latter show the bits of negatives.
func (f *Item) appendInteger(out []byte, n int64) []byte {
	base, prefix := 10, ""
	switch f.conversion {
	case 'x', 'X':
		base, prefix = 16, "0x"
	case 'o':
		base, prefix = 8, "0"
	}
	magnitude, isNegative := uint64(n), base == 10 && n < 0
	if isNegative {
		magnitude = -magnitude
	}
	start := len(out)
	out = f.appendSign(out, isNegative)
	if f.has('#') {
		out = append(out, prefix...)
	}
	at := len(out)
	return f.finish(strconv.AppendUint(out, magnitude, base), start, at, isNegative)
}

// appendReal formats a number with a fraction, infinities included.
func (f *Item) appendReal(out []byte, a *Arg) []byte {
	isNegative := a.isNegative()
	switch {
	case math.IsNaN(a.float):
		return append(out, "NaN"...)
	case math.IsInf(a.float, 0):
		return f.close(append(f.appendSign(out, isNegative), "Infinity"...), isNegative)
	}
	start := len(out)
	out = f.appendSign(out, isNegative)
	at := len(out)
	if f.conversion == 'a' || f.conversion == 'A' {
		out = append(out, hexFloat(math.Abs(a.float), f.precision)...)
	} else {
		var room [maxDigits]byte
		out = f.appendNumber(out, a.digits(room[:0]))
	}
	return f.finish(out, start, at, isNegative)
}

// appendNumber is the magnitude for e, f and g.
func (f *Item) appendNumber(out []byte, d digits) []byte {
	at, precision := len(out), f.precision
	if precision < 0 {
		precision = 6
	}
	switch f.conversion {
	case 'f':
		out = d.rounded(precision).appendFixed(out)
	case 'e', 'E':
		out = d.appendScientific(out, precision)
	default:
		return d.appendGeneral(out, max(1, precision))
	}
	if f.has('#') && precision == 0 {
		return pointed(out, at)
	}
	return out
}

// pointed gives the number without fraction digits that begins at from a point.
func pointed(out []byte, from int) []byte {
	if exponent := bytes.IndexByte(out[from:], 'e'); exponent >= 0 {
		return slices.Insert(out, from+exponent, '.')
	}
	return append(out, '.')
}

// hexFloat formats a float as 0x1.8p0, with precision fraction digits if precision is not negative.
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

// appendSign begins a number; close ends it.
func (f *Item) appendSign(out []byte, isNegative bool) []byte {
	switch {
	case isNegative && f.has('('):
		return append(out, '(')
	case isNegative:
		return append(out, '-')
	case f.has('+'):
		return append(out, '+')
	case f.has(' '):
		return append(out, ' ')
	}
	return out
}

func (f *Item) close(out []byte, isNegative bool) []byte {
	if isNegative && f.has('(') {
		return append(out, ')')
	}
	return out
}

// finish adds grouping and leading zeros to the number that begins at start, its magnitude at the place at, and
// closes it.
func (f *Item) finish(out []byte, start, at int, isNegative bool) []byte {
	if f.flags == "" {
		return out
	}
	if f.has(',') {
		out = grouped(out, at)
	}
	out = f.close(out, isNegative)
	if f.has('0') {
		out = insertAll(out, at, '0', f.width-(len(out)-start))
	}
	return out
}

// grouped puts commas between groups of three digits before the point of the number that begins at from.
func grouped(out []byte, from int) []byte {
	end := from
	for end < len(out) && out[end] >= '0' && out[end] <= '9' {
		end++
	}
	for at := end - 3; at > from; at -= 3 {
		out = slices.Insert(out, at, ',')
	}
	return out
}
