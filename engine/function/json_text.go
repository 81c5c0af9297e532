package function

import (
	"errors"
	"strings"
	"unicode"
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
