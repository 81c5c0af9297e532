// Package javaformat formats values as Java's Formatter does, which Trino's format function uses.
package javaformat

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/auditlake/auditlake/engine/arrowtype"
)

// DecimalClass is the JavaClass of decimals.
const DecimalClass = "java.math.BigDecimal"

// Arg is an argument as the formatter sees it.
type Arg struct {
	Kind      byte   // 0: NULL, 'd' integer, 'f' number with a fraction, 'b' boolean, 't' date or time, 's' other
	JavaClass string // the class's name in messages
	Text      string // what %s shows
	Number    int64
	Digits    Digits // class f, finite
	Finite    bool
	double    float64 // class f of real and double
	Local     Time    // class t
}

// FloatArg makes an argument of a real (bits 32) or double (bits 64).
func FloatArg(f float64, bits int, java string) Arg {
	digits, finite := floatDigits(f, bits)
	return Arg{Kind: 'f', JavaClass: java, Text: string(arrowtype.AppendDouble(nil, f, bits)), Digits: digits, Finite: finite, double: f}
}

// Error is what Java calls the problem of a format.
type Error string

func (e Error) Error() string { return string(e) }

// Append appends the text of items with args. check is called with the length of the text as it grows,
// and ends it with its error.
func Append(out []byte, items []Item, args []Arg, check func(bytes int64) error) ([]byte, error) {
	next, last := 0, -1
	for _, item := range items {
		switch item.conversion {
		case 0:
			out = append(out, item.literal...)
			continue
		case 'n':
			out = append(out, '\n')
			continue
		case '%':
			out = item.pad(out, "%")
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
		text, err := item.format(args[last])
		if err != nil {
			return nil, err
		}
		if item.conversion >= 'A' && item.conversion <= 'Z' {
			text = strings.ToUpper(text)
		}
		out = item.pad(out, text)
		if err := check(int64(len(out))); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// pad fills text up to the item's width.
func (f Item) pad(out []byte, text string) []byte {
	missing := max(0, f.width-javaLength(text))
	if f.has('-') {
		return append(append(out, text...), strings.Repeat(" ", missing)...)
	}
	return append(append(out, strings.Repeat(" ", missing)...), text...)
}

func (f Item) format(a Arg) (string, error) {
	bad := Error("IllegalFormatConversion: " + string(f.conversion) + " != " + a.JavaClass)
	switch f.conversion {
	case 's', 'S':
		if f.has('#') {
			return "", Error("FormatFlagsConversionMismatch: Conversion = s, Flags = #")
		}
		return cutText(a.Text, f.precision), nil
	case 'b', 'B':
		text := "true"
		if a.Kind == 0 || a.Kind == 'b' && a.Text == "false" {
			text = "false"
		}
		return cutText(text, f.precision), nil
	}
	if a.Kind == 0 {
		return cutText("null", f.precision), nil
	}
	switch f.conversion {
	case 'h', 'H':
		hash, ok := a.hash()
		if !ok {
			return "", bad
		}
		return cutText(strconv.FormatUint(uint64(hash), 16), f.precision), nil
	case 'd', 'x', 'X', 'o':
		if a.Kind != 'd' || f.conversion != 'd' && (f.has('(') || f.has(' ') || f.has('+')) {
			return "", bad
		}
		return f.integer(a.Number), nil
	case 'e', 'E', 'f', 'g', 'G', 'a', 'A':
		if a.Kind != 'f' || (f.conversion == 'a' || f.conversion == 'A') && a.JavaClass == DecimalClass {
			return "", bad
		}
		return f.real(a), nil
	case 't', 'T':
		switch a.Kind {
		case 't':
			return a.Local.field(f.suffix)
		case 'd':
			return MillisTime(a.Number).field(f.suffix)
		}
	}
	return "", bad
}

// real formats a number with a fraction, infinities included.
func (f Item) real(a Arg) string {
	negative := a.Digits.Unscaled != nil && a.Digits.Unscaled.Sign() < 0 || a.JavaClass != DecimalClass && math.Signbit(a.double)
	switch {
	case a.Finite && (f.conversion == 'a' || f.conversion == 'A'):
		return f.signed(hexFloat(math.Abs(a.double), f.precision), negative)
	case a.Finite:
		return f.signed(f.number(a.Digits), negative)
	case math.IsNaN(a.double):
		return a.Text
	}
	return f.unpadded().signed("Infinity", negative)
}

// cutText is the beginning of text, of a length in Java's characters; a negative
// length keeps all.
func cutText(text string, length int) string {
	if length < 0 {
		return text
	}
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
func javaLength(text string) int {
	n := 0
	for _, r := range text {
		n += utf16.RuneLen(r)
	}
	return n
}
