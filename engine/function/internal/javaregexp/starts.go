package javaregexp

import (
	"regexp/syntax"
	"unicode/utf8"
	"unsafe"
)

// starts finds where matches begin and end, many times faster than Go's engine, which looks at each byte with each
// instruction that might take it: here a byte is one look into a table. It knows patterns without assertions other
// than the ends of the text and of words, and texts of ASCII.
type starts struct {
	// next is what a byte leads to, by state; the first state is the beginning of the pattern where the text begins.
	// It is a state, a state that has a match after it (with hasMatch) or before that byte (with hadMatch), noMatch,
	// onlyBefore or notASCII.
	next [maxStates][bytesOfText]uint8
	// atEnd is the match that ends in each state if the text does.
	atEnd [maxStates]ending
	// asksForEnd: the pattern asks for the end of the text or for word boundaries.
	asksForEnd bool
	// asksForWords: it asks for word boundaries.
	asksForWords bool
	// isAnchored: all matches begin where the text does.
	isAnchored bool
	// later are the states at the beginning of the pattern, elsewhere than at the text's beginning: after a byte
	// that is not of a word, and after one that is. They differ from the first state if an alternative asks for the
	// beginning of the text.
	later [2]uint8
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
	noMatch    = 255 // nothing that begins here matches, or matches further
	onlyBefore = 254 // the match ends before the byte
	notASCII   = 253
	// maxStates is a power of two, so that a state is known to have a place in the table.
	maxStates   = 64
	hasMatch    = maxStates
	hadMatch    = 2 * maxStates
	bytesOfText = 256
	// startsBytes is the memory of starts.
	startsBytes = int64(unsafe.Sizeof(starts{})) + maxPlaceSets*int64(unsafe.Sizeof(placeSet(0)))
	// maxWorkRatio is how many bytes a search may look at for each of the text before it is left to Go's engine.
	maxWorkRatio = 8
)

// find returns where the first match begins in text from a place on, -1 if there is none. known is false for texts
// beyond ASCII and for those that take too long to search.
func (s *starts) find(text string, from int) (at int, known bool) {
	work := maxWorkRatio * (len(text) - from)
	later, last := &s.next[s.later[0]%maxStates], len(text)
	at = max(from, len(text)-s.longest)
	if s.isAnchored {
		at, last = from, min(last, 1)
	}
	for at < last {
		first := later
		if at == 0 || s.asksForWords {
			begin, isKnown := s.first(text, at)
			if !isKnown {
				return 0, false
			}
			first = &s.next[begin]
		} else if at = skip(first, text[:last], at); at == last {
			break
		}
		state := first[text[at]]
		if state == noMatch {
			at++
			continue
		}
		var i, other int
		if s.asksForWords {
			state, i, other = s.runByWords(state, text, at+1)
		} else {
			state, i, other = s.run(state, text, at+1)
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

// run takes bytes from a place on until a match is known or excluded, or the text ends. other is the first of these
// places at which another match may begin that does not come to the same, 0 if there is none.
func (s *starts) run(state uint8, text string, from int) (after uint8, end, other int) {
	later := &s.next[s.later[0]%maxStates]
	i := from
	for ; state < maxStates && i < len(text); i++ {
		state = s.next[state][text[i]]
		if begun := later[text[i]]; begun != state && begun != noMatch && other == 0 {
			other = i
		}
	}
	return state, i, other
}

// runByWords is run for patterns that ask for the ends of words: where a match may begin depends on the byte before.
func (s *starts) runByWords(state uint8, text string, from int) (after uint8, end, other int) {
	i := from
	for ; state < maxStates && i < len(text); i++ {
		state = s.next[state][text[i]]
		if begun := s.next[s.later[wordByte[text[i-1]]]%maxStates][text[i]]; begun != state && begun != noMatch && other == 0 {
			other = i
		}
	}
	return state, i, other
}

// skip returns the first place from at on where a match may begin, the end of the text if there is none.
func skip(first *[bytesOfText]uint8, text string, at int) int {
	for at < len(text) && first[text[at]] == noMatch {
		at++
	}
	return at
}

// first is the state in which a match begins at a place; known is false after what is not ASCII, where that matters.
func (s *starts) first(text string, at int) (state uint8, known bool) {
	if at == 0 {
		return 0, true
	}
	before := text[at-1]
	return s.later[wordByte[before]] % maxStates, before < utf8.RuneSelf || !s.asksForWords
}

// wordByte is 1 for the bytes of words.
var wordByte = func() (of [bytesOfText]uint8) {
	for b := range utf8.RuneSelf {
		if syntax.IsWordChar(rune(b)) {
			of[b] = 1
		}
	}
	return of
}()

// end returns where the match ends that begins at a place; known as of find.
func (s *starts) end(text string, at int) (end int, known bool) {
	state, known := s.first(text, at)
	if !known {
		return 0, false
	}
	for i := at; i < len(text); i++ {
		state = s.next[state%maxStates][text[i]]
		if state < maxStates {
			continue
		}
		switch state {
		case noMatch:
			return end, true
		case onlyBefore:
			return i, true
		case notASCII:
			return 0, false
		}
		if state&hadMatch != 0 {
			end = i
		}
		if state&hasMatch != 0 {
			end = i + 1
		}
	}
	if s.atEnd[state%maxStates].matches {
		end = len(text)
	}
	return end, true
}
