package javaregexp

import (
	"strings"
	"unicode"
)

// group reads what stands after an opening parenthesis.
func (p *patternReader) group() (extent, error) {
	if !p.take("?") {
		return p.capture()
	}
	switch {
	case p.take(":"):
		p.both("(?:")
		return p.groupBody()
	case p.take("="):
		return p.look("(?=")
	case p.take("!"):
		return p.look("(?!")
	case p.take("<="):
		return p.lookBehind("(?<=")
	case p.take("<!"):
		return p.lookBehind("(?<!")
	case p.take(">"):
		p.only("(?>")
		body, err := p.groupBody()
		body.even, body.notBehind = false, true
		return body, err
	case p.take("<"):
		if err := p.groupName('>'); err != nil {
			return extent{}, err
		}
		return p.capture()
	case p.take("'"):
		if err := p.groupName('\''); err != nil {
			return extent{}, err
		}
		return p.capture()
	}
	return p.flagGroup()
}

func (p *patternReader) capture() (extent, error) {
	p.groups++
	p.both("(")
	body, err := p.groupBody()
	body.even, body.captures = false, true
	return body, err
}

func (p *patternReader) look(open string) (extent, error) {
	p.only(open)
	body, err := p.groupBody()
	return extent{captures: body.captures, notBehind: true}, err
}

func (p *patternReader) lookBehind(open string) (extent, error) {
	p.only(open)
	body, err := p.groupBody()
	if err == nil && (body.notBehind || !body.fixed() && !body.even || body.captures && open == "(?<!") {
		err = errPattern("invalid pattern in look-behind")
	}
	return extent{captures: body.captures}, err
}

func (p *patternReader) groupBody() (extent, error) {
	body, err := p.sequence()
	if err != nil {
		return body, err
	}
	if !p.take(")") {
		return body, errPattern("end pattern with unmatched parenthesis")
	}
	p.both(")")
	return body, nil
}

// groupName reads the name of the group that opens next, up to its end.
func (p *patternReader) groupName(end rune) error {
	at := p.index(string(end))
	if at <= p.at {
		return errPattern("group name is empty")
	}
	name := string(p.runes[p.at:at])
	first := p.peek()
	if unicode.IsDigit(first) || strings.Contains(name, ")") {
		return errPattern("invalid group name <" + name + ">")
	}
	if !isWordRune(first) {
		return errPattern("invalid char in group name <" + name + ">")
	}
	p.at = at + 1
	if _, ok := p.names[name]; ok {
		return errPattern("multiplex defined name <" + name + ">")
	}
	p.names[name] = p.groups + 1
	return nil
}

// flagGroup reads (?flags:…), and (?flags), whose flags hold up to the end of
// the group around them, alternatives included.
func (p *patternReader) flagGroup() (extent, error) {
	saved := p.flags
	defer func() { p.flags = saved }()
	start, on := p.at, true
	for p.at < len(p.runes) {
		switch r := p.next(); r {
		case '-':
			on = false
		case 'i':
			p.flags.ignoreCase = on
		case 'm':
			p.flags.multiLine = on
		case 's':
			p.flags.dotAll = on
		case 'x':
			p.flags.extended = on
		case ')', ':':
			if r == ')' && p.at == start+1 {
				return extent{}, errPattern("undefined group option")
			}
			return p.flagged(saved, r == ':')
		default:
			return extent{}, errPattern("undefined group option")
		}
	}
	return extent{}, errPattern("end pattern in group")
}

// flagged reads what the flags hold for; its own group ends with a parenthesis.
func (p *patternReader) flagged(before patternFlags, own bool) (body extent, err error) {
	switch {
	case p.flags.ignoreCase == before.ignoreCase:
		p.both("(?:")
	case p.flags.ignoreCase:
		p.both("(?i:")
	default:
		p.both("(?-i:")
	}
	if own {
		body, err = p.groupBody()
	} else {
		body, err = p.sequence()
		p.both(")")
	}
	body.notBehind = body.notBehind || p.flags != before
	return body, err
}
