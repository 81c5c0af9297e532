package textshape

import (
	"bytes"
	"strconv"
)

// Program rebuilds the texts of a shape. It is immutable.
type Program struct {
	shape string
	steps []step
}

// Shape is the shape from which the program was made.
func (p *Program) Shape() string { return p.shape }

// step appends a literal and then a value.
type step struct {
	literal []byte
	op      op
	node    *node
	codes   []byte
	frame   int // index of the row in the values
	index   int // of opElement
	offset  int // of the hole in the shape
}

type op uint8

const (
	opNone op = iota // the text ends
	opText
	opFlag
	opMoment
	opMap
	opElement // frame+1 is element index of the list
)

// maxFrames bounds how deep lists nest in a layout.
const maxFrames = 8

// Append appends the text of a row. The error is a *MismatchError.
func (p *Program) Append(dst []byte, rows *Rows, row int) ([]byte, error) {
	dst, ok := p.runProgram(dst, rows, row, nil, false)
	if ok < 0 {
		return dst, nil
	}
	return dst, &MismatchError{Offset: ok}
}

// gives reports whether the program reproduces exactly a text. It rebuilds the text in scratch, and returns
// scratch.
func (p *Program) gives(text, scratch []byte, rows *Rows, row int) (bool, []byte) {
	scratch, failed := p.runProgram(scratch[:0], rows, row, text, true)
	return failed < 0 && bytes.Equal(scratch, text), scratch
}

// runProgram appends the text of a row. With compare it stops at the first step that differs from want. failed is
// the offset of the step that failed, -1 if none did.
func (p *Program) runProgram(dst []byte, rows *Rows, row int, want []byte, compare bool) (_ []byte, failed int) {
	var frames [maxFrames]int
	frames[0] = row
	for i := range p.steps {
		s := &p.steps[i]
		before := len(dst)
		dst = append(dst, s.literal...)
		ok := s.op == opNone
		if !ok {
			dst, ok = s.append(dst, rows, &frames)
		}
		if !ok {
			return dst, s.offset
		}
		if compare && (len(dst) > len(want) || !bytes.Equal(dst[before:], want[before:len(dst)])) {
			return dst, s.offset
		}
	}
	return dst, -1
}

func (s *step) append(dst []byte, rows *Rows, frames *[maxFrames]int) (_ []byte, ok bool) {
	v := &rows.values[s.node.at]
	row := frames[s.frame]
	if v.isNull(row) {
		return dst, false
	}
	switch s.op {
	case opText:
		return v.texts.appendText(dst, v.texts.value(row), s.codes[0]), true
	case opFlag:
		return appendFlag(dst, v.flags.Value(row), s.codes[0]), true
	case opMoment:
		return appendMoment(dst, v.moments[row], s.codes[0]), true
	case opMap:
		return v.appendMap(dst, row, s.codes)
	}
	from, to := v.entries(row)
	frames[s.frame+1] = from + s.index
	return dst, from+s.index < to
}

func appendFlag(dst []byte, flag bool, code byte) []byte {
	if code != asQuoted {
		return strconv.AppendBool(dst, flag)
	}
	return append(strconv.AppendBool(append(dst, '"'), flag), '"')
}

func (v *values) appendMap(dst []byte, row int, codes []byte) (_ []byte, ok bool) {
	from, to := v.entries(row)
	if len(codes) > to-from {
		return dst, false
	}
	dst = append(dst, '{')
	for i := from; i < to; i++ {
		if i > from {
			dst = append(dst, ',')
		}
		key, isKey := v.texts.at(i)
		if !isKey {
			return dst, false
		}
		dst = append(v.texts.appendText(dst, key, asText), ':')
		code := byte(asGuessed)
		if i-from < len(codes) {
			code = codes[i-from]
		}
		text, isText := v.items.at(i)
		switch {
		case isText && code == asGuessed:
			dst = v.items.appendText(dst, text, guess(text))
		case isText:
			dst = v.items.appendText(dst, text, code)
		case code == asGuessed:
			dst = append(dst, "null"...)
		default:
			return dst, false
		}
	}
	return append(dst, '}'), true
}
