package textshape

import (
	"bytes"
	"unicode/utf8"
)

const (
	// maxLiteralShare bounds the part of a text whose values its columns do not reproduce; above it, the text
	// itself is stored instead.
	maxLiteralShare = 0.25
	// maxShapeBytes keeps the texts of some thousand rows small with any shapes; usual shapes have half a kilobyte.
	maxShapeBytes = 32 << 10
)

// extractor finds the shapes of texts. It must be used by one goroutine.
type extractor struct {
	layout *Layout
	walker walker
	rows   *Rows
	frames [maxFrames]int // the row, then the indexes of list elements in it; -1: none

	found   []byte
	copied  int // of the text into shape
	literal int // bytes of values not in columns
	codes   []byte
	scratch []byte
}

func newExtractor(layout *Layout) *extractor {
	x := &extractor{layout: layout}
	x.walker.visitor = x
	return x
}

// shape returns the shape of a text whose values are in a row, valid until the next call. ok is false if the text
// should be stored itself. Only rebuilding shows whether the shape reproduces exactly the text.
func (x *extractor) shape(text []byte, rows *Rows, row int) (_ []byte, ok bool) {
	x.rows, x.frames[0] = rows, row
	x.found, x.copied, x.literal = x.found[:0], 0, 0
	x.walker.text = text
	if !x.walker.walk(&x.layout.members) || float64(x.literal) > maxLiteralShare*float64(len(text)) {
		return nil, false
	}
	x.found = append(x.found, text[x.copied:]...)
	return x.found, len(x.found) <= maxShapeBytes && utf8.Valid(x.found)
}

// element implements visitor.
func (x *extractor) element(list *node, frame, index int) {
	x.frames[frame+1] = -1
	v, row := &x.rows.values[list.at], x.frames[frame]
	if row < 0 || v.isNull(row) {
		return
	}
	if from, to := v.entries(row); from+index < to {
		x.frames[frame+1] = from + index
	}
}

// other implements visitor.
func (x *extractor) other(start int) { x.literal += x.walker.pos - start }

// value implements visitor: it makes a hole of a value that is in its column.
func (x *extractor) value(n *node, frame int) bool {
	start := x.walker.pos
	v, row := &x.rows.values[n.at], x.frames[frame]
	isHole := row >= 0 && !v.isNull(row)
	x.codes = x.codes[:0]
	if isHole && n.kind == mapKind && x.walker.text[start] == '{' {
		isHole = x.entries(v, row)
		if !isHole {
			x.walker.pos = start
		}
	} else if isHole {
		if !x.walker.skip() {
			return false
		}
		isHole = x.scalar(n, v, row, x.walker.text[start:x.walker.pos])
	}
	if !isHole {
		x.walker.pos = start
		if !x.walker.skip() {
			return false
		}
		x.other(start)
		return true
	}
	x.found = append(x.found, x.walker.text[x.copied:start]...)
	x.found = append(append(x.found, '$'), x.codes...)
	x.copied = x.walker.pos
	return true
}

// scalar finds the code with which a column's value reproduces a source text.
func (x *extractor) scalar(n *node, v *values, row int, source []byte) bool {
	switch n.kind {
	case textKind:
		text, _ := v.texts.at(row)
		code, ok := x.text(text, source)
		if code != asText {
			x.codes = append(x.codes, code)
		}
		return ok
	case flagKind:
		return x.anyOf(source, asText, asQuoted, func(dst []byte, code byte) []byte {
			return appendFlag(dst, v.flags.Value(row), code)
		})
	case momentKind:
		return x.anyOf(source, asText, asMillis, func(dst []byte, code byte) []byte {
			return appendMoment(dst, v.moments[row], code)
		})
	}
	return false
}

// anyOf tries two codes: one that the shape omits, and one that it must state.
func (x *extractor) anyOf(source []byte, unsaid, said byte, write func(dst []byte, code byte) []byte) bool {
	if x.scratch = write(x.scratch[:0], unsaid); bytes.Equal(x.scratch, source) {
		return true
	}
	x.codes = append(x.codes, said)
	x.scratch = write(x.scratch[:0], said)
	return bytes.Equal(x.scratch, source)
}

// text finds the code with which a text reproduces its source.
func (x *extractor) text(text, source []byte) (code byte, ok bool) {
	if source[0] != '"' {
		return asSource, bytes.Equal(text, source)
	}
	inside := source[1 : len(source)-1]
	if bytes.IndexByte(inside, '\\') < 0 {
		return asText, bytes.Equal(text, inside)
	}
	for _, code := range escapings {
		if x.scratch = appendString(x.scratch[:0], text, code); bytes.Equal(x.scratch, source) {
			return code, true
		}
	}
	return asText, false
}

// entries steps over an object and finds the codes with which a map's entries reproduce it.
func (x *extractor) entries(v *values, row int) bool {
	w := &x.walker
	from, to := v.entries(row)
	w.pos++
	end := 0 // of the codes that are needed
	for i := from; i < to; i++ {
		if i > from {
			if w.nextByte() != ',' {
				return false
			}
			w.pos++
		}
		code, ok := x.entry(v, i)
		if !ok {
			return false
		}
		if x.codes = append(x.codes, code); code != asGuessed {
			end = len(x.codes)
		}
	}
	x.codes = x.codes[:end]
	if w.pos == len(w.text) || w.text[w.pos] != '}' {
		return false
	}
	w.pos++
	return true
}

// entry steps over one entry of a map.
func (x *extractor) entry(v *values, i int) (code byte, ok bool) {
	w := &x.walker
	key, isKey := v.texts.at(i)
	start := w.pos
	if !isKey || w.nextByte() != '"' || !w.str() {
		return 0, false
	}
	if code, ok = x.text(key, w.text[start:w.pos]); !ok || code != asText {
		return 0, false
	}
	if w.pos == len(w.text) || w.text[w.pos] != ':' {
		return 0, false
	}
	w.pos++
	start = w.pos
	if !w.skip() {
		return 0, false
	}
	source := w.text[start:w.pos]
	text, isText := v.items.at(i)
	if !isText {
		return asGuessed, string(source) == "null"
	}
	code, ok = x.text(text, source)
	if code == guess(text) {
		code = asGuessed
	}
	return code, ok
}
