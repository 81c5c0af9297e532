package javaregexp

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// wordClass is what counts as a word for \b, which is more than \w.
const wordClass = `[\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}]`
const wordBoundary = `(?:(?<=` + wordClass + `)(?!` + wordClass + `)|(?<!` + wordClass + `)(?=` + wordClass + `))`
const noWordBoundary = `(?:(?<=` + wordClass + `)(?=` + wordClass + `)|(?<!` + wordClass + `)(?!` + wordClass + `))`

func isWordRune(r rune) bool {
	return unicode.In(r, unicode.L, unicode.M, unicode.Nd, unicode.Nl, unicode.Pc)
}

// escape reads what stands after a backslash.
func (p *patternReader) escape() (extent, error) {
	if p.at == len(p.runes) {
		return extent{}, errPattern("end pattern at escape")
	}
	set, err := p.escapedSet()
	if err != nil {
		return extent{}, err
	}
	if set != nil {
		p.set(set)
		return oneCodePoint, nil
	}
	switch r := p.peek(); {
	case r == 'b' || r == 'B':
		p.at++
		p.boundary(r)
		return extent{}, nil
	case r == 'A':
		p.at++
		p.both(`\A`)
		return extent{}, nil
	case r == 'z':
		p.at++
		p.both(`\z`)
		return extent{notBehind: true}, nil
	case r == 'Z':
		p.at++
		p.endOfText()
		return extent{notBehind: true}, nil
	case r == 'G':
		p.at++
		p.only(`\G`)
		return extent{}, nil
	case r == 'Q':
		p.at++
		return p.quoted(), nil
	case p.take("k<"):
		return extent{max: -1, notBehind: true}, p.namedReference(">")
	case p.take("k'"):
		return extent{max: -1, notBehind: true}, p.namedReference("'")
	case r >= '0' && r <= '9':
		return p.numbered(), nil
	}
	literal, err := p.escapedRune()
	p.rune(literal)
	return oneCodePoint, err
}

// set writes a set, whose letter case counts in any case.
func (p *patternReader) set(s runeSet) {
	text := s.pattern()
	if p.flags.ignoreCase {
		text = "(?-i:" + text + ")"
	}
	p.both(text)
}

// rune writes a code point; a raw byte, the ones that begin with it.
func (p *patternReader) rune(r rune) {
	if r > unicode.MaxRune {
		p.set(wholeRunes([]runeRange{{r, r}}))
		return
	}
	p.both(quoteRune(r))
}

func (p *patternReader) boundary(letter rune) {
	p.wordBoundary = true
	p.out.WriteString(`\` + string(letter))
	if letter == 'b' {
		p.back.WriteString(wordBoundary)
	} else {
		p.back.WriteString(noWordBoundary)
	}
}

// quoted reads up to \E as it stands. What repeats it repeats the last code point.
func (p *patternReader) quoted() extent {
	end := p.index(`\E`)
	next := end + 2
	if end < 0 {
		end, next = len(p.runes), len(p.runes)
	}
	length := end - p.at
	for _, r := range p.runes[p.at:end] {
		p.both(quoteRune(r))
	}
	p.at = next
	return extent{min: length, max: length}
}

// numbered reads \1 and the like: a group's number if it has one digit or the pattern has that many groups by now,
// else a byte in octal.
func (p *patternReader) numbered() extent {
	number, at := 0, p.at
	for p.at < len(p.runes) && p.peek() >= '0' && p.peek() <= '9' && number < 1000 {
		number = number*10 + int(p.next()-'0')
	}
	if p.runes[at] != '0' && (number <= 9 || number <= p.groups) {
		p.reference(number)
		return extent{max: -1, notBehind: true}
	}
	p.at = at
	switch p.peek() {
	case '8', '9':
		p.rune(p.next())
	case '0':
		p.at++
		p.rune(rawByte(p.octal(2)))
	default:
		p.rune(rawByte(p.octal(3)))
	}
	return oneCodePoint
}

func (p *patternReader) reference(number int) {
	p.only(`(?:\` + strconv.Itoa(number) + `)`)
}

// namedReference reads \k<name> and \k<number>; -1 is the group before.
func (p *patternReader) namedReference(closing string) error {
	end := p.index(closing)
	if end < 0 {
		return errPattern("invalid backref number/name")
	}
	name := string(p.runes[p.at:end])
	p.at = end + 1
	number, ok := p.names[name]
	if n, err := strconv.Atoi(name); err == nil {
		if n < 0 {
			n += p.groups + 1
		}
		number, ok = n, n > 0
	}
	if !ok {
		return errPattern("undefined name <" + name + "> reference")
	}
	p.reference(number)
	return nil
}

var controlEscapes = map[rune]rune{'t': '\t', 'n': '\n', 'r': '\r', 'f': '\f', 'a': '\a', 'e': 0x1B, 'v': '\v'}

// escapedRune reads an escape for one code point. An x or u without digits is a plain letter.
func (p *patternReader) escapedRune() (rune, error) {
	if p.ahead("x{") {
		return p.bracedHex()
	}
	r := p.next()
	if c, ok := controlEscapes[r]; ok {
		return c, nil
	}
	switch r {
	case 'x', 'u':
		if !p.hexAhead() {
			return r, nil
		}
		if r == 'x' {
			return p.rawBytes(p.hex(2)), nil
		}
		return wellFormed(p.hex(4)), nil
	case 'c':
		return p.control()
	}
	return r, nil
}

// control reads what follows \c.
func (p *patternReader) control() (rune, error) {
	if p.at == len(p.runes) {
		return 0, errPattern("end pattern at control")
	}
	r := p.next()
	if r == '?' {
		return 0x7F, nil
	}
	if r == '\\' {
		if p.at == len(p.runes) {
			return 0, errPattern("end pattern at escape")
		}
		var err error
		if r, err = p.escapedRune(); err != nil {
			return 0, err
		}
	}
	return r & 0x1F, nil
}

// bracedHex reads x{H…}; anything else in the braces makes the x plain.
func (p *patternReader) bracedHex() (rune, error) {
	at := p.at + 1
	p.at += len("x{")
	if p.hexAhead() {
		code := p.hex(8)
		if p.take("}") {
			return wellFormed(code), nil
		}
		if p.hexAhead() {
			return 0, errPattern("too long wide-char value")
		}
	}
	p.at = at
	return 'x', nil
}

func (p *patternReader) hexAhead() bool {
	return p.at < len(p.runes) && strings.ContainsRune("0123456789abcdefABCDEF", p.peek())
}

// wellFormed replaces what is no code point by a byte that matches nothing.
func wellFormed(r rune) rune {
	if r < 0 || !utf8.ValidRune(r) {
		return rawByte(0xFF)
	}
	return r
}

// hex reads at most the given number of digits.
func (p *patternReader) hex(digits int) rune { return p.number(digits, 16) }

func (p *patternReader) octal(digits int) rune { return p.number(digits, 8) & 0xFF }

func (p *patternReader) number(digits, base int) rune {
	code := int64(0)
	for ; digits > 0 && p.at < len(p.runes) && p.peek() < utf8.RuneSelf; digits-- {
		n, err := strconv.ParseInt(string(p.peek()), base, 32)
		if err != nil {
			break
		}
		code = code*int64(base) + n
		p.at++
	}
	return rune(min(code, unicode.MaxRune+1))
}
