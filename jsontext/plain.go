package jsontext

import (
	"encoding/binary"
	"math/bits"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// PlainMembers says which order of members makes an object plain.
type PlainMembers bool

const (
	// AnyOrder accepts members in any order, including repeated ones.
	AnyOrder PlainMembers = false
	// Ascending requires names in ascending order, so none is repeated.
	Ascending PlainMembers = true
)

// maxPlainDepth bounds the nesting of a plain value.
const maxPlainDepth = 64

// TakePlain reads the next value if it is a plain object, array or string, and returns its text. Otherwise it reads
// only white space. Plain is text that SQL's json type writes unchanged: strings of ASCII characters without
// escapes, integers other than -0, words, no white space between tokens, and at most maxPlainDepth levels. A value
// that is not plain may still be JSON.
func (j *Walker) TakePlain(members PlainMembers) (text string, ok bool) {
	switch j.PeekByte() {
	case '{', '[', '"':
	default:
		return "", false
	}
	if j.depth > maxWalkerDepth-maxPlainDepth {
		return "", false
	}
	from, end := j.at, plainScan{j.Text, members}.value(j.at, 0)
	if end < 0 {
		return "", false
	}
	j.at = end
	return j.Text[from:end], true
}

// IsPlain reports whether the whole text is a plain object, array or string, see Walker.TakePlain.
func IsPlain(text string, members PlainMembers) bool {
	if text == "" || text[0] != '{' && text[0] != '[' && text[0] != '"' {
		return false
	}
	return plainScan{text, members}.value(0, 0) == len(text)
}

// EachPlainMember calls each for the members of the object at the start of text, in their order. It returns where
// the object ends, -1 if it is not plain (see Walker.TakePlain); it may have called each for some members even
// then.
func EachPlainMember(text string, members PlainMembers, each func(name, value string)) (end int) {
	if text == "" || text[0] != '{' {
		return -1
	}
	return plainScan{text, members}.object(1, 1, each)
}

// PlainMember returns the text of the value of a member of the object at the start of text: the last one called
// name, "" if there is none. end is where the object ends, -1 if it is not plain.
func PlainMember(text, name string, members PlainMembers) (value string, end int) {
	end = EachPlainMember(text, members, func(n, v string) {
		if n == name {
			value = v
		}
	})
	return value, end
}

// EachPlainElement calls each for the elements of the array at the start of text, in their order. It returns where
// the array ends, -1 if it is not plain (see Walker.TakePlain); it may have called each for some elements even
// then.
func EachPlainElement(text string, members PlainMembers, each func(element string)) (end int) {
	if text == "" || text[0] != '[' {
		return -1
	}
	return plainScan{text, members}.array(1, 1, each)
}

// plainScan steps over plain values. Its methods take the position where a value begins and return the position
// after it, -1 if the value is not plain.
type plainScan struct {
	text    string
	members PlainMembers
}

func (s plainScan) value(i, depth int) (end int) {
	if i >= len(s.text) || depth == maxPlainDepth {
		return -1
	}
	switch c := s.text[i]; {
	case c == '"':
		return plainString(s.text, i)
	case c == '{':
		return s.object(i+1, depth+1, nil)
	case c == '[':
		return s.array(i+1, depth+1, nil)
	case c-'0' <= 9 || c == '-':
		return plainInteger(s.text, i)
	}
	for _, word := range [...]string{"null", "true", "false"} {
		if strings.HasPrefix(s.text[i:], word) {
			return i + len(word)
		}
	}
	return -1
}

// object steps over an object from the byte after its brace on, and passes its members to each unless each is nil.
func (s plainScan) object(i, depth int, each func(name, value string)) (end int) {
	if i < len(s.text) && s.text[i] == '}' {
		return i + 1
	}
	for last := ""; ; i++ {
		if i >= len(s.text) || s.text[i] != '"' {
			return -1
		}
		end := plainString(s.text, i)
		if end < 0 || end >= len(s.text) || s.text[end] != ':' {
			return -1
		}
		if s.members == Ascending {
			name := s.text[i : end-1] // the first name is never less than name's zero value, as it includes a quote
			if name <= last {
				return -1
			}
			last = name
		}
		name, from := s.text[i+1:end-1], end+1
		if i = s.value(from, depth); i < 0 || i >= len(s.text) {
			return -1
		}
		if each != nil {
			each(name, s.text[from:i])
		}
		if s.text[i] != ',' {
			return closed(s.text, i, '}')
		}
	}
}

// array steps over an array from the byte after its bracket on, and passes its elements to each unless each is nil.
func (s plainScan) array(i, depth int, each func(element string)) (end int) {
	if i < len(s.text) && s.text[i] == ']' {
		return i + 1
	}
	for ; ; i++ {
		from := i
		if i = s.value(from, depth); i < 0 || i >= len(s.text) {
			return -1
		}
		if each != nil {
			each(s.text[from:i])
		}
		if s.text[i] != ',' {
			return closed(s.text, i, ']')
		}
	}
}

func closed(text string, i int, closing byte) (end int) {
	if text[i] != closing {
		return -1
	}
	return i + 1
}

// plainString steps over the string whose quote is at i.
func plainString(text string, i int) (end int) {
	data := unsafe.Slice(unsafe.StringData(text), len(text))
	for i++; i+8 <= len(data); i += 8 {
		v := binary.LittleEndian.Uint64(data[i:])
		if marks := notPlain(v); marks != 0 {
			return closed(text, i+bits.TrailingZeros64(marks)/8, '"')
		}
	}
	for ; i < len(data); i++ {
		if c := data[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' {
			return closed(text, i, '"')
		}
	}
	return -1
}

// notPlain marks the high bit of each byte that is special or not ASCII. Marks above the first may be false.
func notPlain(v uint64) uint64 {
	quote, backslash := v^(ones*'"'), v^(ones*'\\')
	return (v | (quote - ones) | (backslash - ones) | (v - ones*' ')) & highs
}

// plainInteger steps over the number at i, unless it is minus zero.
func plainInteger(text string, i int) (end int) {
	if text[i] == '-' {
		if i++; i < len(text) && text[i] == '0' {
			return -1
		}
	}
	end = pastDigits(text, i)
	if end == i || end > i+1 && text[i] == '0' {
		return -1
	}
	if end < len(text) && (text[end] == '.' || text[end]|0x20 == 'e') {
		return -1
	}
	return end
}
