// Package jsontext reads and writes JSON as text.
//
// A Scanner finds the borders of values in source text without building them. It accepts exactly the texts of RFC
// 8259, checks each byte once, and never allocates. A Walker reads the contents of values. AppendQuoted writes
// strings.
package jsontext

// Kind is the type of a JSON value.
type Kind uint8

// Missing is the kind of a value that does not exist.
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
	// Rough means that the value's text differs from its source: a string has escapes, an object or array has white
	// space between its tokens.
	Rough      bool
	Start, End int32
}

// MaxDepth bounds the nesting of values; the outermost value is level 1.
const MaxDepth = 512

// Scanner walks through one text of less than 2 GiB. After a method has returned false, Problem says why and Pos
// where; the scanner must not be used any more.
//
// Methods whose names end in At change Pos only when they fail. They take a position and return the one after what
// they stepped over, or -1 where the others return false.
type Scanner struct {
	Data    []byte
	Pos     int
	Problem Problem
	// Depth is the number of objects and arrays around Pos. Callers that step into values themselves must keep it
	// up to date.
	Depth int

	isObject [MaxDepth/64 + 1]uint64 // by depth: what the container is
	seen     uint64                  // all bytes of strings, ORed
}

// Problem is a fault in a text.
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
	s.Data, s.Pos, s.Problem, s.Depth, s.seen = data, 0, None, 0, 0
}

// ASCII reports whether all strings stepped over are ASCII. False means only that one may not be.
func (s *Scanner) ASCII() bool { return s.seen&highs == 0 }

// Next skips white space and returns the byte after it, 0 at the end of the text.
func (s *Scanner) Next() byte {
	c, i := Skip(s.Data, s.Pos)
	s.Pos = i
	return c
}

// Skip skips white space from i on. It returns the byte after it, 0 at the end of the text, and that byte's
// position.
func Skip(data []byte, i int) (byte, int) {
	for ; i < len(data); i++ {
		if c := data[i]; c > ' ' || !isSpace(c) {
			return c, i
		}
	}
	return 0, i
}

// Expect skips white space and steps over c.
func (s *Scanner) Expect(c byte) bool {
	if got := s.Next(); got != c || s.Pos == len(s.Data) {
		return s.step(s.unexpectedAt(s.Pos))
	}
	s.Pos++
	return true
}

// More steps from one member or element of the innermost container to the next, or out of it, and reports whether
// another follows. ok is false for a broken text.
func (s *Scanner) More(closing byte) (more, ok bool) {
	more, end := s.MoreAt(s.Pos, closing)
	return more, s.step(end)
}

// MoreAt is More from i on.
func (s *Scanner) MoreAt(i int, closing byte) (more bool, end int) {
	c, i := Skip(s.Data, i)
	if c == ',' || c == closing {
		return c == ',', i + 1
	}
	return false, s.unexpectedAt(i)
}

// Key steps over a member's name and the colon after it. The token includes the name's quotes.
func (s *Scanner) Key() (name Token, ok bool) {
	name, end := s.KeyAt(s.Pos)
	return name, s.step(end)
}

// KeyAt is Key from i on.
func (s *Scanner) KeyAt(i int) (name Token, end int) {
	c, i := Skip(s.Data, i)
	if c != '"' {
		return name, s.unexpectedAt(i)
	}
	name.Kind, name.Start = String, int32(i)
	if i, name.Rough = s.StringAt(i); i < 0 {
		return name, -1
	}
	name.End = int32(i)
	if c, i = Skip(s.Data, i); c != ':' {
		return name, s.unexpectedAt(i)
	}
	return name, i + 1
}

// Value steps over any value.
func (s *Scanner) Value() (tok Token, ok bool) {
	tok, end := s.ValueAt(s.Pos)
	return tok, s.step(end)
}

// ValueAt is Value from i on.
func (s *Scanner) ValueAt(i int) (tok Token, end int) {
	c, i := Skip(s.Data, i)
	tok.Start = int32(i)
	switch c {
	case '"':
		tok.Kind = String
		end, tok.Rough = s.StringAt(i)
	case '{':
		tok.Kind = Object
		end, tok.Rough = s.container(i)
	case '[':
		tok.Kind = Array
		end, tok.Rough = s.container(i)
	default:
		tok.Kind, end = s.scalar(i)
	}
	tok.End = int32(end)
	return tok, end
}

// container steps over the object or array at i. It keeps a bit per level for the kind of the container, so deep
// values need no recursion.
func (s *Scanner) container(i int) (end int, spaced bool) {
	data, base := s.Data, s.Depth
	closing, c, from := s.open(i), byte(0), 0
	first := true // in the innermost container
	for i++; closing != 0; {
		from = i
		c, i = Skip(data, i)
		spaced = spaced || i > from
		if c == closing {
			i++
			s.Depth--
			if s.Depth == base {
				return i, spaced
			}
			closing, first = s.closing(), false
			continue
		}
		if !first {
			if c != ',' {
				return s.unexpectedAt(i), spaced
			}
			from = i + 1
			c, i = Skip(data, from)
			spaced = spaced || i > from
		}
		if closing == '}' {
			var name Token
			if name, i = s.KeyAt(i); i < 0 {
				return -1, spaced
			}
			from = i
			c, i = Skip(data, i)
			spaced = spaced || i > from || int(name.End)+1 < from
		}
		switch first = c == '{' || c == '['; {
		case first:
			closing = s.open(i)
			i++
		case c == '"':
			i, _ = s.StringAt(i)
		default:
			_, i = s.scalar(i)
		}
		if i < 0 {
			return -1, spaced
		}
	}
	return -1, spaced
}

// open enters the container at i and returns its closing byte, 0 if it is nested too deep.
func (s *Scanner) open(i int) (closing byte) {
	if !s.Enter() {
		s.Pos = i
		return 0
	}
	word, bit := &s.isObject[s.Depth/64], uint64(1)<<(s.Depth%64)
	if s.Data[i] == '{' {
		*word |= bit
		return '}'
	}
	*word &^= bit
	return ']'
}

// closing returns the closing byte of the innermost container that open entered.
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

// step moves Pos to end.
func (s *Scanner) step(end int) bool {
	if end < 0 {
		return false
	}
	s.Pos = end
	return true
}

// failAt notes a problem and returns -1.
func (s *Scanner) failAt(pos int, p Problem) int {
	s.Pos, s.Problem = pos, p
	return -1
}

// unexpectedAt notes the end of the text or an unexpected byte at pos.
func (s *Scanner) unexpectedAt(pos int) int {
	if pos >= len(s.Data) {
		return s.failAt(pos, UnexpectedEnd)
	}
	return s.failAt(pos, UnexpectedByte)
}

func (s *Scanner) failNumber(pos int) int {
	if pos >= len(s.Data) {
		return s.failAt(pos, UnexpectedEnd)
	}
	return s.failAt(pos, BadNumber)
}

func (s *Scanner) failEscape(pos, length int) int {
	if length < 0 {
		return s.failAt(len(s.Data), UnexpectedEnd)
	}
	return s.failAt(pos, BadEscape)
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t'
}
