package jsontext

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// WithoutSurrogates is a string of JSON as a varchar, which has no lone surrogates.
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

// surrogateBytes is the length of a surrogate as ReadString writes it.
const surrogateBytes = 3

// startsSurrogate reports whether a text begins with a lone surrogate as
// ReadString writes it: the three bytes its code point would have in UTF-8.
func startsSurrogate(s string) bool {
	return len(s) >= surrogateBytes && s[0] == 0xED && s[1]&0xE0 == 0xA0 && s[2]&0xC0 == 0x80
}

// ReadString reads a string and unescapes it. A lone surrogate becomes three bytes
// that AppendQuoted writes as an escape again.
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

// escaped reads the string from from on, which ends before end and has escapes.
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

// UnescapePairs replaces the escapes of surrogate pairs in JSON text.
func UnescapePairs(text string) string {
	j := &Walker{Text: text}
	var out []byte
	for j.at < len(text) {
		c := text[j.at]
		j.at++
		if c != '\\' {
			out = append(out, c)
			continue
		}
		high, ok := j.hex4(j.at + 1)
		low, _ := j.hex4(j.at + 7)
		pair := ok && text[j.at] == 'u' && strings.HasPrefix(text[j.at+5:], `\u`)
		if r := utf16.DecodeRune(high, low); pair && r != utf8.RuneError {
			out = utf8.AppendRune(out, r)
			j.at += 11
			continue
		}
		out = append(out, c, text[j.at])
		j.at++
	}
	return string(out)
}
