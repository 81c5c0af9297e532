package javaregexp

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// taker is an instruction that takes a byte, asks for the end of the text or is the end of the pattern, and the places of groups on the way there.
type taker struct {
	pc     uint32
	places placeSet
}

// startsMaker numbers the states of a table.
type startsMaker struct {
	program *syntax.Prog
	numbers map[string]uint8
	states  [][]taker // what may take the next byte, by state
}

// newStarts makes the table of a program; nil if it has other assertions than the ends of the text, matches the empty text, or needs more than
// maxStates.
func newStarts(program *syntax.Prog) *starts {
	s := &starts{isAnchored: program.StartCond()&syntax.EmptyBeginText != 0, longest: noLongest}
	for _, i := range program.Inst {
		if i.Op != syntax.InstEmptyWidth {
			continue
		}
		switch op := syntax.EmptyOp(i.Arg); {
		case op == syntax.EmptyEndText:
			s.asksForEnd = true
		case op != syntax.EmptyBeginText:
			return nil
		}
	}
	s.groups = groupTable{known: program.NumCap <= maxPlaces, sets: []placeSet{0}}
	m := &startsMaker{program: program, numbers: map[string]uint8{}}
	first := m.takers([]taker{{pc: uint32(program.Start)}}, syntax.EmptyBeginText)
	if _, matches := m.end(first); matches {
		return nil
	}
	m.number(first)
	if !s.isAnchored {
		later := m.takers([]taker{{pc: uint32(program.Start)}}, 0)
		if _, matches := m.end(later); matches {
			return nil
		}
		s.later, _ = m.number(later)
	}
	for at := 0; at < len(m.states); at++ {
		if !m.fill(s, at) {
			return nil
		}
	}
	return s
}

// fill sets what belongs to a state; ok is false if the pattern needs too many states, or matches the empty text.
func (m *startsMaker) fill(s *starts, at int) (ok bool) {
	holds := syntax.EmptyEndText
	if at == 0 {
		holds |= syntax.EmptyBeginText
	}
	if s.atEnd[at].places, s.atEnd[at].matches = m.end(m.takers(m.states[at], holds)); (at == 0 || at == int(s.later)) && s.atEnd[at].matches {
		return false
	}
	s.groups.ends[at], _ = m.end(m.states[at])
	row, takesBytes := &s.next[at], m.takesBytes(at)
	for b := range row {
		if b >= utf8.RuneSelf && takesBytes {
			row[b] = notASCII
			continue
		}
		var after []taker
		for _, t := range m.states[at] {
			if i := &m.program.Inst[t.pc]; i.MatchRune(rune(b)) {
				after = append(after, taker{pc: i.Out})
				s.groups.setBefore(at, b, t.places, len(after) > 1)
			}
		}
		list := m.takers(after, 0)
		if len(list) == 0 {
			row[b] = noMatch
			continue
		}
		if row[b], ok = m.number(list); !ok {
			return false
		}
		if _, matches := m.end(list); matches {
			row[b] |= hasMatch
		}
	}
	return true
}

// takesBytes reports whether a state can take another byte. One that cannot ends at any byte, so that a match is known also when what
// follows it is not ASCII.
func (m *startsMaker) takesBytes(at int) bool {
	return slices.ContainsFunc(m.states[at], func(t taker) bool {
		op := m.program.Inst[t.pc].Op
		return op != syntax.InstMatch && op != syntax.InstEmptyWidth
	})
}

// number is the number of a state; ok is false if there are too many.
func (m *startsMaker) number(list []taker) (n uint8, ok bool) {
	var key []byte
	for _, t := range list {
		key = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint32(key, t.pc), uint64(t.places))
	}
	n, ok = m.numbers[string(key)]
	if ok {
		return n, true
	}
	if len(m.states) == maxStates {
		return 0, false
	}
	n = uint8(len(m.states))
	m.numbers[string(key)] = n
	m.states = append(m.states, list)
	return n, true
}

// end reports whether a list of takers ends with the end of the pattern.
func (m *startsMaker) end(list []taker) (places placeSet, matches bool) {
	if len(list) == 0 {
		return 0, false
	}
	last := list[len(list)-1]
	return last.places, m.program.Inst[last.pc].Op == syntax.InstMatch
}

// takers returns what is reached from others without a byte, those first that Go's engine prefers; what is less preferred than a match is left
// out. Assertions that do not hold are taken for ones that may hold later, if they ask for the end of the text, and else lead nowhere.
func (m *startsMaker) takers(from []taker, holds syntax.EmptyOp) (list []taker) {
	from = slices.Clone(from)
	slices.Reverse(from) // the most preferred is taken from the end
	seen := map[uint32]bool{}
	for len(from) > 0 {
		t := from[len(from)-1]
		from = from[:len(from)-1]
		if seen[t.pc] {
			continue
		}
		seen[t.pc] = true
		switch i := m.program.Inst[t.pc]; i.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			from = append(from, taker{i.Arg, t.places}, taker{i.Out, t.places})
		case syntax.InstCapture:
			from = append(from, taker{i.Out, t.places | 1<<i.Arg})
		case syntax.InstNop:
			from = append(from, taker{i.Out, t.places})
		case syntax.InstMatch:
			return append(list, t)
		case syntax.InstEmptyWidth:
			switch op := syntax.EmptyOp(i.Arg); {
			case op&^holds == 0:
				from = append(from, taker{i.Out, t.places})
			case op == syntax.EmptyEndText:
				list = append(list, t)
			}
		case syntax.InstFail:
		default:
			list = append(list, t)
		}
	}
	return list
}
