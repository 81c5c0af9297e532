// Package jsontext finds the borders of JSON values in source text without
// building them. It accepts exactly the texts of RFC 8259, checks each byte
// once, and never allocates.
package jsontext

// Kind is the type of a JSON value.
type Kind uint8

// Missing is the kind of no value at all.
const (
	Missing Kind = iota
	Null
	True
	False
	Number
	String
	Object
	Array
)

// Token is one value of a text.
type Token struct {
	Kind Kind
	// Escaped says that a string holds escapes.
	Escaped bool
	// Spaced says that an object or array has white space between its tokens.
	Spaced     bool
	Start, End int32
}

// MaxDepth is how deep values may nest; the outermost one is level 1.
const MaxDepth = 512

// Scanner walks through one text of less than 2 GiB. After a method has returned false, Problem
// says why and Pos where; the scanner is then of no further use.
type Scanner struct {
	Data    []byte
	Pos     int
	Problem Problem
	// Depth is the number of objects and arrays around Pos; callers that step
	// into values themselves keep it up to date.
	Depth int

	isObject [MaxDepth/64 + 1]uint64 // by depth: what the container is
	spaced   bool
}

// Problem is what is wrong with a text.
type Problem uint8

// The problems of a text.
const (
	None Problem = iota
	UnexpectedEnd
	UnexpectedByte
	ControlCharacter
	BadEscape
	BadNumber
	TooDeep
)

func (p Problem) String() string {
	switch p {
	case UnexpectedEnd:
		return "the text ends early"
	case UnexpectedByte:
		return "unexpected character"
	case ControlCharacter:
		return "unescaped control character in a string"
	case BadEscape:
		return "invalid escape in a string"
	case BadNumber:
		return "invalid number"
	case TooDeep:
		return "values nest too deep"
	}
	return "no problem"
}

// Reset puts the scanner at the start of a text.
func (s *Scanner) Reset(data []byte) {
	s.Data, s.Pos, s.Problem, s.Depth = data, 0, None, 0
}

// Next skips white space and tells the byte after it, 0 at the end of the text.
func (s *Scanner) Next() byte {
	for s.Pos < len(s.Data) {
		c := s.Data[s.Pos]
		if c > ' ' || !isSpace(c) {
			return c
		}
		s.Pos++
	}
	return 0
}

// Expect skips white space and steps over c.
func (s *Scanner) Expect(c byte) bool {
	if got := s.Next(); got != c || s.Pos == len(s.Data) {
		return s.unexpected()
	}
	s.Pos++
	return true
}

// More steps from one member or element of the innermost container to the next,
// or out of it: it reports whether another follows. ok is false for a broken text.
func (s *Scanner) More(closing byte) (more, ok bool) {
	switch s.Next() {
	case ',':
		s.Pos++
		return true, true
	case closing:
		s.Pos++
		return false, true
	}
	return false, s.unexpected()
}

// Key steps over a member's name and the colon behind it. The token has the name's quotes.
func (s *Scanner) Key() (name Token, ok bool) {
	if s.Next() != '"' {
		return name, s.unexpected()
	}
	name.Kind, name.Start = String, int32(s.Pos)
	if name.Escaped, ok = s.str(); !ok {
		return name, false
	}
	name.End = int32(s.Pos)
	if s.Pos < len(s.Data) && s.Data[s.Pos] == ':' {
		s.Pos++
		return name, true
	}
	return name, s.Expect(':')
}

// Value steps over any value.
func (s *Scanner) Value() (tok Token, ok bool) {
	c := s.Next()
	tok.Start = int32(s.Pos)
	switch {
	case c == '"':
		tok.Kind = String
		tok.Escaped, ok = s.str()
	case c == '{':
		tok.Kind = Object
		ok = s.container()
		tok.Spaced = s.spaced
	case c == '[':
		tok.Kind = Array
		ok = s.container()
		tok.Spaced = s.spaced
	default:
		tok.Kind, ok = s.scalar(c)
	}
	tok.End = int32(s.Pos)
	return tok, ok
}

// container steps over the object or array at Pos. A bit per level says what
// surrounds it, so that deep values cost no recursion.
func (s *Scanner) container() bool {
	base, spaces := s.Depth, 0
	closing, ok := s.open()
	first := true // in the innermost container
	for ok {
		c := s.count(&spaces)
		if c == closing {
			s.Pos++
			s.Depth--
			if s.Depth == base {
				s.spaced = spaces > 0
				return true
			}
			closing, first = s.closing(), false
			continue
		}
		if !first {
			if c != ',' {
				return s.unexpected()
			}
			s.Pos++
			c = s.count(&spaces)
		}
		if closing == '}' {
			if !s.name(c, &spaces) {
				return false
			}
			c = s.count(&spaces)
		}
		first = c == '{' || c == '['
		switch {
		case first:
			closing, ok = s.open()
		case c == '"':
			_, ok = s.str()
		default:
			_, ok = s.scalar(c)
		}
	}
	return false
}

// count is Next, adding up the white space.
func (s *Scanner) count(spaces *int) byte {
	from := s.Pos
	c := s.Next()
	*spaces += s.Pos - from
	return c
}

// name steps over a member's name, which c begins, and its colon.
func (s *Scanner) name(c byte, spaces *int) bool {
	if c != '"' {
		return s.unexpected()
	}
	if _, ok := s.str(); !ok {
		return false
	}
	if s.count(spaces) != ':' {
		return s.unexpected()
	}
	s.Pos++
	return true
}

// open enters the container at Pos and tells its closing byte.
func (s *Scanner) open() (closing byte, ok bool) {
	if !s.Enter() {
		return 0, false
	}
	word, bit := &s.isObject[s.Depth/64], uint64(1)<<(s.Depth%64)
	closing = ']'
	*word &^= bit
	if s.Data[s.Pos] == '{' {
		closing = '}'
		*word |= bit
	}
	s.Pos++
	return closing, true
}

// closing is the closing byte of the innermost container that open entered.
func (s *Scanner) closing() byte {
	if s.isObject[s.Depth/64]>>(s.Depth%64)&1 == 1 {
		return '}'
	}
	return ']'
}

// Enter counts one more level of nesting, or fails with TooDeep.
func (s *Scanner) Enter() bool {
	if s.Depth >= MaxDepth {
		s.Problem = TooDeep
		return false
	}
	s.Depth++
	return true
}

func (s *Scanner) fail(pos int, p Problem) bool {
	s.Pos, s.Problem = pos, p
	return false
}

// unexpected fails at Pos: with the end of the text or with the byte there.
func (s *Scanner) unexpected() bool {
	if s.Pos >= len(s.Data) {
		return s.fail(s.Pos, UnexpectedEnd)
	}
	return s.fail(s.Pos, UnexpectedByte)
}

func (s *Scanner) failNumber(pos int) bool {
	if pos >= len(s.Data) {
		return s.fail(pos, UnexpectedEnd)
	}
	return s.fail(pos, BadNumber)
}

func (s *Scanner) failEscape(pos, length int) bool {
	if length < 0 {
		return s.fail(len(s.Data), UnexpectedEnd)
	}
	return s.fail(pos, BadEscape)
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t'
}
