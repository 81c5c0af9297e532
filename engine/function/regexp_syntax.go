package function

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
	// finalNewline: a $ that also matches before a final newline, which Go's
	// engine matches at the very end only.
	finalNewline bool
	groups       int
	names        map[string]int
	depth        int
}

type patternFlags struct{ multiLine, dotAll, extended bool }

// maxPatternDepth bounds nested groups.
const maxPatternDepth = 500

func errPattern(message string) error { return errors.New(message) }

func (p *patternReader) peek() rune { return p.runes[p.at] }

func (p *patternReader) next() rune {
	p.at++
	return p.runes[p.at-1]
}

// take reads text if it is next.
func (p *patternReader) take(text string) bool {
	want := []rune(text)
	if len(p.runes)-p.at < len(want) || !slices.Equal(p.runes[p.at:p.at+len(want)], want) {
		return false
	}
	p.at += len(want)
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
func (p *patternReader) sequence() error {
	saved := p.flags
	defer func() { p.flags = saved }()
	if p.depth++; p.depth > maxPatternDepth {
		return errPattern("too deep nest level")
	}
	defer func() { p.depth-- }()
	repeatable := false
	for p.at < len(p.runes) {
		switch r := p.peek(); {
		case r == ')':
			return nil
		case r == '|':
			p.at++
			p.both("|")
			repeatable = false
		case p.flags.extended && (spaceSet.has(r) || r == '#'):
			p.skipExtended()
		default:
			quantified, err := p.quantified(repeatable)
			if err != nil {
				return err
			}
			repeatable = quantified
		}
	}
	return nil
}

func (s runeSet) has(r rune) bool {
	for _, part := range s {
		if r >= part.lo && r <= part.hi {
			return true
		}
	}
	return false
}

// skipExtended skips white space or a comment.
func (p *patternReader) skipExtended() {
	if p.next() != '#' {
		return
	}
	for p.at < len(p.runes) && p.next() != '\n' {
	}
}

// quantified reads an atom and what repeats it; it reports whether there was
// an atom. A possessive repeat becomes an atomic group.
func (p *patternReader) quantified(repeatable bool) (bool, error) {
	start := p.back.Len()
	if count, ok := p.quantifier(); ok {
		if !repeatable {
			return false, errPattern("target of repeat operator is not specified")
		}
		p.both(count)
		return true, nil
	}
	atom, err := p.atom()
	if err != nil || !atom {
		return false, err
	}
	for {
		count, ok := p.quantifier()
		if !ok {
			return true, nil
		}
		if body, possessive := strings.CutSuffix(count, "\x00"); possessive {
			text := p.back.String()
			p.back.Reset()
			p.back.WriteString(text[:start])
			p.only("(?>" + text[start:] + body + ")")
			continue
		}
		if p.at < len(p.runes) && strings.ContainsRune("*+?{", p.peek()) { // a repeat of a repeat
			text := p.back.String()
			p.back.Reset()
			p.back.WriteString(text[:start])
			p.only("(?:" + text[start:] + count + ")")
			continue
		}
		p.both(count)
	}
}

// quantifier reads *, +, ?, {n}, {n,}, {n,m} with ? or + behind; a possessive
// one ends with a zero byte. A brace that is none of this stands for itself.
func (p *patternReader) quantifier() (string, bool) {
	if p.at == len(p.runes) {
		return "", false
	}
	count := ""
	switch p.peek() {
	case '*', '+', '?':
		count = string(p.next())
	case '{':
		end := p.index("}")
		if end < 0 || !isInterval(string(p.runes[p.at+1:end])) {
			return "", false
		}
		count = interval(string(p.runes[p.at+1 : end]))
		p.at = end + 1
	default:
		return "", false
	}
	if p.take("?") {
		return count + "?", true
	}
	if p.take("+") {
		return count + "\x00", true
	}
	return count, true
}

// interval writes m,n in braces, without what Go's engine takes for plain text:
// leading zeros, and an m that is left out.
func interval(text string) string {
	from, to, comma := strings.Cut(text, ",")
	from = cmp.Or(strings.TrimLeft(from, "0"), "0")
	if to != "" {
		to = cmp.Or(strings.TrimLeft(to, "0"), "0")
	}
	if comma {
		return "{" + from + "," + to + "}"
	}
	return "{" + from + "}"
}

func isInterval(text string) bool {
	from, to, comma := strings.Cut(text, ",")
	if !isNumber(from) && !(from == "" && comma && to != "") {
		return false
	}
	return !comma || to == "" || isNumber(to)
}

func isNumber(text string) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n >= 0 && n <= 100000 && text[0] != '+' && text[0] != '-'
}

// atom reads what a quantifier may follow; false for a flag setting or comment.
func (p *patternReader) atom() (bool, error) {
	switch r := p.next(); r {
	case '(':
		return p.group()
	case '[':
		set, err := p.class()
		p.both(set.pattern())
		return true, err
	case '\\':
		return true, p.escape()
	case '.':
		if p.flags.dotAll {
			p.both(`(?s:.)`)
		} else {
			p.both(`[^\n]`)
		}
	case '^':
		if p.flags.multiLine {
			p.both(`(?m:^)`)
		} else {
			p.both(`\A`)
		}
	case '$':
		if p.flags.multiLine {
			p.both(`(?m:$)`)
		} else {
			p.endOfText()
		}
	default:
		p.both(quoteRune(r))
	}
	return true, nil
}

// endOfText matches at the end and before a final newline.
func (p *patternReader) endOfText() {
	p.finalNewline = true
	p.out.WriteString(`\z`)
	p.back.WriteString(`(?=\n?\z)`)
}
