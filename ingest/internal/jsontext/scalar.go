package jsontext

import (
	"encoding/binary"
	"math/bits"
)

// str steps over the string at Pos, eight bytes at a time while nothing in
// them needs a look.
func (s *Scanner) str() (escaped, ok bool) {
	data, i := s.Data, s.Pos+1
	for {
		for i+8 <= len(data) {
			if m := special(binary.LittleEndian.Uint64(data[i:])); m != 0 {
				i += bits.TrailingZeros64(m) / 8
				break
			}
			i += 8
		}
		if i >= len(data) {
			return escaped, s.fail(i, UnexpectedEnd)
		}
		switch c := data[i]; {
		case c == '"':
			s.Pos = i + 1
			return escaped, true
		case c == '\\':
			escaped = true
			n := escapeLength(data[i:])
			if n <= 0 {
				return escaped, s.failEscape(i, n)
			}
			i += n
		case c < ' ':
			return escaped, s.fail(i, ControlCharacter)
		default:
			i++
		}
	}
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// special marks the high bit of bytes that end or interrupt a string: the
// quote, the backslash and control characters. Marks above the first may be false.
func special(v uint64) uint64 {
	quote, backslash := v^(ones*'"'), v^(ones*'\\')
	return ((quote-ones)&^quote | (backslash-ones)&^backslash | (v-ones*' ')&^v) & highs
}

// escapeLength is the length of the escape at the start of b: 0 if it is
// invalid, -1 if b ends within it.
func escapeLength(b []byte) int {
	if len(b) < 2 {
		return -1
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		for i := 2; i < 6; i++ {
			if i == len(b) {
				return -1
			}
			if hexValue(b[i]) < 0 {
				return 0
			}
		}
		return 6
	}
	return 0
}

// scalar steps over a number or a word, which c begins.
func (s *Scanner) scalar(c byte) (Kind, bool) {
	switch {
	case c == '-' || c >= '0' && c <= '9':
		return Number, s.number()
	case c == 't':
		return True, s.word("true")
	case c == 'f':
		return False, s.word("false")
	case c == 'n':
		return Null, s.word("null")
	}
	return Missing, s.unexpected()
}

func (s *Scanner) word(w string) bool {
	rest := s.Data[s.Pos:]
	if len(rest) >= len(w) && string(rest[:len(w)]) == w {
		s.Pos += len(w)
		return true
	}
	for i := range w {
		if i == len(rest) || rest[i] != w[i] {
			s.Pos += i
			break
		}
	}
	return s.unexpected()
}

func (s *Scanner) number() bool {
	data, i := s.Data, s.Pos
	if data[i] == '-' {
		i++
	}
	from := i
	i = digits(data, i)
	if i == from || i > from+1 && data[from] == '0' {
		return s.failNumber(i)
	}
	if i < len(data) && data[i] == '.' {
		from = i + 1
		if i = digits(data, from); i == from {
			return s.failNumber(i)
		}
	}
	if i < len(data) && data[i]|0x20 == 'e' {
		i++
		if i < len(data) && (data[i] == '+' || data[i] == '-') {
			i++
		}
		from = i
		if i = digits(data, from); i == from {
			return s.failNumber(i)
		}
	}
	s.Pos = i
	return true
}

func digits(data []byte, i int) int {
	for i < len(data) && data[i]-'0' <= 9 {
		i++
	}
	return i
}
