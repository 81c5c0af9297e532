package like

import (
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// Required makes a matcher of the plain texts that stand in each match of
// a pattern, in their order, nil if there are none. Where it fails there is no
// match, which it finds out many times faster than the pattern does.
func Required(t *syntax.Regexp) *Matcher {
	m := &Matcher{}
	m.require(t)
	if len(m.Pieces) == 0 {
		return nil
	}
	return m
}

func (m *Matcher) require(t *syntax.Regexp) {
	switch t.Op {
	case syntax.OpLiteral:
		plain := string(t.Rune)
		if t.Flags&syntax.FoldCase == 0 && !strings.ContainsRune(plain, utf8.RuneError) {
			m.Pieces = append(m.Pieces, PlainPiece(plain))
		}
	case syntax.OpCapture, syntax.OpPlus:
		m.require(t.Sub[0])
	case syntax.OpRepeat:
		if t.Min > 0 {
			m.require(t.Sub[0])
		}
	case syntax.OpConcat:
		for _, s := range t.Sub {
			m.require(s)
		}
	}
}
