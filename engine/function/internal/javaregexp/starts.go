package javaregexp

import (
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// starts finds where matches begin, many times faster than Go's engine, which looks at each byte with each instruction that
// might take it: here a byte is one look into a table. It knows patterns without assertions, and texts of ASCII.
type starts struct {
	next [][bytesOfText]uint8 // by state and byte; the first state is the beginning of the pattern
}

const (
	noMatch     = 255 // nothing that begins here matches
	isMatch     = 254
	notASCII    = 253
	maxStates   = 64
	bytesOfText = 256
	// startsBytes is the memory of starts at most.
	startsBytes = maxStates * bytesOfText
	// maxWorkRatio is how many bytes a search may look at for each of the text before it is left to Go's engine.
	maxWorkRatio = 8
)

// newStarts makes the table of a program; nil if it has assertions, matches the empty text, or needs more than maxStates.
func newStarts(program *syntax.Prog) *starts {
	s := &starts{}
	numbers := map[string]uint8{}
	var states [][]uint32 // the instructions that take a byte, by state
	number := func(pcs []uint32) (uint8, bool) {
		var key []byte
		for _, pc := range pcs {
			key = append(key, byte(pc), byte(pc>>8), byte(pc>>16))
		}
		n, ok := numbers[string(key)]
		if !ok {
			if len(states) == maxStates {
				return 0, false
			}
			n = uint8(len(states))
			numbers[string(key)] = n
			states = append(states, pcs)
		}
		return n, true
	}
	first, matches, ok := takers(program, []uint32{uint32(program.Start)})
	if !ok || matches {
		return nil
	}
	if _, ok := number(first); !ok {
		return nil
	}
	for at := 0; at < len(states); at++ {
		var row [bytesOfText]uint8
		for b := range row {
			if b >= utf8.RuneSelf {
				row[b] = notASCII
				continue
			}
			var after []uint32
			for _, pc := range states[at] {
				if program.Inst[pc].MatchRune(rune(b)) {
					after = append(after, program.Inst[pc].Out)
				}
			}
			pcs, matches, ok := takers(program, after)
			switch {
			case !ok:
				return nil
			case matches:
				row[b] = isMatch
			case len(pcs) == 0:
				row[b] = noMatch
			default:
				if row[b], ok = number(pcs); !ok {
					return nil
				}
			}
		}
		s.next = append(s.next, row)
	}
	return s
}

// takers returns, in order, the instructions that take a byte and are reached from others without one; matches: the
// end of the pattern is reached. ok is false where an assertion is.
func takers(program *syntax.Prog, from []uint32) (pcs []uint32, matches, ok bool) {
	seen := map[uint32]bool{}
	for len(from) > 0 {
		pc := from[len(from)-1]
		from = from[:len(from)-1]
		if seen[pc] {
			continue
		}
		seen[pc] = true
		switch i := program.Inst[pc]; i.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			from = append(from, i.Out, i.Arg)
		case syntax.InstCapture, syntax.InstNop:
			from = append(from, i.Out)
		case syntax.InstMatch:
			matches = true
		case syntax.InstEmptyWidth:
			return nil, false, false
		case syntax.InstFail:
		default:
			pcs = append(pcs, pc)
		}
	}
	slices.Sort(pcs)
	return pcs, matches, true
}

// find returns where the first match begins in text from a place on, -1 if there is none. known is false for texts that are
// more than ASCII and for those in which it takes too long to find out.
func (s *starts) find(text string, from int) (at int, known bool) {
	work := maxWorkRatio * (len(text) - from)
	first := &s.next[0]
	for at = from; at < len(text); at++ {
		state := first[text[at]]
		if state == noMatch {
			continue
		}
		i := at + 1
		for ; state < maxStates && i < len(text); i++ {
			state = s.next[state][text[i]]
		}
		switch state {
		case isMatch:
			return at, true
		case notASCII:
			return 0, false
		}
		if work -= i - at; work < 0 {
			return 0, false
		}
	}
	return -1, true
}
