package jsontext

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

// Quoting says how a string literal is written where JSON leaves a choice.
type Quoting uint8

const (
	// Shortest escapes no more than it must, but control characters besides \n, \r and \t by their number;
	// bytes that are no UTF-8 become U+FFFD.
	Shortest Quoting = iota
	// Canonical is the form of SQL's json type: characters beyond the basic plane, and what a Walker read of a
	// lone surrogate, are escaped as UTF-16 units. Bytes that are no UTF-8 stay.
	Canonical
)

const (
	lowerHex = "0123456789abcdef"
	upperHex = "0123456789ABCDEF"
)

// AppendQuotedBytes is AppendQuoted of bytes.
func AppendQuotedBytes(dst, text []byte, form Quoting) []byte {
	return AppendQuoted(dst, unsafe.String(unsafe.SliceData(text), len(text)), form)
}

// AppendQuoted appends a text as a string literal, in quotes.
func AppendQuoted(dst []byte, text string, form Quoting) []byte {
	dst = append(dst, '"')
	copied := 0 // of text
	for i := pastPlain(text, 0); i < len(text); {
		c, size := text[i], 1
		if c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\' {
			i++
			continue
		}
		var r rune
		if c >= utf8.RuneSelf {
			if r, size = utf8.DecodeRuneInString(text[i:]); !isEscaped(r, size, text[i:], form) {
				i = pastPlain(text, i+size)
				continue
			}
		}
		dst = append(dst, text[copied:i]...)
		switch {
		case c < utf8.RuneSelf:
			dst = appendEscape(dst, c, form)
		case form == Shortest:
			dst = utf8.AppendRune(dst, utf8.RuneError)
		case r == utf8.RuneError: // the three bytes of a surrogate
			dst = appendUnit(dst, 0xD000|rune(text[i+1]&0x3F)<<6|rune(text[i+2]&0x3F))
			size = surrogateBytes
		default:
			high, low := utf16.EncodeRune(r)
			dst = appendUnit(appendUnit(dst, high), low)
		}
		copied = i + size
		i = pastPlain(text, copied)
	}
	return append(append(dst, text[copied:]...), '"')
}

// pastPlain returns where in text, from i on, a character may stand that is escaped or not of ASCII. It looks at
// eight bytes at once, and leaves the bytes of a text with fewer to its caller.
func pastPlain(text string, i int) int {
	bytes := unsafe.Slice(unsafe.StringData(text), len(text))
	for ; i+8 <= len(bytes); i += 8 {
		v := binary.LittleEndian.Uint64(bytes[i:])
		if marks := special(v) | v&highs; marks != 0 {
			return i + bits.TrailingZeros64(marks)/8
		}
	}
	left := len(bytes) - i
	if left == 0 || len(bytes) < 8 {
		return i
	}
	v := binary.LittleEndian.Uint64(bytes[len(bytes)-8:])
	marks := (special(v) | v&highs) >> (8 * (8 - left)) // of the bytes that are left
	if marks == 0 {
		return len(bytes)
	}
	return i + bits.TrailingZeros64(marks)/8
}

// isEscaped reports whether the rune that text begins with, none of ASCII, does not stay as it is.
func isEscaped(r rune, size int, text string, form Quoting) bool {
	isBroken := r == utf8.RuneError && size == 1
	if form == Shortest {
		return isBroken
	}
	return r > 0xFFFF || isBroken && startsSurrogate(text)
}

// appendEscape escapes a character of ASCII that no string holds as it is.
func appendEscape(dst []byte, c byte, form Quoting) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	digits := lowerHex
	if form == Canonical {
		switch c {
		case '\b':
			return append(dst, '\\', 'b')
		case '\f':
			return append(dst, '\\', 'f')
		}
		digits = upperHex
	}
	return append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
}

// appendUnit escapes a UTF-16 unit.
func appendUnit(dst []byte, unit rune) []byte {
	return append(dst, '\\', 'u', upperHex[unit>>12], upperHex[unit>>8&15], upperHex[unit>>4&15], upperHex[unit&15])
}
