package function

import (
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
		count = string(p.runes[p.at : end+1])
		if count[1] == ',' {
			count = "{0" + count[1:]
		}
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

func (p *patternReader) group() (bool, error) {
	open, capture := "(", true
	if p.take("?") {
		capture = false
		switch {
		case p.take("#"):
			end := p.index(")")
			if end < 0 {
				return false, errPattern("end pattern in group")
			}
			p.at = end + 1
			return false, nil
		case p.take(":"):
			open = "(?:"
		case p.take("="):
			open = "(?="
		case p.take("!"):
			open = "(?!"
		case p.take("<="):
			open = "(?<="
		case p.take("<!"):
			open = "(?<!"
		case p.take(">"):
			open = "(?>"
		case p.take("<"), p.take("P<"):
			if err := p.groupName(); err != nil {
				return false, err
			}
			capture = true
		default:
			return p.flagGroup()
		}
	}
	if capture {
		p.groups++
	}
	if open == "(" || open == "(?:" {
		p.both(open)
	} else {
		p.only(open)
	}
	return true, p.groupBody()
}

func (p *patternReader) groupBody() error {
	if err := p.sequence(); err != nil {
		return err
	}
	if !p.take(")") {
		return errPattern("end pattern with unmatched parenthesis")
	}
	p.both(")")
	return nil
}

// groupName reads the name of the group that opens next.
func (p *patternReader) groupName() error {
	end := p.index(">")
	if end <= p.at {
		return errPattern("group name is empty")
	}
	name := string(p.runes[p.at:end])
	p.at = end + 1
	if _, ok := p.names[name]; ok {
		return errPattern("multiplex defined name <" + name + ">")
	}
	p.names[name] = p.groups + 1
	return nil
}

// flagGroup reads (?flags) and (?flags:…).
func (p *patternReader) flagGroup() (bool, error) {
	flags, on, foldCase := p.flags, true, ""
	for p.at < len(p.runes) {
		switch r := p.next(); r {
		case '-':
			on = false
		case 'i':
			foldCase = "(?i"
			if !on {
				foldCase = "(?-i"
			}
		case 'm':
			flags.multiLine = on
		case 's':
			flags.dotAll = on
		case 'x':
			flags.extended = on
		case 'u', 'd':
		case ')':
			p.flags = flags
			if foldCase != "" {
				p.both(foldCase + ")")
			}
			return false, nil
		case ':':
			saved := p.flags
			p.flags = flags
			defer func() { p.flags = saved }()
			if foldCase == "" {
				foldCase = "(?"
			}
			p.both(foldCase + ":")
			return true, p.groupBody()
		default:
			return false, errPattern("undefined group option")
		}
	}
	return false, errPattern("end pattern in group")
}

const wordBoundary = `(?:(?<=[0-9A-Za-z_])(?![0-9A-Za-z_])|(?<![0-9A-Za-z_])(?=[0-9A-Za-z_]))`
const noWordBoundary = `(?:(?<=[0-9A-Za-z_])(?=[0-9A-Za-z_])|(?<![0-9A-Za-z_])(?![0-9A-Za-z_]))`

// escape reads what stands behind a backslash.
func (p *patternReader) escape() error {
	if p.at == len(p.runes) {
		return errPattern("end pattern at escape")
	}
	set, err := p.escapedSet()
	if err != nil {
		return err
	}
	if set != nil {
		p.both(set.pattern())
		return nil
	}
	switch r := p.peek(); {
	case r == 'b' || r == 'B':
		p.at++
		p.out.WriteString(`\` + string(r))
		if r == 'b' {
			p.back.WriteString(wordBoundary)
		} else {
			p.back.WriteString(noWordBoundary)
		}
	case r == 'A' || r == 'z':
		p.at++
		p.both(`\` + string(r))
	case r == 'Z':
		p.at++
		p.endOfText()
	case r == 'G':
		p.at++
		p.only(`\G`)
	case r == 'Q':
		p.at++
		p.quoted()
	case r == 'k':
		return p.namedReference()
	case r >= '1' && r <= '9':
		p.reference()
	default:
		literal, err := p.escapedRune()
		p.both(quoteRune(literal))
		return err
	}
	return nil
}

// quoted reads up to \E as it stands.
func (p *patternReader) quoted() {
	end := p.index(`\E`)
	next := end + 2
	if end < 0 {
		end, next = len(p.runes), len(p.runes)
	}
	for _, r := range p.runes[p.at:end] {
		p.both(quoteRune(r))
	}
	p.at = next
}

// reference reads \1 and the like: as many digits as name a group.
func (p *patternReader) reference() {
	number := 0
	for p.at < len(p.runes) && p.peek() >= '0' && p.peek() <= '9' {
		n := number*10 + int(p.peek()-'0')
		if number > 0 && n > p.groups {
			break
		}
		number = n
		p.at++
	}
	p.only(`(?:\` + strconv.Itoa(number) + `)`)
}

func (p *patternReader) namedReference() error {
	p.at++
	if !p.take("<") {
		return errPattern("invalid backref number/name")
	}
	end := p.index(">")
	if end < 0 {
		return errPattern("invalid backref number/name")
	}
	name := string(p.runes[p.at:end])
	p.at = end + 1
	number, ok := p.names[name]
	if !ok {
		return errPattern("undefined name <" + name + "> reference")
	}
	p.only(`(?:\` + strconv.Itoa(number) + `)`)
	return nil
}

var controlEscapes = map[rune]rune{'t': '\t', 'n': '\n', 'r': '\r', 'f': '\f', 'a': '\a', 'e': 0x1B, 'v': '\v'}

// escapedRune reads an escape that stands for one code point.
func (p *patternReader) escapedRune() (rune, error) {
	r := p.next()
	if c, ok := controlEscapes[r]; ok {
		return c, nil
	}
	switch r {
	case 'x':
		if p.take("{") {
			end := p.index("}")
			if end < 0 {
				return 0, errPattern("invalid code point value")
			}
			digits := end - p.at
			code, err := p.hex(digits)
			p.at++
			return code, err
		}
		return p.hex(2)
	case 'u':
		return p.hex(4)
	case '0':
		code, digits := rune(0), 0
		for ; digits < 3 && p.at < len(p.runes) && p.peek() >= '0' && p.peek() <= '7'; digits++ {
			code = code*8 + p.next() - '0'
		}
		return code, nil
	case 'c':
		if p.at == len(p.runes) {
			return 0, errPattern("end pattern at control")
		}
		return p.next() & 0x1F, nil
	}
	return r, nil
}

func (p *patternReader) hex(digits int) (rune, error) {
	if digits < 1 || digits > 8 || p.at+digits > len(p.runes) {
		return 0, errPattern("too short escape sequence")
	}
	n, err := strconv.ParseUint(string(p.runes[p.at:p.at+digits]), 16, 32)
	if err != nil || n > 0x10FFFF || n >= 0xD800 && n < 0xE000 {
		return 0, errPattern("invalid code point value")
	}
	p.at += digits
	return rune(n), nil
}
