package function

import "strconv"

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
