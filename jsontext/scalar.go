package jsontext

import (
	"encoding/binary"
	"math/bits"
)

// StringAt steps over the string whose quote is at i. It returns the position after it, -1 for a broken string, and
// whether the string has escapes. It checks eight bytes at once while none of them is special.
func (s *Scanner) StringAt(i int) (end int, escaped bool) {
	data := s.Data
	seen := uint64(0)
	i++
	for {
		for i+8 <= len(data) {
			v := binary.LittleEndian.Uint64(data[i:])
			seen |= v
			if m := special(v); m != 0 {
				i += bits.TrailingZeros64(m) / 8
				break
			}
			i += 8
		}
		if i >= len(data) {
			return s.failAt(i, UnexpectedEnd), escaped
		}
		switch c := data[i]; {
		case c == '"':
			s.seen |= seen
			return i + 1, escaped
		case c == '\\':
			escaped = true
			n := escapeLength(data[i:])
			if n <= 0 {
				return s.failEscape(i, n), escaped
			}
			i += n
		case c < ' ':
			return s.failAt(i, ControlCharacter), escaped
		default:
			seen |= uint64(c)
			i++
		}
	}
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// special marks the high bit of each byte that ends or interrupts a string: the quote, the backslash and control
// characters. Marks above the first may be false.
func special(v uint64) uint64 {
	quote, backslash := v^(ones*'"'), v^(ones*'\\')
	return ((quote-ones)&^quote | (backslash-ones)&^backslash | (v-ones*' ')&^v) & highs
}

// escapeLength returns the length of the escape at the start of b: 0 if it is invalid, -1 if b ends within it.
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

// scalar steps over the number or word at i.
func (s *Scanner) scalar(i int) (kind Kind, end int) {
	c := byte(0)
	if i < len(s.Data) {
		c = s.Data[i]
	}
	switch {
	case c == '-' || c >= '0' && c <= '9':
		return Number, s.number(i)
	case c == 't':
		return True, s.word(i, "true")
	case c == 'f':
		return False, s.word(i, "false")
	case c == 'n':
		return Null, s.word(i, "null")
	}
	return Missing, s.unexpectedAt(i)
}

func (s *Scanner) word(i int, w string) (end int) {
	rest := s.Data[i:]
	if len(rest) >= len(w) && string(rest[:len(w)]) == w {
		return i + len(w)
	}
	for j := range w {
		if j == len(rest) || rest[j] != w[j] {
			i += j
			break
		}
	}
	return s.unexpectedAt(i)
}

func (s *Scanner) number(i int) (end int) {
	data := s.Data
	if data[i] == '-' {
		i++
	}
	from := i
	i = pastDigits(data, i)
	if i == from || i > from+1 && data[from] == '0' {
		return s.failNumber(i)
	}
	if i < len(data) && data[i] == '.' {
		from = i + 1
		if i = pastDigits(data, from); i == from {
			return s.failNumber(i)
		}
	}
	if i < len(data) && data[i]|0x20 == 'e' {
		i++
		if i < len(data) && (data[i] == '+' || data[i] == '-') {
			i++
		}
		from = i
		if i = pastDigits(data, from); i == from {
			return s.failNumber(i)
		}
	}
	return i
}

func pastDigits[T []byte | string](text T, i int) (end int) {
	for i < len(text) && text[i]-'0' <= 9 {
		i++
	}
	return i
}
