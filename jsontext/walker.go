package jsontext

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
	"unsafe"
)

// maxWalkerDepth is how deep JSON text may nest; deeper text is malformed to us.
const maxWalkerDepth = 1000

// ErrMalformed is the error of text that is no JSON, or nests too deep.
var ErrMalformed = errors.New("malformed JSON")

// Walker reads values out of JSON text from left to right, for who needs their contents; a Scanner finds where
// they are. Its methods stand after what they read, and fail with ErrMalformed on text that is not JSON as RFC
// 8259 has it. It begins at the beginning of Text.
type Walker struct {
	Text  string
	at    int
	depth int
}

// scanner is a Scanner of the text, at no position.
func (j *Walker) scanner() Scanner {
	return Scanner{Data: unsafe.Slice(unsafe.StringData(j.Text), len(j.Text))}
}

// PeekByte is the next byte after white space, 0 at the end.
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

// AtEnd reports whether nothing but white space is left.
func (j *Walker) AtEnd() bool { return j.PeekByte() == 0 && j.at == len(j.Text) }

// Rest is what has not been read.
func (j *Walker) Rest() string { return j.Text[j.at:] }

// TakeText reads a text if it is next, white space and all.
func (j *Walker) TakeText(text string) bool {
	if !strings.HasPrefix(j.Rest(), text) {
		return false
	}
	j.at += len(text)
	return true
}

// takeByte reads c if it is next.
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

// EachMember calls each for every member of an object; each must read or skip the member's value. Its error ends the
// walk.
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

// EachElement calls each for every element of an array; each must read or skip it. Its error ends the walk.
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
	// Only a number that stands alone has to end visibly.
	if j.depth == 0 && end < len(text) && !isSpace(text[end]) {
		return "", ErrMalformed
	}
	number := text[j.at:end]
	j.at = end
	return number, nil
}

// HasFraction reports whether a number is written with a point or an exponent.
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

// wordEnd fails if a letter, digit or the like follows a word.
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
