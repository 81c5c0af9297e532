package jsontext

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// WithoutSurrogates returns a JSON string as a varchar, which cannot hold lone surrogates.
func WithoutSurrogates(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if startsSurrogate(s[i:]) {
			out = append(out, '?')
			i += 2
			continue
		}
		out = append(out, s[i])
	}
	return string(out)
}

// surrogateBytes is the length of a surrogate as ReadString returns it.
const surrogateBytes = 3

// startsSurrogate reports whether a text begins with a lone surrogate as ReadString returns it: the three bytes
// that its code point would have in UTF-8.
func startsSurrogate(s string) bool {
	return len(s) >= surrogateBytes && s[0] == 0xED && s[1]&0xE0 == 0xA0 && s[2]&0xC0 == 0x80
}

// ReadString reads a string and unescapes it. A lone surrogate becomes three bytes, which AppendQuoted writes as an
// escape again.
func (j *Walker) ReadString() (string, error) {
	from := j.at + 1
	if end := plainString(j.Text, j.at); end >= 0 {
		j.at = end
		return j.Text[from : end-1], nil
	}
	s := j.scanner()
	end, hasEscapes := s.StringAt(j.at)
	if end < 0 {
		return "", ErrMalformed
	}
	if hasEscapes {
		return j.escaped(from, end)
	}
	j.at = end
	return j.Text[from : end-1], nil
}

// escaped reads the string in [from, end), which has escapes.
func (j *Walker) escaped(from, end int) (string, error) {
	j.at = from + strings.IndexByte(j.Text[from:end], '\\')
	out := append(make([]byte, 0, end-from), j.Text[from:j.at]...)
	for j.at < len(j.Text) {
		c := j.Text[j.at]
		j.at++
		switch {
		case c == '"':
			return string(out), nil
		case c < 0x20:
			return "", ErrMalformed
		case c != '\\':
			out = append(out, c)
			continue
		}
		if j.at == len(j.Text) {
			break
		}
		var err error
		if out, err = j.escape(out); err != nil {
			return "", err
		}
	}
	return "", ErrMalformed
}

func (j *Walker) escape(out []byte) ([]byte, error) {
	c := j.Text[j.at]
	j.at++
	switch c {
	case '"', '\\', '/':
		return append(out, c), nil
	case 'b':
		return append(out, '\b'), nil
	case 'f':
		return append(out, '\f'), nil
	case 'n':
		return append(out, '\n'), nil
	case 'r':
		return append(out, '\r'), nil
	case 't':
		return append(out, '\t'), nil
	case 'u':
		return j.unicode(out)
	}
	return nil, ErrMalformed
}

func (j *Walker) unicode(out []byte) ([]byte, error) {
	unit, ok := j.hex4(j.at)
	if !ok {
		return nil, ErrMalformed
	}
	j.at += 4
	if !utf16.IsSurrogate(unit) {
		return utf8.AppendRune(out, unit), nil
	}
	if j.at+1 < len(j.Text) && j.Text[j.at] == '\\' && j.Text[j.at+1] == 'u' {
		if low, ok := j.hex4(j.at + 2); ok {
			if r := utf16.DecodeRune(unit, low); r != utf8.RuneError {
				j.at += 6
				return utf8.AppendRune(out, r), nil
			}
		}
	}
	return append(out, 0xE0|byte(unit>>12), 0x80|byte(unit>>6&0x3F), 0x80|byte(unit&0x3F)), nil
}

func (j *Walker) hex4(at int) (rune, bool) {
	if at+4 > len(j.Text) {
		return 0, false
	}
	n, err := strconv.ParseUint(j.Text[at:at+4], 16, 16)
	return rune(n), err == nil
}

// UnescapePairs replaces the escapes of surrogate pairs in JSON text by the characters.
func UnescapePairs(text string) string { return string(unescapeUnits([]byte(text), true)) }

// UnescapeSurrogates replaces the escapes of surrogate pairs in JSON text by the characters, and those of lone
// surrogates by question marks. It overwrites text and returns the part that is left.
func UnescapeSurrogates(text []byte) []byte { return unescapeUnits(text, false) }

func unescapeUnits(text []byte, keepsLone bool) []byte {
	at := bytes.IndexByte(text, '\\')
	if at < 0 {
		return text
	}
	out := text[:at]
	for at < len(text) {
		if text[at] != '\\' {
			out = append(out, text[at])
			at++
			continue
		}
		unit := unitAt(text, at)
		switch r := utf16.DecodeRune(unit, unitAt(text, at+unitBytes)); {
		case r != utf8.RuneError:
			out = utf8.AppendRune(out, r)
			at += 2 * unitBytes
		case utf16.IsSurrogate(unit) && !keepsLone:
			out = append(out, '?')
			at += unitBytes
		default:
			out = append(out, text[at:min(at+2, len(text))]...)
			at += 2
		}
	}
	return out
}

// unitBytes is the length of the escape of a UTF-16 unit.
const unitBytes = len(`\u0000`)

// unitAt returns the UTF-16 unit whose escape begins at index at of JSON text, -1 if there is none.
func unitAt(text []byte, at int) rune {
	if at+unitBytes > len(text) || text[at] != '\\' || text[at+1] != 'u' {
		return -1
	}
	n, err := strconv.ParseUint(string(text[at+2:at+unitBytes]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(n)
}
