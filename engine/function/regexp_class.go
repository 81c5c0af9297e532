package function

import (
	"regexp"
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

// pattern writes the set as a bracket expression both engines read. A set up
// to the last code point is written as the negation it most likely was, which
// matters when letter case is ignored.
func (s runeSet) pattern() string {
	if n := len(s); n > 0 && s[n-1].hi == unicode.MaxRune && (n > 1 || s[0].lo > 0) {
		return "[^" + s.negated().pattern()[1:]
	}
	var b strings.Builder
	b.WriteByte('[')
	for _, r := range s {
		for _, part := range []runeRange{{r.lo, min(r.hi, 0xD7FF)}, {max(r.lo, 0xE000), r.hi}} { // around the surrogates
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

// The ASCII classes.
var (
	digitSet = newRuneSet(runeRange{'0', '9'})
	wordSet  = newRuneSet(runeRange{'0', '9'}, runeRange{'A', 'Z'}, runeRange{'_', '_'}, runeRange{'a', 'z'})
	spaceSet = newRuneSet(runeRange{'\t', '\r'}, runeRange{' ', ' '})
)

// escapedSets are the classes of one letter; capitals stand for the opposite.
var escapedSets = map[rune]runeSet{
	'd': digitSet, 'D': digitSet.negated(), 'w': wordSet, 'W': wordSet.negated(), 's': spaceSet, 'S': spaceSet.negated(),
}

// namedSets are the POSIX classes, which cover all of Unicode.
var namedSets = map[string]func() runeSet{
	"alpha":  func() runeSet { return tableSet(unicode.L) },
	"digit":  func() runeSet { return tableSet(unicode.Nd) },
	"alnum":  func() runeSet { return tableSet(unicode.L).union(tableSet(unicode.N)) },
	"upper":  func() runeSet { return tableSet(unicode.Lu) },
	"lower":  func() runeSet { return tableSet(unicode.Ll) },
	"punct":  func() runeSet { return tableSet(unicode.P) },
	"space":  func() runeSet { return tableSet(unicode.White_Space) },
	"blank":  func() runeSet { return tableSet(unicode.Zs).union(runeSet{{'\t', '\t'}}) },
	"cntrl":  func() runeSet { return tableSet(unicode.Cc) },
	"xdigit": func() runeSet { return newRuneSet(runeRange{'0', '9'}, runeRange{'A', 'F'}, runeRange{'a', 'f'}) },
	"ascii":  func() runeSet { return runeSet{{0, 0x7F}} },
	"word":   func() runeSet { return tableSet(unicode.L).union(tableSet(unicode.N)).union(runeSet{{'_', '_'}}) },
	"graph":  func() runeSet { return tableSet(unicode.White_Space).union(tableSet(unicode.C)).negated() },
	"print":  func() runeSet { return tableSet(unicode.C).negated() },
	"any":    func() runeSet { return runeSet{{0, unicode.MaxRune}} },
}

// propertySet is the set of \p{name}: a POSIX class, a general category or a
// script, whose name may start with Is or In.
func propertySet(name string) (runeSet, bool) {
	if named, ok := namedSets[strings.ToLower(name)]; ok {
		return named(), true
	}
	for _, n := range []string{name, strings.TrimPrefix(name, "Is"), strings.TrimPrefix(name, "In")} {
		if t, ok := unicode.Categories[n]; ok {
			return tableSet(t), true
		}
		for script, t := range unicode.Scripts {
			if strings.EqualFold(script, n) {
				return tableSet(t), true
			}
		}
	}
	return nil, false
}

// class reads a bracket expression behind its "[": ranges, escapes, nested
// classes and intersections with &&.
func (p *patternReader) class() (runeSet, error) {
	negate := p.take("^")
	set, whole := runeSet(nil), runeSet{{0, unicode.MaxRune}}
	for first := true; ; first = false {
		switch {
		case p.at == len(p.runes):
			return nil, errPattern("premature end of char-class")
		case p.peek() == ']' && !first:
			p.at++
			set = set.intersection(whole)
			if negate {
				set = set.negated()
			}
			return set, nil
		case p.take("&&"):
			whole, set = whole.intersection(set), nil
			if p.at < len(p.runes) && p.peek() == ']' {
				set = runeSet{{0, unicode.MaxRune}}
			}
		case p.take("[:"):
			named, err := p.posixClass()
			if err != nil {
				return nil, err
			}
			set = set.union(named)
		case p.take("["):
			nested, err := p.class()
			if err != nil {
				return nil, err
			}
			set = set.union(nested)
		default:
			item, err := p.classItem()
			if err != nil {
				return nil, err
			}
			set = set.union(item)
		}
	}
}

func (p *patternReader) posixClass() (runeSet, error) {
	negate := p.take("^")
	end := p.index(":]")
	if end < 0 {
		return nil, errPattern("premature end of char-class")
	}
	name := string(p.runes[p.at:end])
	p.at = end + 2
	named, ok := namedSets[name]
	if !ok {
		return nil, errPattern("invalid POSIX bracket type: " + name)
	}
	if negate {
		return named().negated(), nil
	}
	return named(), nil
}

// classItem reads a code point, a range or an escaped class.
func (p *patternReader) classItem() (runeSet, error) {
	set, lo, err := p.classAtom()
	if err != nil || set != nil {
		return set, err
	}
	if p.at+1 >= len(p.runes) || p.peek() != '-' || p.runes[p.at+1] == ']' || p.runes[p.at+1] == '[' {
		return runeSet{{lo, lo}}, nil
	}
	p.at++
	set, hi, err := p.classAtom()
	switch {
	case err != nil:
		return nil, err
	case set != nil: // [a-\w]: the minus stands for itself
		return set.union(runeSet{{lo, lo}}).union(runeSet{{'-', '-'}}), nil
	case hi < lo:
		return nil, errPattern("empty range in char class")
	}
	return runeSet{{lo, hi}}, nil
}

// classAtom reads one code point, or the set of an escaped class.
func (p *patternReader) classAtom() (runeSet, rune, error) {
	r := p.next()
	if r != '\\' {
		return nil, r, nil
	}
	if p.at == len(p.runes) {
		return nil, 0, errPattern("end pattern at escape")
	}
	if set, err := p.escapedSet(); set != nil || err != nil {
		return set, 0, err
	}
	if p.peek() == 'b' {
		p.at++
		return nil, '\b', nil
	}
	r, err := p.escapedRune()
	return nil, r, err
}

// escapedSet reads \d, \p{…} and the like behind the backslash, nil for other escapes.
func (p *patternReader) escapedSet() (runeSet, error) {
	letter := p.peek()
	if set, ok := escapedSets[letter]; ok {
		p.at++
		return set, nil
	}
	if letter != 'p' && letter != 'P' {
		return nil, nil
	}
	p.at++
	name := ""
	switch {
	case p.take("{"):
		end := p.index("}")
		if end < 0 {
			return nil, errPattern("invalid character property name")
		}
		name = string(p.runes[p.at:end])
		p.at = end + 1
	case p.at < len(p.runes):
		name = string(p.next())
	}
	name, negate := strings.CutPrefix(name, "^")
	set, ok := propertySet(name)
	if !ok {
		return nil, errPattern("invalid character property name {" + name + "}")
	}
	if negate != (letter == 'P') {
		set = set.negated()
	}
	return set, nil
}

func quoteRune(r rune) string { return regexp.QuoteMeta(string(r)) }
