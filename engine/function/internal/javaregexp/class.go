package javaregexp

import "regexp"

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

// class is a bracket expression while it is read. A minus makes a range of the
// last code point, which a class in between does not make forgotten: [a\d-z]
// is [\da-z], and [\w-.] begins at code point 0.
type class struct {
	ranges  []runeRange
	state   classState
	last    rune
	isClass bool // the last item was a class, not last
}

type classState byte

const (
	classStart classState = iota
	classValue            // after a code point that may begin a range, or a class
	classRange            // after the minus of a range
	classWhole            // after a range or a nested class
)

func (c *class) addSet(s runeSet) { c.ranges = append(c.ranges, s...) }

// flush adds a code point that began no range.
func (c *class) flush() {
	if c.state == classValue && !c.isClass {
		c.ranges = append(c.ranges, runeRange{c.last, c.last})
	}
}

func (c *class) rune(r rune) error {
	switch c.state {
	case classRange:
		if c.last > r {
			return errPattern("empty range in char class")
		}
		c.ranges = append(c.ranges, runeRange{c.last, r})
		c.state = classWhole
	default:
		c.flush()
		c.state = classValue
	}
	c.last, c.isClass = r, false
	return nil
}

func (c *class) class(s runeSet) error {
	if c.state == classRange {
		return errPattern("char-class value at end of range")
	}
	c.flush()
	c.addSet(s)
	c.state, c.isClass = classValue, true
	return nil
}

// nested adds a class in brackets; a range begun before it is given up.
func (c *class) nested(s runeSet) {
	c.flush()
	c.addSet(s)
	c.state = classWhole
}

// set ends the class, or its part before &&.
func (c *class) set() runeSet {
	c.flush()
	return wholeRunes(c.ranges)
}

// class reads a bracket expression after its "[": ranges, escapes, nested
// classes and intersections with &&.
func (p *patternReader) class() (runeSet, error) {
	if p.depth++; p.depth > maxPatternDepth {
		return nil, errPattern("too deep nest level")
	}
	defer func() { p.depth-- }()
	negate := p.take("^")
	whole, part := allRunes, class{}
	for first := true; ; first = false {
		var err error
		switch {
		case p.at == len(p.runes):
			return nil, errPattern("premature end of char-class")
		case !first && p.take("]"):
			set := whole.intersection(part.set())
			if negate {
				set = set.negated()
			}
			return set, nil
		case p.take("&&"):
			whole, part = whole.intersection(part.set()), class{}
		case p.take("[:"):
			err = p.posixClass(&part)
		case p.take("["):
			err = p.nestedClass(&part)
		case p.take("-"):
			err = p.minus(&part)
		default:
			err = p.classItem(&part)
		}
		if err != nil {
			return nil, err
		}
	}
}

func (p *patternReader) nestedClass(c *class) error {
	nested, err := p.class()
	c.nested(nested)
	return err
}

// minus reads what follows a "-": it stands for itself at the ends and after
// "[a-", and for nothing after a range.
func (p *patternReader) minus(c *class) error {
	last := p.at == len(p.runes) || p.peek() == ']' || p.ahead("&&")
	switch {
	case c.state == classStart || c.state == classRange || last:
		return c.rune('-')
	case c.state == classValue:
		c.state = classRange
	}
	return nil
}

func (p *patternReader) posixClass(c *class) error {
	end, bracket := p.index(":]"), p.index("]")
	if end < 0 || bracket < end {
		p.at-- // a class that begins with a colon
		return p.nestedClass(c)
	}
	negate := p.take("^")
	name := string(p.runes[p.at:end])
	p.at = end + 2
	named, ok := posixSets[name]
	if !ok {
		return errPattern("invalid POSIX bracket type: " + name)
	}
	set := named()
	if negate {
		set = set.negated()
	}
	return c.class(set)
}

// classItem reads a code point or an escaped class.
func (p *patternReader) classItem(c *class) error {
	r := p.next()
	if r != '\\' {
		return c.rune(r)
	}
	if p.at == len(p.runes) {
		return errPattern("end pattern at escape")
	}
	set, err := p.escapedSet()
	if err != nil {
		return err
	}
	if set != nil {
		return c.class(set)
	}
	switch r := p.peek(); {
	case r == 'b':
		p.at++
		return c.rune('\b')
	case r >= '0' && r <= '7':
		return c.rune(rawByte(p.octal(3)))
	}
	r, err = p.escapedRune()
	if err != nil {
		return err
	}
	return c.rune(r)
}

// escapedSet reads \d, \p{…} and the like after the backslash, nil for other escapes.
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
	end := p.at + 1 // \pL
	if p.take("{") {
		end = p.index("}")
	}
	if end < 0 || end > len(p.runes) {
		return nil, errPattern("invalid character property name")
	}
	name := string(p.runes[p.at:end])
	p.at = end
	p.take("}")
	set, ok := propertySet(name)
	if !ok {
		return nil, errPattern("invalid character property name <" + name + ">")
	}
	if letter == 'P' {
		set = set.negated()
	}
	return set, nil
}

func quoteRune(r rune) string { return regexp.QuoteMeta(string(r)) }
