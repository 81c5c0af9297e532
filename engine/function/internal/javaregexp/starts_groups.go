package javaregexp

import (
	"math/bits"
	"unicode/utf8"
)

// groupTable finds the groups of a match whose ends are known, if no two instructions take the same byte. Then a
// byte determines the one way to it, and which groups begin and end on that way.
type groupTable struct {
	// known is false if two instructions may take the same byte, or there are too many groups.
	known bool
	// before says which places of groups are before a byte that is taken in a state: a number in sets.
	before [maxStates][utf8.RuneSelf]uint8
	sets   []placeSet // the first is empty
	// ends are the places before the end of a match, by state.
	ends [maxStates]placeSet
}

// placeSet are places of a match: 2g is set for the begin of group g, 2g+1 for its end.
type placeSet uint64

const (
	maxPlaces    = 64
	maxPlaceSets = 256 // a byte holds their number
)

// setBefore notes the places before a byte in a state; again: another instruction takes that byte, too.
func (t *groupTable) setBefore(state, b int, places placeSet, again bool) {
	if again || !t.known {
		t.known = false
		return
	}
	n := 0
	for n < len(t.sets) && t.sets[n] != places {
		n++
	}
	if t.known = n < maxPlaceSets; !t.known {
		return
	}
	if n == len(t.sets) {
		t.sets = append(t.sets, places)
	}
	t.before[state][b] = uint8(n)
}

// locate sets the places of the groups in loc for the match text[at:end].
func (s *starts) locate(loc []int, text string, at, end int) {
	for i := range loc {
		loc[i] = -1
	}
	loc[0], loc[1] = at, end
	g := &s.groups
	state, _ := s.first(text, at)
	for i := at; i < end; i++ {
		b := text[i]
		if n := g.before[state%maxStates][b%utf8.RuneSelf]; n > 0 {
			g.sets[n].set(loc, i)
		}
		state = s.next[state%maxStates][b]
	}
	if end == len(text) {
		s.atEnd[state%maxStates].places.set(loc, end)
	} else {
		g.ends[state%maxStates].set(loc, end)
	}
}

func (p placeSet) set(loc []int, at int) {
	for ; p != 0; p &= p - 1 {
		loc[bits.TrailingZeros64(uint64(p))] = at
	}
}
