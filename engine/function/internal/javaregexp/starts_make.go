package javaregexp

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// taker is an instruction and the places of groups on the way to it. The instruction takes a byte, asks for the end
// of the text, or is the end of the pattern.
type taker struct {
	pc     uint32
	places placeSet
}

// startsMaker numbers the states of a table.
type startsMaker struct {
	program *syntax.Prog
	numbers map[string]uint8
	states  []takers
	firsts  int // how many of the states are the beginning of the pattern
}

// takers are what may take the next byte in a state, in the order of preference.
type takers struct {
	list []taker
	// follows says, for a state with assertions about words, whether the byte before is of a word.
	follows uint8
	isFirst bool // at the begin of the text, of a pattern that asks for it
}

// newStarts makes the table of a program; nil if it has other assertions than the ends of the text and of words,
// matches the empty text, or needs more than maxStates.
func newStarts(program *syntax.Prog) *starts {
	s := &starts{isAnchored: program.StartCond()&syntax.EmptyBeginText != 0, longest: noLongest}
	asksForBegin := false
	for _, i := range program.Inst {
		if i.Op != syntax.InstEmptyWidth {
			continue
		}
		switch op := syntax.EmptyOp(i.Arg); {
		case op == syntax.EmptyEndText:
			s.asksForEnd = true
		case isOfWords(op):
			s.asksForEnd, s.asksForWords = true, true
		case op != syntax.EmptyBeginText:
			return nil
		default:
			asksForBegin = true
		}
	}
	s.groups = groupTable{known: program.NumCap <= maxPlaces && !s.asksForWords, sets: []placeSet{0}}
	m := &startsMaker{program: program, numbers: map[string]uint8{}}
	start := []taker{{pc: uint32(program.Start)}}
	m.number(takers{list: m.reach(start, syntax.EmptyBeginText, askingForNext), isFirst: asksForBegin})
	for follows := range uint8(2) {
		if !s.isAnchored {
			s.later[follows], _ = m.number(takers{list: m.reach(start, 0, askingForNext), follows: follows})
		}
	}
	for _, first := range m.states {
		if _, matches := m.end(first.list); matches {
			return nil
		}
	}
	m.firsts = len(m.states)
	for at := 0; at < len(m.states); at++ {
		if !m.fill(s, at) {
			return nil
		}
	}
	return s
}

// fill sets what belongs to a state; ok is false if the pattern needs too many states, or matches the empty text.
func (m *startsMaker) fill(s *starts, at int) (ok bool) {
	of := m.states[at]
	atEnd := m.reach(of.list, of.holds(0)|syntax.EmptyEndText, 0)
	if s.atEnd[at].places, s.atEnd[at].matches = m.end(atEnd); at < m.firsts && s.atEnd[at].matches {
		return false
	}
	s.groups.ends[at], _ = m.end(of.list)
	row, takesBytes := &s.next[at], m.takesBytes(of)
	for b := range row {
		if b >= utf8.RuneSelf && takesBytes {
			row[b] = notASCII
			continue
		}
		list := of.list
		if m.asksForWords(list) {
			list = m.reach(list, of.holds(wordByte[b]), 0)
		}
		_, hadMatch := m.end(list)
		hadMatch = hadMatch && m.asksForWords(of.list)
		if hadMatch && at < m.firsts {
			return false
		}
		if row[b], ok = m.after(s, at, b, list, hadMatch); !ok {
			return false
		}
	}
	return true
}

// holds returns the assertions that hold between a state and the next byte, which is of a word or not, except for
// the end of the text.
func (t takers) holds(byteOfWord uint8) syntax.EmptyOp {
	holds := syntax.EmptyNoWordBoundary
	if t.follows != byteOfWord {
		holds = syntax.EmptyWordBoundary
	}
	if t.isFirst {
		holds |= syntax.EmptyBeginText
	}
	return holds
}

// after returns the entry of the table for byte b after a state whose takers are list.
func (m *startsMaker) after(s *starts, at, b int, list []taker, hadMatchBefore bool) (next uint8, ok bool) {
	var taken []taker
	for _, t := range list {
		if i := &m.program.Inst[t.pc]; i.MatchRune(rune(b)) {
			taken = append(taken, taker{pc: i.Out})
			s.groups.setBefore(at, b, t.places, len(taken) > 1)
		}
	}
	reached := m.reach(taken, 0, askingForNext)
	if len(reached) == 0 {
		if hadMatchBefore {
			return onlyBefore, true
		}
		return noMatch, true
	}
	if next, ok = m.number(takers{list: reached, follows: wordByte[b]}); !ok {
		return 0, false
	}
	if _, matches := m.end(reached); matches {
		next |= hasMatch
	}
	if hadMatchBefore {
		next |= hadMatch
	}
	return next, next < notASCII
}

// takesBytes reports whether a state can take another byte, or asks which it is. One that does not ends at any byte,
// so that a match is known also when what follows it is not ASCII.
func (m *startsMaker) takesBytes(of takers) bool {
	return slices.ContainsFunc(of.list, func(t taker) bool {
		op := m.program.Inst[t.pc].Op
		return op != syntax.InstMatch && op != syntax.InstEmptyWidth
	}) || m.asksForWords(of.list)
}

// asksForWords reports whether an instruction of the list asks for a word boundary, which depends on the next byte.
func (m *startsMaker) asksForWords(list []taker) bool {
	return slices.ContainsFunc(list, func(t taker) bool {
		i := &m.program.Inst[t.pc]
		return i.Op == syntax.InstEmptyWidth && isOfWords(syntax.EmptyOp(i.Arg))
	})
}

func isOfWords(op syntax.EmptyOp) bool {
	return op&(syntax.EmptyWordBoundary|syntax.EmptyNoWordBoundary) != 0
}

// number is the number of a state; ok is false if there are too many.
func (m *startsMaker) number(of takers) (n uint8, ok bool) {
	if !m.asksForWords(of.list) {
		of.follows = 0
	}
	key := []byte{of.follows, 0}
	if of.isFirst {
		key[1] = 1
	}
	for _, t := range of.list {
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
	m.states = append(m.states, of)
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

// askingForNext are the assertions that cannot be decided before the next byte, or the end of the text, is known.
const askingForNext = syntax.EmptyEndText | syntax.EmptyWordBoundary | syntax.EmptyNoWordBoundary

// reach returns the instructions that others reach without taking a byte, in the order in which Go's engine prefers
// them. What is less preferred than a match is left out. Assertions that do not hold are kept if they are
// undecided, and otherwise lead nowhere.
func (m *startsMaker) reach(from []taker, holds, undecided syntax.EmptyOp) (list []taker) {
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
			case op&undecided != 0:
				list = append(list, t)
			}
		case syntax.InstFail:
		default:
			list = append(list, t)
		}
	}
	return list
}
