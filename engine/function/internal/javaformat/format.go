// Package javaformat formats values as Java's Formatter does, which Trino's format function uses.
package javaformat

import (
	"bytes"
	"slices"
	"strconv"
	"unicode/utf16"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/engine/arrowtype"
)

// Arg is an argument as the formatter sees it.
type Arg struct {
	Kind      byte   // 0: NULL, 'd' integer, 'f' number with a fraction, 'b' boolean, 't' date or time, 's' other
	JavaClass string // the class's name in messages
	Text      string // what %s shows, but of numbers
	Number    int64  // of kind d
	Local     *Time  // of kind t

	float     float64
	floatBits int            // 32 for real, 64 for double
	unscaled  decimal128.Num // of a decimal
	scale     int
}

// FloatArg makes an argument of a real (bits 32) or double (bits 64).
func FloatArg(f float64, bits int) Arg {
	class := "java.lang.Double"
	if bits == 32 {
		class = "java.lang.Float"
	}
	return Arg{Kind: 'f', JavaClass: class, float: f, floatBits: bits}
}

// DecimalArg makes an argument of the decimal unscaled / 10^scale.
func DecimalArg(unscaled decimal128.Num, scale int) Arg {
	return Arg{Kind: 'f', JavaClass: "java.math.BigDecimal", unscaled: unscaled, scale: scale}
}

// appendText appends what %s shows.
func (a *Arg) appendText(out []byte) []byte {
	switch {
	case a.Kind == 'd':
		return strconv.AppendInt(out, a.Number, 10)
	case a.floatBits > 0:
		return arrowtype.AppendDouble(out, a.float, a.floatBits)
	case a.Kind == 'f':
		if a.isNegative() {
			out = append(out, '-')
		}
		var room [maxDigits]byte
		d := a.digits(room[:0])
		if d.exponent() < LeastFixedExponent {
			return AppendWithExponent(out, d.text, d.exponent())
		}
		return d.appendFixed(out)
	}
	return append(out, a.Text...)
}

// LeastFixedExponent is the least power of ten of the first digit of a BigDecimal that shows itself without an
// exponent.
const LeastFixedExponent = -6

// AppendWithExponent appends the digits of a smaller BigDecimal as it shows itself: 1.20E-9.
func AppendWithExponent(out, digits []byte, exponent int) []byte {
	out = append(out, digits[0])
	if len(digits) > 1 {
		out = append(append(out, '.'), digits[1:]...)
	}
	return strconv.AppendInt(append(out, 'E'), int64(exponent), 10)
}

// time is what %t shows a field of; false: a shows none.
func (a *Arg) time() (t Time, ok bool) {
	switch a.Kind {
	case 't':
		return *a.Local, true
	case 'd':
		return MillisTime(a.Number), true
	}
	return Time{}, false
}

// Error is what Java calls the problem of a format.
type Error string

func (e Error) Error() string { return string(e) }

// Append appends the text of items with args. check is called with the length of the text as it grows,
// and ends it with its error.
func Append(out []byte, items []Item, args []Arg, check func(bytes int64) error) ([]byte, error) {
	from, next, last := len(out), 0, -1
	for i := range items {
		item := &items[i]
		switch item.conversion {
		case 0:
			out = append(out, item.literal...)
			continue
		case 'n':
			out = append(out, '\n')
			continue
		case '%':
			out = item.pad(append(out, '%'), len(out))
			continue
		}
		switch {
		case item.index > 0:
			last = item.index - 1
		case item.index == 0:
			last = next
			next++
		}
		if last < 0 || last >= len(args) {
			return nil, Error("MissingFormatArgument: Format specifier '" + item.literal + "'")
		}
		at := len(out)
		var err error
		if out, err = item.append(out, &args[last]); err != nil {
			return nil, err
		}
		if item.conversion >= 'A' && item.conversion <= 'Z' {
			out = append(out[:at], bytes.ToUpper(out[at:])...)
		}
		out = item.pad(out, at)
		if err := check(int64(len(out) - from)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// pad fills the text that begins at from up to the item's width.
func (f *Item) pad(out []byte, from int) []byte {
	if f.width <= 0 {
		return out
	}
	missing := max(0, f.width-javaLength(out[from:]))
	if f.has('-') {
		from = len(out)
	}
	return insertAll(out, from, ' ', missing)
}

// insertAll inserts a character at index at, repeated times times.
func insertAll(out []byte, at int, char byte, times int) []byte {
	if times <= 0 {
		return out
	}
	return slices.Insert(out, at, bytes.Repeat([]byte{char}, times)...)
}

// append appends the text of an argument, before pad fills it up.
func (f *Item) append(out []byte, a *Arg) ([]byte, error) {
	from := len(out)
	switch f.conversion {
	case 's', 'S':
		if f.has('#') {
			return nil, Error("FormatFlagsConversionMismatch: Conversion = s, Flags = #")
		}
		return f.cut(a.appendText(out), from), nil
	case 'b', 'B':
		isFalse := a.Kind == 0 || a.Kind == 'b' && a.Text == "false"
		return f.cut(strconv.AppendBool(out, !isFalse), from), nil
	}
	if a.Kind == 0 {
		return f.cut(append(out, "null"...), from), nil
	}
	switch f.conversion {
	case 'h', 'H':
		if hash, ok := a.hash(); ok {
			return f.cut(strconv.AppendUint(out, uint64(hash), 16), from), nil
		}
	case 'd', 'x', 'X', 'o':
		if a.Kind == 'd' && (f.conversion == 'd' || !f.has('(') && !f.has(' ') && !f.has('+')) {
			return f.appendInteger(out, a.Number), nil
		}
	case 'a', 'A':
		if a.floatBits > 0 {
			return f.appendReal(out, a), nil
		}
	case 'e', 'E', 'f', 'g', 'G':
		if a.Kind == 'f' {
			return f.appendReal(out, a), nil
		}
	case 't', 'T':
		if local, ok := a.time(); ok {
			text, err := local.field(f.suffix)
			return append(out, text...), err
		}
	}
	return nil, Error("IllegalFormatConversion: " + string(f.conversion) + " != " + a.JavaClass)
}

// cut keeps of the text that begins at from as much as the item's precision allows.
func (f *Item) cut(out []byte, from int) []byte {
	if f.precision < 0 {
		return out
	}
	return append(out[:from], cutText(string(out[from:]), f.precision)...)
}

// cutText is the beginning of text, of a length in Java's characters.
func cutText(text string, length int) string {
	for i, r := range text {
		units := utf16.RuneLen(r)
		if length >= units {
			length -= units
			continue
		}
		if length > 0 {
			return text[:i] + "?" // half of a character
		}
		return text[:i]
	}
	return text
}

// javaLength counts characters as Java does: those past U+FFFF are two.
func javaLength(text []byte) int {
	n := 0
	for _, r := range string(text) {
		n += utf16.RuneLen(r)
	}
	return n
}
