package textshape

import "github.com/auditlake/auditlake/jsontext"

// walker visits the members of a JSON text, or of a shape, that lead to columns. It hardly checks anything else:
// its users compare the result.
type walker struct {
	text    []byte
	pos     int
	problem string
	visitor visitor
	strings jsontext.Scanner // steps over the strings of text
}

// visitor is called where values begin and end.
type visitor interface {
	// value is called at a value that a column may hold, and steps over it.
	value(n *node, frame int) bool
	// element is called before element index of a list: values inside belong to frame+1.
	element(list *node, frame, index int)
	// other is called after a value that no column holds.
	other(start int)
}

// walk visits a whole text, one object.
func (w *walker) walk(m *members) bool {
	w.pos, w.problem = 0, ""
	w.strings.Reset(w.text)
	if w.nextByte() != '{' {
		return w.fail("no object")
	}
	if !w.object(m, 0) {
		return false
	}
	if w.nextByte() != 0 || w.pos < len(w.text) {
		return w.fail("text behind the object")
	}
	return true
}

func (w *walker) fail(problem string) bool {
	if w.problem == "" {
		w.problem = problem
	}
	return false
}

// nextByte skips white space and returns the byte after it, 0 at the end.
func (w *walker) nextByte() byte {
	c, at := jsontext.Skip(w.text, w.pos)
	w.pos = at
	return c
}

// object visits the object at pos.
func (w *walker) object(m *members, frame int) bool {
	w.pos++
	if w.nextByte() == '}' {
		w.pos++
		return true
	}
	for {
		start := w.pos + 1
		if w.nextByte() != '"' || !w.str() {
			return w.fail("no name")
		}
		n := m.find(w.text[start : w.pos-1])
		if w.nextByte() != ':' {
			return w.fail("no colon")
		}
		w.pos++
		w.nextByte()
		if !w.member(n, frame) {
			return false
		}
		more, ok := w.moreMembers('}')
		if !more {
			return ok
		}
		w.nextByte()
	}
}

// member visits the value at pos.
func (w *walker) member(n *node, frame int) bool {
	c := w.nextByte()
	switch {
	case n == nil:
		start := w.pos
		if !w.skip() {
			return false
		}
		w.visitor.other(start)
		return true
	case c == '{' && n.kind == rowKind:
		return w.object(&n.members, frame)
	case c == '[' && n.kind == rowsKind:
		return w.list(n, frame)
	}
	return w.visitor.value(n, frame)
}

func (w *walker) list(n *node, frame int) bool {
	w.pos++
	if w.nextByte() == ']' {
		w.pos++
		return true
	}
	for index := 0; ; index++ {
		w.visitor.element(n, frame, index)
		w.nextByte()
		if !w.member(n.children[0], frame+1) {
			return false
		}
		more, ok := w.moreMembers(']')
		if !more {
			return ok
		}
	}
}

func (w *walker) moreMembers(closing byte) (more, ok bool) {
	switch w.nextByte() {
	case ',':
		w.pos++
		return true, true
	case closing:
		w.pos++
		return false, true
	}
	return false, w.fail("no comma")
}

// str steps over the string at pos.
func (w *walker) str() bool {
	end, _ := w.strings.StringAt(w.pos)
	if end < 0 {
		return w.fail("a string without end")
	}
	w.pos = end
	return true
}

// skip steps over any value.
func (w *walker) skip() bool {
	depth := 0
	for {
		switch c := w.nextByte(); c {
		case 0:
			return w.fail("the text ends early")
		case '"':
			if !w.str() {
				return false
			}
		case '{', '[':
			depth++
			w.pos++
		case '}', ']':
			if depth--; depth < 0 {
				return w.fail("no value")
			}
			w.pos++
		case ',', ':':
			if depth == 0 {
				return w.fail("no value")
			}
			w.pos++
			continue
		default:
			w.word()
		}
		if depth == 0 {
			return true
		}
	}
}

// word steps over a number, a word or a hole.
func (w *walker) word() {
	for w.pos < len(w.text) {
		switch w.text[w.pos] {
		case ',', ':', '}', ']', '{', '[', '"', ' ', '\t', '\n', '\r':
			return
		}
		w.pos++
	}
}
