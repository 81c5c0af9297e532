package javaregexp

import (
	"math/bits"
	"regexp/syntax"
	"unicode/utf8"
)

// runs finds the matches of a pattern that is a class of code points, as [,;], or the longest runs of them, as
// [0-9]+. It processes 64 bytes of the text at once, without branches that depend on the bytes.
type runs struct {
	has [bytesOfText]uint8 // 1 for bytes of the class
	// repeated: a match is the longest run of code points of the class, otherwise a single one.
	repeated bool
}

// newRuns returns the runs of a pattern. It returns nil for any other pattern, and for a class with some of the
// code points beyond ASCII.
func newRuns(tree *syntax.Regexp) *runs {
	r := &runs{}
	if tree.Op == syntax.OpPlus && tree.Flags&syntax.NonGreedy == 0 {
		tree, r.repeated = tree.Sub[0], true
	}
	if tree.Op != syntax.OpCharClass {
		return nil
	}
	set := tree.Rune
	for i := 0; i < len(set); i += 2 {
		lo, hi := set[i], set[i+1]
		for c := lo; c <= min(hi, utf8.RuneSelf-1); c++ {
			r.has[c] = 1
		}
		switch {
		case hi < utf8.RuneSelf:
		case lo > utf8.RuneSelf || hi < utf8.MaxRune || !r.repeated:
			return nil
		default:
			for b := utf8.RuneSelf; b < bytesOfText; b++ {
				r.has[b] = 1
			}
		}
	}
	return r
}

// of returns the bytes of the class in a piece of up to 64 bytes, the first in the lowest bit.
func (r *runs) of(piece string) (in uint64) {
	for i := len(piece) - 1; i >= 0; i-- {
		in = in<<1 | uint64(r.has[piece[i]])
	}
	return in
}

// eachRun is EachMatch for a pattern that has runs.
func (s *Search) eachRun(text string, visit func(loc []int) bool) error {
	loc, isOpen := s.loc[:2], uint64(0) // isOpen is 1 while a run goes on
	for base := 0; base < len(text); base += 64 {
		if base > 0 && base%bytesBetweenLooks == 0 {
			if err := s.meter.Stopped(); err != nil {
				return err
			}
		}
		in := s.runs.of(text[base:min(base+64, len(text))])
		if !s.runs.repeated {
			for ; in != 0; in &= in - 1 {
				loc[0] = base + bits.TrailingZeros64(in)
				if loc[1] = loc[0] + 1; !visit(loc) {
					return nil
				}
			}
			continue
		}
		for edges := in ^ (in<<1 | isOpen); edges != 0; edges &= edges - 1 {
			loc[isOpen] = base + bits.TrailingZeros64(edges)
			if isOpen == 1 && !visit(loc) {
				return nil
			}
			isOpen ^= 1
		}
	}
	if loc[1] = len(text); isOpen == 1 {
		visit(loc)
	}
	return nil
}
