package function

import (
	"errors"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// maxJSONDepth is how deep JSON text may nest; deeper text is malformed to us.
const maxJSONDepth = 1000

var errMalformedJSON = errors.New("malformed JSON")

// jsonText walks over JSON text from left to right. Its methods leave at behind
// what they read, and fail on text that is not JSON as RFC 8259 has it.
type jsonText struct {
	text  string
	at    int
	depth int
}

func (j *jsonText) space() {
	for j.at < len(j.text) {
		switch j.text[j.at] {
		case ' ', '\t', '\n', '\r':
			j.at++
		default:
			return
		}
	}
}

// peek is the next byte behind white space, 0 at the end.
func (j *jsonText) peek() byte {
	j.space()
	if j.at == len(j.text) {
		return 0
	}
	return j.text[j.at]
}

// take reads c if it is next.
func (j *jsonText) take(c byte) bool {
	if j.peek() != c {
		return false
	}
	j.at++
	return true
}

func (j *jsonText) enter() error {
	if j.depth++; j.depth > maxJSONDepth {
		return errMalformedJSON
	}
	j.at++
	return nil
}

func (j *jsonText) leave() error {
	j.depth--
	return nil
}

// object calls each for every member; value must be read or skipped by it.
func (j *jsonText) object(each func(key string) error) error {
	if err := j.enter(); err != nil {
		return err
	}
	if j.take('}') {
		return j.leave()
	}
	for {
		if j.peek() != '"' {
			return errMalformedJSON
		}
		key, err := j.str()
		if err != nil {
			return err
		}
		if !j.take(':') {
			return errMalformedJSON
		}
		if err := each(key); err != nil {
			return err
		}
		if j.take('}') {
			return j.leave()
		}
		if !j.take(',') {
			return errMalformedJSON
		}
	}
}

// array calls each for every element.
func (j *jsonText) array(each func(index int) error) error {
	if err := j.enter(); err != nil {
		return err
	}
	if j.take(']') {
		return j.leave()
	}
	for i := 0; ; i++ {
		if err := each(i); err != nil {
			return err
		}
		if j.take(']') {
			return j.leave()
		}
		if !j.take(',') {
			return errMalformedJSON
		}
	}
}

// sqlText is a string of JSON as a varchar, which has no lone surrogates.
func sqlText(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == 0xED && i+2 < len(s) && s[i+1] >= 0xA0 {
			out = append(out, '?')
			i += 2
			continue
		}
		out = append(out, s[i])
	}
	return string(out)
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

// number reads a number and returns its text.
func (j *jsonText) number() (string, error) {
	from := j.at
	j.accept("-")
	if j.accept("0") == 0 && j.digits() == 0 {
		return "", errMalformedJSON
	}
	if j.accept(".") == 1 && j.digits() == 0 {
		return "", errMalformedJSON
	}
	if j.accept("eE") == 1 {
		j.accept("+-")
		if j.digits() == 0 {
			return "", errMalformedJSON
		}
	}
	// Only a number that stands alone has to end visibly.
	if j.depth == 0 && j.at < len(j.text) && strings.IndexByte(" \t\n\r", j.text[j.at]) < 0 {
		return "", errMalformedJSON
	}
	return j.text[from:j.at], nil
}

func (j *jsonText) accept(set string) int {
	if j.at < len(j.text) {
		for i := range len(set) {
			if j.text[j.at] == set[i] {
				j.at++
				return 1
			}
		}
	}
	return 0
}

func (j *jsonText) digits() int {
	from := j.at
	for j.at < len(j.text) && j.text[j.at] >= '0' && j.text[j.at] <= '9' {
		j.at++
	}
	return j.at - from
}

// word reads true, false or null.
func (j *jsonText) word() (string, error) {
	for _, w := range []string{"true", "false", "null"} {
		if end := j.at + len(w); end <= len(j.text) && j.text[j.at:end] == w {
			j.at = end
			return w, j.wordEnd()
		}
	}
	return "", errMalformedJSON
}

// wordEnd fails if a letter, digit or the like follows a word.
func (j *jsonText) wordEnd() error {
	r, size := utf8.DecodeRuneInString(j.text[j.at:])
	if size > 0 && (r == '_' || r == '$' || unicode.IsLetter(r) || unicode.IsDigit(r)) {
		return errMalformedJSON
	}
	return nil
}

// skip reads a value of any kind.
func (j *jsonText) skip() error {
	switch j.peek() {
	case '{':
		return j.object(func(string) error { return j.skip() })
	case '[':
		return j.array(func(int) error { return j.skip() })
	}
	_, err := j.scalar()
	return err
}

// scalar reads a string, number, boolean or null.
func (j *jsonText) scalar() (string, error) {
	switch c := j.peek(); {
	case c == '"':
		return j.str()
	case c == '-' || c >= '0' && c <= '9':
		return j.number()
	}
	return j.word()
}
