package jsontext

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
	"unsafe"
)

// maxWalkerDepth bounds the nesting of JSON text; deeper text counts as malformed.
const maxWalkerDepth = 1000

// ErrMalformed is the error for text that is not JSON or is nested too deep.
var ErrMalformed = errors.New("malformed JSON")

// Walker reads the contents of values from JSON text, from left to right. (A Scanner finds only where values are.)
// Its methods stop after what they read, and fail with ErrMalformed on text that is not JSON by RFC 8259. The zero
// position is the beginning of Text.
type Walker struct {
	Text  string
	at    int
	depth int
}

// scanner returns a Scanner of the text, at its beginning.
func (j *Walker) scanner() Scanner {
	return Scanner{Data: unsafe.Slice(unsafe.StringData(j.Text), len(j.Text))}
}

// PeekByte skips white space and returns the next byte, 0 at the end.
func (j *Walker) PeekByte() byte {
	if j.at < len(j.Text) && j.Text[j.at] > ' ' {
		return j.Text[j.at]
	}
	return j.pastSpace()
}

func (j *Walker) pastSpace() byte {
	for ; j.at < len(j.Text); j.at++ {
		if c := j.Text[j.at]; !isSpace(c) {
			return c
		}
	}
	return 0
}

// AtEnd reports whether only white space is left.
func (j *Walker) AtEnd() bool { return j.PeekByte() == 0 && j.at == len(j.Text) }

// Rest returns the text that has not been read.
func (j *Walker) Rest() string { return j.Text[j.at:] }

// TakeText reads text if it comes next, byte for byte.
func (j *Walker) TakeText(text string) bool {
	if !strings.HasPrefix(j.Rest(), text) {
		return false
	}
	j.at += len(text)
	return true
}

// takeByte reads c if it is the next byte.
func (j *Walker) takeByte(c byte) bool {
	if j.PeekByte() != c {
		return false
	}
	j.at++
	return true
}

func (j *Walker) enter() error {
	if j.depth++; j.depth > maxWalkerDepth {
		return ErrMalformed
	}
	j.at++
	return nil
}

func (j *Walker) leave() error {
	j.depth--
	return nil
}

// EachMember calls each for every member of an object. each must read or skip the member's value; an error from it
// ends the walk.
func (j *Walker) EachMember(each func(key string) error) error {
	if err := j.enter(); err != nil {
		return err
	}
	if j.takeByte('}') {
		return j.leave()
	}
	for {
		if j.PeekByte() != '"' {
			return ErrMalformed
		}
		key, err := j.ReadString()
		if err != nil {
			return err
		}
		if !j.takeByte(':') {
			return ErrMalformed
		}
		if err := each(key); err != nil {
			return err
		}
		if more, err := j.more('}'); !more {
			return err
		}
	}
}

// EachElement calls each for every element of an array. each must read or skip it; an error from it ends the walk.
func (j *Walker) EachElement(each func(index int) error) error {
	if err := j.enter(); err != nil {
		return err
	}
	if j.takeByte(']') {
		return j.leave()
	}
	for i := 0; ; i++ {
		if err := each(i); err != nil {
			return err
		}
		if more, err := j.more(']'); !more {
			return err
		}
	}
}

// more steps over the comma before another member or element, or leaves the object or array.
func (j *Walker) more(closing byte) (bool, error) {
	switch j.PeekByte() {
	case ',':
		j.at++
		return true, nil
	case closing:
		j.at++
		return false, j.leave()
	}
	return false, ErrMalformed
}

// ReadNumber reads a number and returns its text.
func (j *Walker) ReadNumber() (string, error) {
	text, i := j.Text, j.at
	if i < len(text) && text[i] == '-' {
		i++
	}
	end := pastDigits(text, i)
	if end == i {
		return "", ErrMalformed
	}
	if text[i] == '0' && end > i+1 {
		return "", ErrMalformed
	}
	if end < len(text) && text[end] == '.' {
		from := end + 1
		if end = pastDigits(text, from); end == from {
			return "", ErrMalformed
		}
	}
	if end < len(text) && text[end]|0x20 == 'e' {
		from := end + 1
		if from < len(text) && (text[from] == '+' || text[from] == '-') {
			from++
		}
		if end = pastDigits(text, from); end == from {
			return "", ErrMalformed
		}
	}
	// Inside an array or object, the next token reports a number that ends wrongly.
	if j.depth == 0 && end < len(text) && !isSpace(text[end]) {
		return "", ErrMalformed
	}
	number := text[j.at:end]
	j.at = end
	return number, nil
}

// HasFraction reports whether a number has a point or an exponent.
func HasFraction(number string) bool {
	for i := range len(number) {
		if c := number[i]; c == '.' || c|0x20 == 'e' {
			return true
		}
	}
	return false
}

// ReadWord reads true, false or null.
func (j *Walker) ReadWord() (string, error) {
	for _, w := range []string{"true", "false", "null"} {
		if end := j.at + len(w); end <= len(j.Text) && j.Text[j.at:end] == w {
			j.at = end
			return w, j.wordEnd()
		}
	}
	return "", ErrMalformed
}

// wordEnd fails if a letter, digit or similar follows a word.
func (j *Walker) wordEnd() error {
	r, size := utf8.DecodeRuneInString(j.Text[j.at:])
	if size > 0 && (r == '_' || r == '$' || unicode.IsLetter(r) || unicode.IsDigit(r)) {
		return ErrMalformed
	}
	return nil
}

// SkipValue reads a value of any kind.
func (j *Walker) SkipValue() error {
	c := j.PeekByte()
	if c != '"' && c != '{' && c != '[' {
		_, err := j.ReadScalar()
		return err
	}
	if _, ok := j.TakePlain(AnyOrder); ok {
		return nil
	}
	if s := j.scanner(); j.depth <= maxWalkerDepth-MaxDepth {
		if _, end := s.ValueAt(j.at); end >= 0 {
			j.at = end
			return nil
		}
		if s.Problem != TooDeep {
			return ErrMalformed
		}
	}
	switch c {
	case '{':
		return j.EachMember(func(string) error { return j.SkipValue() })
	case '[':
		return j.EachElement(func(int) error { return j.SkipValue() })
	}
	_, err := j.ReadString()
	return err
}

// ReadScalar reads a string, number, boolean or null.
func (j *Walker) ReadScalar() (string, error) {
	switch c := j.PeekByte(); {
	case c == '"':
		return j.ReadString()
	case c == '-' || c >= '0' && c <= '9':
		return j.ReadNumber()
	}
	return j.ReadWord()
}
