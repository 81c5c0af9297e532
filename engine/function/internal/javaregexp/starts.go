package javaregexp

import "unsafe"

// starts finds where matches begin and end, many times faster than Go's engine, which looks at each byte with each instruction
// that might take it: here a byte is one look into a table. It knows patterns without assertions other than the ends of the text, and texts of ASCII.
type starts struct {
	// next is what a byte leads to, by state; the first state is the beginning of the pattern where the text begins. It is a state, a state that has
	// a match behind it (with hasMatch), noMatch or notASCII.
	next [maxStates][bytesOfText]uint8
	// atEnd is the match that ends in each state if the text does.
	atEnd [maxStates]ending
	// asksForEnd: the pattern has the end of the text in it.
	asksForEnd bool
	// isAnchored: all matches begin where the text does.
	isAnchored bool
	// later is the state that is the beginning of the pattern elsewhere: another one if an alternative asks for the begin of the text.
	later uint8
	// longest is how many code points a match has at most if all matches end where the text does, else noLongest.
	longest int
	groups  groupTable
}

// ending is whether a match ends in a state, and the places of groups between its last byte and there.
type ending struct {
	matches bool
	places  placeSet
}

const (
	noMatch  = 255 // nothing that begins here matches, or matches further
	notASCII = 253
	// maxStates is a power of two, so that a state is known to have a place in the table.
	maxStates   = 64
	hasMatch    = maxStates
	bytesOfText = 256
	// startsBytes is the memory of starts.
	startsBytes = int64(unsafe.Sizeof(starts{})) + maxPlaceSets*int64(unsafe.Sizeof(placeSet(0)))
	// maxWorkRatio is how many bytes a search may look at for each of the text before it is left to Go's engine.
	maxWorkRatio = 8
)

// find returns where the first match begins in text from a place on, -1 if there is none. known is false for texts that are
// more than ASCII and for those in which it takes too long to find out.
func (s *starts) find(text string, from int) (at int, known bool) {
	work := maxWorkRatio * (len(text) - from)
	later, last := &s.next[s.later%maxStates], len(text)
	at = max(from, len(text)-s.longest)
	if s.isAnchored {
		at, last = from, min(last, 1)
	}
	for at < last {
		state := s.next[s.first(at)][text[at]]
		if state == noMatch {
			at++
			continue
		}
		i, other := at+1, 0
		for ; state < maxStates && i < len(text); i++ {
			state = s.next[state][text[i]]
			if begun := later[text[i]]; begun != state && begun != noMatch && other == 0 {
				other = i
			}
		}
		switch {
		case state == notASCII:
			return 0, false
		case state < maxStates && s.atEnd[state].matches, state >= maxStates && state != noMatch:
			return at, true
		}
		if work -= i - at; work < 0 {
			return 0, false
		}
		if at = i; other > 0 { // what begins in between is soon in the states that have led to no match
			at = other
		}
	}
	return -1, true
}

// first is the state in which a match begins at a place.
func (s *starts) first(at int) uint8 {
	if at == 0 {
		return 0
	}
	return s.later % maxStates
}

// end returns where the match ends that begins at a place; known as of find.
func (s *starts) end(text string, at int) (end int, known bool) {
	state := s.first(at)
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
	}
	if s.atEnd[state%maxStates].matches {
		end = len(text)
	}
	return end, true
}
