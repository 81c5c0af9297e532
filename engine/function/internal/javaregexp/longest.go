package javaregexp

import (
	"math"
	"regexp/syntax"
)

// endsWithText reports whether the pattern's last part asks for the end of the text.
func endsWithText(t *syntax.Regexp) bool {
	switch t.Op {
	case syntax.OpConcat, syntax.OpCapture:
		return endsWithText(t.Sub[len(t.Sub)-1])
	}
	return t.Op == syntax.OpEndText
}

// noLongest is the length of matches that have no bound.
const noLongest = math.MaxInt32

// longest bounds the code points of a match.
func longest(t *syntax.Regexp) int {
	n := 0
	switch t.Op {
	case syntax.OpLiteral:
		return len(t.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1
	case syntax.OpStar, syntax.OpPlus:
		return noLongest
	case syntax.OpRepeat:
		if t.Max < 0 {
			return noLongest
		}
		return min(t.Max*longest(t.Sub[0]), noLongest)
	case syntax.OpAlternate:
		for _, s := range t.Sub {
			n = max(n, longest(s))
		}
		return n
	}
	for _, s := range t.Sub { // in sequence; an assertion has none
		n = min(n+longest(s), noLongest)
	}
	return n
}
