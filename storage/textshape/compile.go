package textshape

import "bytes"

// compiler makes a program of a shape.
type compiler struct {
	walker walker
	steps  []step
	copied int
	lists  [maxFrames]listPlace // by frame; 0 is unused
}

// listPlace is the list element that a frame stands for.
type listPlace struct {
	list    *node
	index   int
	isKnown bool // a step for it was added
}

// Compile makes a program of a shape. The error is a *SyntaxError.
func (l *Layout) Compile(shape []byte) (*Program, error) {
	if len(shape) > maxShapeBytes {
		return nil, &SyntaxError{Offset: maxShapeBytes, Problem: "more bytes than a shape may have"}
	}
	c := &compiler{}
	c.walker = walker{text: bytes.Clone(shape), visitor: c}
	if !c.walker.walk(&l.members) {
		return nil, &SyntaxError{Offset: c.walker.pos, Problem: c.walker.problem}
	}
	c.step(step{offset: len(shape)}, len(shape), len(shape))
	return &Program{shape: string(shape), steps: c.steps}, nil
}

// step adds a step after the shape's text up to start; the text continues at end.
func (c *compiler) step(s step, start, end int) {
	s.literal = c.walker.text[c.copied:start]
	c.steps = append(c.steps, s)
	c.copied = end
}

// element implements visitor.
func (c *compiler) element(list *node, frame, index int) {
	c.lists[frame+1] = listPlace{list: list, index: index}
}

// other implements visitor.
func (c *compiler) other(int) {}

// value implements visitor.
func (c *compiler) value(n *node, frame int) bool {
	w := &c.walker
	start := w.pos
	if w.pos == len(w.text) || w.text[w.pos] != '$' {
		return w.skip()
	}
	w.word()
	codes := w.text[start+1 : w.pos]
	s := step{node: n, frame: frame, offset: start, codes: codes}
	switch n.kind {
	case textKind:
		s.op = opText
	case flagKind:
		s.op = opFlag
	case momentKind:
		s.op = opMoment
	case mapKind:
		s.op = opMap
	}
	allowed := allowedCodes[s.op]
	for _, code := range codes {
		if bytes.IndexByte([]byte(allowed), code) < 0 {
			return w.fail("an unknown code")
		}
	}
	if s.op == opNone || s.op != opMap && len(codes) > 1 {
		return w.fail("a hole that no column fills")
	}
	if s.op != opMap && len(codes) == 0 {
		s.codes = []byte{asText}
	}
	c.enter(frame, start)
	c.step(s, start, w.pos)
	return true
}

// allowedCodes are the codes of each kind of hole.
var allowedCodes = [...]string{opText: "rghsuU", opFlag: "q", opMoment: "m", opMap: ".rtghsuU"}

// enter adds the steps that lead to the elements for which a frame stands.
func (c *compiler) enter(frame, start int) {
	for i := 1; i <= frame; i++ {
		if p := &c.lists[i]; !p.isKnown {
			p.isKnown = true
			c.step(step{op: opElement, node: p.list, frame: i - 1, index: p.index, offset: start}, start, start)
		}
	}
}
