package javaregexp

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
)

// patternReader reads a pattern in Java's syntax and writes it for Go's engine
// and for the backtracking one. Flags other than i are resolved on the way.
type patternReader struct {
	runes []rune
	at    int
	flags patternFlags
	out   strings.Builder // for Go's engine, as long as that can run it
	back  strings.Builder // for the backtracking engine

	// backtrack: the pattern needs look-around, references or the like.
	backtrack bool
	// finalNewline: a $ that also matches before a final newline, or a ^ that
	// does not match after it, which Go's engine sees otherwise.
	finalNewline bool
	// wordBoundary: \b or \B, whose words hold more than Go's engine knows.
	wordBoundary bool
	groups       int
	names        map[string]int
	depth        int
}

type patternFlags struct{ ignoreCase, multiLine, dotAll, extended bool }

// maxPatternDepth bounds nested groups.
const maxPatternDepth = 500

func errPattern(message string) error { return errors.New(message) }

func (p *patternReader) peek() rune { return p.runes[p.at] }

func (p *patternReader) next() rune {
	p.at++
	return p.runes[p.at-1]
}

// ahead reports whether text is next.
func (p *patternReader) ahead(text string) bool {
	want := []rune(text)
	return len(p.runes)-p.at >= len(want) && slices.Equal(p.runes[p.at:p.at+len(want)], want)
}

// take reads text if it is next.
func (p *patternReader) take(text string) bool {
	if !p.ahead(text) {
		return false
	}
	p.at += len([]rune(text))
	return true
}

// index is where text stands next, -1 if nowhere.
func (p *patternReader) index(text string) int {
	want := []rune(text)
	for i := p.at; i+len(want) <= len(p.runes); i++ {
		if slices.Equal(p.runes[i:i+len(want)], want) {
			return i
		}
	}
	return -1
}

func (p *patternReader) both(text string) {
	p.out.WriteString(text)
	p.back.WriteString(text)
}

// only writes what just the backtracking engine can do.
func (p *patternReader) only(text string) {
	p.backtrack = true
	p.back.WriteString(text)
}

// sequence reads alternatives up to ")" or the end. Flags set inside end with it.
func (p *patternReader) sequence() (extent, error) {
	saved := p.flags
	defer func() { p.flags = saved }()
	if p.depth++; p.depth > maxPatternDepth {
		return extent{}, errPattern("too deep nest level")
	}
	defer func() { p.depth-- }()
	var whole alternatives
	for {
		if err := p.skipIgnored(); err != nil {
			return extent{}, err
		}
		switch {
		case p.at == len(p.runes) || p.peek() == ')':
			return whole.extent(), nil
		case p.back.Len() > maxWrittenBytes:
			return extent{}, errPattern("too long")
		case p.take("|"):
			p.both("|")
			whole.next()
		default:
			item, err := p.quantified()
			if err != nil {
				return extent{}, err
			}
			whole.add(item)
		}
	}
}

// skipIgnored skips comments and, with flag x, white space.
func (p *patternReader) skipIgnored() error {
	for p.at < len(p.runes) {
		switch r := p.peek(); {
		case p.take("(?#"):
			if err := p.comment(); err != nil {
				return err
			}
		case p.flags.extended && r == '#':
			for p.at < len(p.runes) && p.next() != '\n' {
			}
		case p.flags.extended && spaceSet.has(r):
			p.at++
		default:
			return nil
		}
	}
	return nil
}

// comment skips to the closing parenthesis; a backslash hides one.
func (p *patternReader) comment() error {
	for p.at < len(p.runes) {
		switch p.next() {
		case ')':
			return nil
		case '\\':
			p.at = min(p.at+1, len(p.runes))
		}
	}
	return errPattern("end pattern in group")
}

// quantified reads an atom and what repeats it. A possessive repeat becomes an
// atomic group.
func (p *patternReader) quantified() (extent, error) {
	if _, ok, err := p.quantifier(); ok || err != nil {
		return extent{}, cmp.Or(err, errPattern("target of repeat operator is not specified"))
	}
	out, back := p.out.Len(), p.back.Len()
	atom, err := p.atom()
	for repeats := 0; err == nil; repeats++ {
		if err = p.skipIgnored(); err != nil {
			break
		}
		q, ok, wrong := p.quantifier()
		if !ok || wrong != nil {
			return atom, wrong
		}
		if repeats > maxPatternDepth {
			return extent{}, errPattern("too deep nest level")
		}
		if repeats > 0 {
			surround(&p.out, out, "(?:", ")")
			surround(&p.back, back, "(?:", ")")
		}
		p.both(q.text)
		if q.possessive {
			p.backtrack = true
			surround(&p.back, back, "(?>", ")")
		}
		// Only backtracking finds what a group held in an empty last round.
		p.backtrack = p.backtrack || atom.captures && atom.min == 0
		atom = atom.repeated(q)
	}
	return extent{}, err
}

// surround puts what was written from start on between two texts.
func surround(b *strings.Builder, start int, before, after string) {
	text := b.String()
	b.Reset()
	b.WriteString(text[:start])
	b.WriteString(before)
	b.WriteString(text[start:])
	b.WriteString(after)
}

// quantifier is how often an atom is repeated; of most, -1 is without end.
type quantifier struct {
	text        string // as both engines read it
	least, most int
	possessive  bool
}

// maxQuantifier bounds the numbers of a quantifier.
const maxQuantifier = 100_000

// quantifier reads *, +, ?, {n}, {n,}, {n,m} with ? or + after. Any other brace is a literal.
func (p *patternReader) quantifier() (q quantifier, ok bool, err error) {
	if p.at == len(p.runes) {
		return q, false, nil
	}
	switch p.peek() {
	case '*':
		q = quantifier{text: "*", most: -1}
	case '+':
		q = quantifier{text: "+", least: 1, most: -1}
	case '?':
		q = quantifier{text: "?", most: 1}
	case '{':
		return p.interval()
	default:
		return q, false, nil
	}
	p.at++
	p.quantifierKind(&q)
	return q, true, nil
}

func (p *patternReader) quantifierKind(q *quantifier) {
	if p.take("?") {
		q.text += "?"
	} else {
		q.possessive = p.take("+")
	}
}

// interval reads {n}, {n,} and {n,m}; m may be less than n.
func (p *patternReader) interval() (q quantifier, ok bool, err error) {
	end := p.index("}")
	if end < 0 {
		return q, false, nil
	}
	from, to, comma := strings.Cut(string(p.runes[p.at+1:end]), ",")
	least, ok := repeatCount(from)
	if !ok || comma && to != "" && !isDigits(to) {
		return q, false, nil
	}
	most := least
	if comma {
		most, _ = repeatCount(cmp.Or(to, "0"))
	}
	if least > maxQuantifier || most > maxQuantifier {
		return q, false, errPattern("too big number for repeat range")
	}
	p.at = end + 1
	q = quantifier{least: least, most: most, text: "{" + strconv.Itoa(least) + "}"}
	switch {
	case comma && to == "":
		q.most, q.text = -1, "{"+strconv.Itoa(least)+",}"
	case comma:
		q.text = "{" + strconv.Itoa(least) + "," + strconv.Itoa(most) + "}"
	}
	p.quantifierKind(&q)
	return q, true, nil
}

func isDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// repeatCount is a number of a quantifier; a very large one is cut.
func repeatCount(text string) (int, bool) {
	if !isDigits(text) {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		n = maxQuantifier + 1
	}
	return n, true
}

// atom reads what a quantifier may follow.
func (p *patternReader) atom() (extent, error) {
	switch r := p.next(); r {
	case '(':
		return p.group()
	case '[':
		set, err := p.class()
		p.both(set.pattern())
		return oneCodePoint, err
	case '\\':
		return p.escape()
	case '.':
		if p.flags.dotAll {
			p.both(`(?s:.)`)
		} else {
			p.both(`[^\n]`)
		}
	case '^':
		if p.flags.multiLine {
			p.startOfLine()
		} else {
			p.both(`\A`)
		}
		return extent{}, nil
	case '$':
		if p.flags.multiLine {
			p.both(`(?m:$)`)
			return extent{}, nil
		}
		p.endOfText()
		return extent{notBehind: true}, nil
	default:
		p.both(quoteRune(r))
	}
	return oneCodePoint, nil
}

// startOfLine matches at the start and after newlines, but not at the end.
func (p *patternReader) startOfLine() {
	p.finalNewline = true
	p.out.WriteString(`(?m:^)`)
	p.back.WriteString(`(?:\A|(?<=\n)(?!\z))`)
}

// endOfText matches at the end and before a final newline.
func (p *patternReader) endOfText() {
	p.finalNewline = true
	p.out.WriteString(`\z`)
	p.back.WriteString(`(?=\n?\z)`)
}
