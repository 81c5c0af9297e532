package javaregexp

import (
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// starts finds where matches begin and end, many times faster than Go's engine, which looks at each byte with each instruction
// that might take it: here a byte is one look into a table. It knows patterns without assertions other than the ends of the text, and texts of ASCII.
type starts struct {
	// next is what a byte leads to, by state; the first state is the beginning of the pattern. It is a state, a state that has
	// a match behind it (with hasMatch), or one of the ends below.
	next [maxStates][bytesOfText]uint8
	// matchesAtEnd says in which states a match ends if the text does.
	matchesAtEnd [maxStates]bool
	// asksForEnd: the pattern has the end of the text in it.
	asksForEnd bool
	// isAnchored: all matches begin where the text does.
	isAnchored bool
}

const (
	noMatch  = 255 // nothing that begins here matches, or matches further
	isMatch  = 254 // a match ends here, and none goes on
	notASCII = 253
	// maxStates is a power of two, so that a state is known to have a place in the table.
	maxStates   = 64
	hasMatch    = maxStates
	bytesOfText = 256
	// startsBytes is the memory of starts.
	startsBytes = maxStates * bytesOfText
	// maxWorkRatio is how many bytes a search may look at for each of the text before it is left to Go's engine.
	maxWorkRatio = 8
)

// newStarts makes the table of a program; nil if it has other assertions than the ends of the text, begins at the text's begin or elsewhere,
// matches the empty text, or needs more than maxStates.
func newStarts(program *syntax.Prog) *starts {
	s := &starts{isAnchored: program.StartCond()&syntax.EmptyBeginText != 0}
	for _, i := range program.Inst {
		if i.Op != syntax.InstEmptyWidth {
			continue
		}
		switch op := syntax.EmptyOp(i.Arg); {
		case op == syntax.EmptyEndText:
			s.asksForEnd = true
		case op != syntax.EmptyBeginText || !s.isAnchored:
			return nil
		}
	}
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
	first, matches := takers(program, []uint32{uint32(program.Start)}, true)
	if matches {
		return nil
	}
	number(first)
	for at := 0; at < len(states); at++ {
		if s.matchesAtEnd[at] = matchesAtEnd(program, states[at], at == 0); at == 0 && s.matchesAtEnd[at] {
			return nil
		}
		row := &s.next[at]
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
			pcs, matches := takers(program, after, false)
			switch {
			case len(pcs) == 0 && matches:
				row[b] = isMatch
				continue
			case len(pcs) == 0:
				row[b] = noMatch
				continue
			}
			n, ok := number(pcs)
			if !ok {
				return nil
			}
			if matches {
				n |= hasMatch
			}
			row[b] = n
		}
	}
	return s
}

// matchesAtEnd reports whether the end of the pattern is reached from instructions without a byte where the text ends, or is empty.
func matchesAtEnd(program *syntax.Prog, pcs []uint32, isEmpty bool) bool {
	seen := map[uint32]bool{}
	for len(pcs) > 0 {
		var after []uint32
		for _, pc := range pcs {
			if program.Inst[pc].Op == syntax.InstEmptyWidth && !seen[pc] {
				seen[pc] = true
				after = append(after, program.Inst[pc].Out)
			}
		}
		var matches bool
		if pcs, matches = takers(program, after, isEmpty); matches {
			return true
		}
	}
	return false
}

// takers returns the instructions that take a byte, or ask for the end of the text, and are reached from others without either, those first
// that Go's engine prefers; matches: the end of the pattern is reached, and what is less preferred than that match is left out. Past the begin of
// the text nothing is reached through an instruction that asks for it.
func takers(program *syntax.Prog, from []uint32, isAtBegin bool) (pcs []uint32, matches bool) {
	from = slices.Clone(from)
	slices.Reverse(from) // the most preferred is taken from the end
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
			from = append(from, i.Arg, i.Out)
		case syntax.InstCapture, syntax.InstNop:
			from = append(from, i.Out)
		case syntax.InstMatch:
			return pcs, true
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(i.Arg) != syntax.EmptyBeginText {
				pcs = append(pcs, pc)
			} else if isAtBegin {
				from = append(from, i.Out)
			}
		case syntax.InstFail:
		default:
			pcs = append(pcs, pc)
		}
	}
	return pcs, false
}

// find returns where the first match begins in text from a place on, -1 if there is none. known is false for texts that are
// more than ASCII and for those in which it takes too long to find out.
func (s *starts) find(text string, from int) (at int, known bool) {
	work := maxWorkRatio * (len(text) - from)
	first := &s.next[0]
	for at = from; at < len(text) && (at == 0 || !s.isAnchored); at++ {
		state := first[text[at]]
		if state == noMatch {
			continue
		}
		i := at + 1
		for ; state < maxStates && i < len(text); i++ {
			state = s.next[state][text[i]]
		}
		switch {
		case state == notASCII:
			return 0, false
		case state < maxStates && s.matchesAtEnd[state], state >= maxStates && state != noMatch:
			return at, true
		}
		if work -= i - at; work < 0 {
			return 0, false
		}
	}
	return -1, true
}

// end returns where the match ends that begins at a place; known as of find.
func (s *starts) end(text string, at int) (end int, known bool) {
	state := uint8(0)
	for i := at; i < len(text); i++ {
		state = s.next[state%maxStates][text[i]]
		if state < maxStates {
			continue
		}
		switch state {
		case noMatch:
			return end, true
		case notASCII:
			return 0, false
		}
		end = i + 1
		if state == isMatch {
			return end, true
		}
	}
	if s.matchesAtEnd[state%maxStates] {
		end = len(text)
	}
	return end, true
}
