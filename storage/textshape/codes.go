package textshape

import (
	"bytes"
	"encoding/binary"
	"time"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow"
)

// The codes after a hole's dollar sign. A text's hole has at most one, a map's hole one per entry, without those at
// the end that are asGuessed.
const (
	asGuessed  = '.' // entries: see guess; NULL is null
	asSource   = 'r' // a value that is no string, as in the source
	asText     = 't' // a string with as few escapes as possible; the default of texts
	asGo       = 'g' // also with \u003c for <, and the same for >, &, U+2028 and U+2029
	asHTML     = 'h' // the same, and for = and '
	asSlash    = 's' // also with \/ for /
	asASCII    = 'u' // also with \u00e9 for é, and the same for all that is not ASCII
	asASCIIBig = 'U' // also with \u00E9 for é
	asQuoted   = 'q' // a boolean in quotes
	asMillis   = 'm' // a time with three digits of a second's fraction
)

// escapings are the codes of strings.
var escapings = []byte{asText, asHTML, asGo, asSlash, asASCII, asASCIIBig}

// guess is the code of a map's entry unless its shape says otherwise: nested values and words are copied as they
// are, everything else is a string.
func guess(text []byte) byte {
	if len(text) == 0 {
		return asText
	}
	switch text[0] {
	case '{', '[':
		return asSource
	case 't', 'f':
		if s := string(text); s == "true" || s == "false" {
			return asSource
		}
	}
	return asText
}

// isPlain reports whether a text needs no escapes.
func isPlain(text []byte) bool {
	if len(text) < 8 {
		for _, c := range text {
			if c < 0x20 || c == '"' || c == '\\' {
				return false
			}
		}
		return true
	}
	for i := 0; i+8 < len(text); i += 8 {
		if !isPlainWord(binary.LittleEndian.Uint64(text[i:])) {
			return false
		}
	}
	return isPlainWord(binary.LittleEndian.Uint64(text[len(text)-8:]))
}

// isPlainWord checks eight bytes at a time. Subtracting ones borrows from the highest bit of a zero byte; only
// bytes above the lowest zero byte can be misjudged, so the result is exact.
func isPlainWord(w uint64) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	quote, backslash := w^(ones*'"'), w^(ones*'\\')
	return ((quote-ones)&^quote|(backslash-ones)&^backslash|(w-ones*0x20)&^w)&highs == 0
}

// appendText appends one of an array's texts by a code.
func (t *texts) appendText(dst, text []byte, code byte) []byte {
	if code == asSource {
		return append(dst, text...)
	}
	if code == asText && t.isPlain(text) {
		dst = append(dst, '"')
		dst = append(dst, text...)
		return append(dst, '"')
	}
	return appendString(dst, text, code)
}

// appendString appends a string literal.
func appendString(dst, text []byte, code byte) []byte {
	return append(appendEscaped(append(dst, '"'), text, code), '"')
}

func appendEscaped(dst, text []byte, code byte) []byte {
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		switch {
		case r == utf8.RuneError && n == 1:
			dst = append(dst, text[0])
		case r < ' ' || r == '"' || r == '\\':
			dst = appendEscape(dst, byte(r), code)
		case r == '/' && code == asSlash:
			dst = append(dst, `\/`...)
		case (code == asGo || code == asHTML) && (r == '<' || r == '>' || r == '&' || r == '\u2028' || r == '\u2029'),
			code == asHTML && (r == '=' || r == '\''),
			r > 0x7f && (code == asASCII || code == asASCIIBig):
			dst = appendUnicode(dst, r, code)
		default:
			dst = append(dst, text[:n]...)
		}
		text = text[n:]
	}
	return dst
}

// appendEscape appends the escape of a byte that no string may hold unescaped.
func appendEscape(dst []byte, c, code byte) []byte {
	if at := bytes.IndexByte([]byte("\"\\\b\f\n\r\t"), c); at >= 0 {
		return append(dst, '\\', `"\bfnrt`[at])
	}
	return appendUnicode(dst, rune(c), code)
}

func appendUnicode(dst []byte, r rune, code byte) []byte {
	digits := "0123456789abcdef"
	if code == asASCIIBig {
		digits = "0123456789ABCDEF"
	}
	if r > 0xffff {
		r -= 0x10000
		dst = appendUnicode(dst, 0xd800+r>>10, code)
		r = 0xdc00 + r&0x3ff
	}
	return append(dst, '\\', 'u', digits[r>>12&15], digits[r>>8&15], digits[r>>4&15], digits[r&15])
}

// appendMoment appends a time in UTC.
func appendMoment(dst []byte, t arrow.Timestamp, code byte) []byte {
	moment := time.UnixMilli(int64(t)).UTC()
	year, month, day := moment.Date()
	hour, minute, second := moment.Clock()
	if year < 0 || year > 9999 { // cannot come from a text
		return dst
	}
	dst = append(dst, '"', byte('0'+year/1000), byte('0'+year/100%10))
	dst = append(appendTwo(dst, year%100), '-')
	dst = append(appendTwo(dst, int(month)), '-')
	dst = append(appendTwo(dst, day), 'T')
	dst = append(appendTwo(dst, hour), ':')
	dst = append(appendTwo(dst, minute), ':')
	dst = appendTwo(dst, second)
	if millis := moment.Nanosecond() / 1e6; code == asMillis {
		dst = appendTwo(append(dst, '.', byte('0'+millis/100)), millis%100)
	}
	return append(dst, 'Z', '"')
}

func appendTwo(dst []byte, n int) []byte { return append(dst, byte('0'+n/10), byte('0'+n%10)) }
