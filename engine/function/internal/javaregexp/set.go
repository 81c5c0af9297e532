package javaregexp

import (
	"slices"
	"strings"
	"unicode"
)

// runeSet is a set of code points: ranges in order, apart from each other.
type runeSet []runeRange

type runeRange struct{ lo, hi rune }

func newRuneSet(ranges ...runeRange) runeSet {
	slices.SortFunc(ranges, func(a, b runeRange) int { return int(a.lo - b.lo) })
	var set runeSet
	for _, r := range ranges {
		if n := len(set); n > 0 && r.lo <= set[n-1].hi+1 {
			set[n-1].hi = max(set[n-1].hi, r.hi)
			continue
		}
		set = append(set, r)
	}
	return set
}

func (s runeSet) union(o runeSet) runeSet { return newRuneSet(append(slices.Clone(s), o...)...) }

func (s runeSet) negated() runeSet {
	var out runeSet
	next := rune(0)
	for _, r := range s {
		if r.lo > next {
			out = append(out, runeRange{next, r.lo - 1})
		}
		next = r.hi + 1
	}
	if next <= unicode.MaxRune {
		out = append(out, runeRange{next, unicode.MaxRune})
	}
	return out
}

func (s runeSet) intersection(o runeSet) runeSet {
	return s.negated().union(o.negated()).negated()
}

// Pattern writes the set as a bracket expression both engines read. A set up
// to the last code point is written as the negation it most likely was, which
// matters when letter case is ignored.
func (s runeSet) pattern() string {
	if n := len(s); n > 0 && s[n-1].hi == unicode.MaxRune && (n > 1 || s[0].lo > 0) {
		return "[^" + s.negated().pattern()[1:]
	}
	var b strings.Builder
	b.WriteByte('[')
	for _, r := range s {
		for _, part := range []runeRange{{r.lo, min(r.hi, 0xD7FF)}, {max(r.lo, 0xE000), r.hi}} { // without surrogates
			if part.lo > part.hi {
				continue
			}
			b.WriteString(classLiteral(part.lo))
			if part.hi > part.lo {
				b.WriteByte('-')
				b.WriteString(classLiteral(part.hi))
			}
		}
	}
	if b.Len() == 1 {
		return `[^\x00-` + string(unicode.MaxRune) + `]` // no code point
	}
	b.WriteByte(']')
	return b.String()
}

func classLiteral(r rune) string {
	if r < 0x80 && !('0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z') {
		const hex = "0123456789abcdef"
		return `\x` + string(hex[r>>4]) + string(hex[r&15])
	}
	return string(r)
}

func tableSet(t *unicode.RangeTable) runeSet {
	var ranges []runeRange
	add := func(lo, hi, stride rune) {
		if stride == 1 {
			ranges = append(ranges, runeRange{lo, hi})
			return
		}
		for r := lo; r <= hi; r += stride {
			ranges = append(ranges, runeRange{r, r})
		}
	}
	for _, r := range t.R16 {
		add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	for _, r := range t.R32 {
		add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	return newRuneSet(ranges...)
}

func (s runeSet) has(r rune) bool {
	for _, part := range s {
		if r >= part.lo && r <= part.hi {
			return true
		}
	}
	return false
}

var allRunes = runeSet{{0, unicode.MaxRune}}
