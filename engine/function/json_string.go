package function

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// sqlText is a string of JSON as a varchar, which has no lone surrogates.
func sqlText(s string) string {
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

// startsSurrogate tells whether a text begins with a lone surrogate as str
// writes it: the three bytes its code point would have in UTF-8.
func startsSurrogate(s string) bool {
	return len(s) > 2 && s[0] == 0xED && s[1]&0xE0 == 0xA0 && s[2]&0xC0 == 0x80
}

// str reads a string and unescapes it. A lone surrogate becomes three bytes
// that appendJSONString writes as an escape again.
func (j *jsonText) str() (string, error) {
	j.at++
	from := j.at
	for j.at < len(j.text) {
		switch c := j.text[j.at]; {
		case c == '"':
			j.at++
			return j.text[from : j.at-1], nil
		case c == '\\':
			return j.escaped(from)
		case c < 0x20:
			return "", errMalformedJSON
		}
		j.at++
	}
	return "", errMalformedJSON
}

func (j *jsonText) escaped(from int) (string, error) {
	out := []byte(j.text[from:j.at])
	for j.at < len(j.text) {
		c := j.text[j.at]
		j.at++
		switch {
		case c == '"':
			return string(out), nil
		case c < 0x20:
			return "", errMalformedJSON
		case c != '\\':
			out = append(out, c)
			continue
		}
		if j.at == len(j.text) {
			break
		}
		var err error
		if out, err = j.escape(out); err != nil {
			return "", err
		}
	}
	return "", errMalformedJSON
}

func (j *jsonText) escape(out []byte) ([]byte, error) {
	c := j.text[j.at]
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
	return nil, errMalformedJSON
}

func (j *jsonText) unicode(out []byte) ([]byte, error) {
	unit, ok := j.hex4(j.at)
	if !ok {
		return nil, errMalformedJSON
	}
	j.at += 4
	if !utf16.IsSurrogate(unit) {
		return utf8.AppendRune(out, unit), nil
	}
	if j.at+1 < len(j.text) && j.text[j.at] == '\\' && j.text[j.at+1] == 'u' {
		if low, ok := j.hex4(j.at + 2); ok {
			if r := utf16.DecodeRune(unit, low); r != utf8.RuneError {
				j.at += 6
				return utf8.AppendRune(out, r), nil
			}
		}
	}
	return append(out, 0xE0|byte(unit>>12), 0x80|byte(unit>>6&0x3F), 0x80|byte(unit&0x3F)), nil
}

func (j *jsonText) hex4(at int) (rune, bool) {
	if at+4 > len(j.text) {
		return 0, false
	}
	n, err := strconv.ParseUint(j.text[at:at+4], 16, 16)
	return rune(n), err == nil
}
