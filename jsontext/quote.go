package jsontext

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

// Quoting says how a string literal is written where JSON allows several ways.
type Quoting uint8

const (
	// Shortest escapes only what JSON requires, control characters other than \n, \r and \t by their number. Bytes
	// that are not UTF-8 become U+FFFD.
	Shortest Quoting = iota
	// Canonical is the form of SQL's json type. Characters beyond the basic plane, and lone surrogates as a Walker
	// reads them, are escaped as UTF-16 units. Bytes that are not UTF-8 stay.
	Canonical
)

const (
	lowerHex = "0123456789abcdef"
	upperHex = "0123456789ABCDEF"
)

// AppendQuotedBytes is AppendQuoted for bytes.
func AppendQuotedBytes(dst, text []byte, form Quoting) []byte {
	return AppendQuoted(dst, unsafe.String(unsafe.SliceData(text), len(text)), form)
}

// AppendQuoted appends a text as a string literal with quotes.
func AppendQuoted(dst []byte, text string, form Quoting) []byte {
	dst = append(dst, '"')
	copied := 0 // bytes of text that are copied
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

// pastPlain returns the first position in text, from i on, that may hold a character to escape or one that is not
// ASCII. It checks eight bytes at once. If text is shorter, it leaves the bytes to its caller.
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
	marks := (special(v) | v&highs) >> (8 * (8 - left)) // of the remaining bytes
	if marks == 0 {
		return len(bytes)
	}
	return i + bits.TrailingZeros64(marks)/8
}

// isEscaped reports whether the rune at the start of text, which is not ASCII, must be escaped.
func isEscaped(r rune, size int, text string, form Quoting) bool {
	isBroken := r == utf8.RuneError && size == 1
	if form == Shortest {
		return isBroken
	}
	return r > 0xFFFF || isBroken && startsSurrogate(text)
}

// appendEscape escapes an ASCII character that a string literal cannot hold as it is.
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

// appendUnit appends the escape of a UTF-16 unit.
func appendUnit(dst []byte, unit rune) []byte {
	return append(dst, '\\', 'u', upperHex[unit>>12], upperHex[unit>>8&15], upperHex[unit>>4&15], upperHex[unit&15])
}
