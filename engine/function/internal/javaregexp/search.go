package javaregexp

import (
	"io"
	"strings"
	"unicode/utf8"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
)

// Searches end soon after their statement has: none runs for longer than
// maxStepsAtOnce without a look at the meter, which may be nil.
//
// Go's engine cannot be stopped. So a text that is long for its pattern is given
// to it rune by rune, by a reader that pretends the end of the text once the
// statement has ended; and matches are asked for a few at a time.

const (
	// maxStepsAtOnce is some tenth of a second: a step takes 10 to 50 ns.
	maxStepsAtOnce = 4 << 20
	// groupsPerStep is how many groups are copied in the time of a step.
	groupsPerStep = 8
	// maxMatchesAtOnce bounds the matches that are listed before they are visited.
	maxMatchesAtOnce = 1 << 12
)

// linearFor reports whether Go's engine finds what Java would in text.
func (p *Pattern) linearFor(text string) bool {
	return p.linear != nil && !(p.finalNewline && strings.HasSuffix(text, "\n")) && !(p.asciiOnly && !batch.IsASCII(text))
}

// hopeless reports that text lacks what every match holds.
func (p *Pattern) hopeless(text string) bool {
	return p.required != nil && !p.required.Match(nil, text)
}

// RequiredTexts returns plain texts that stand in each text with a match, in
// their order; contains: there is one, and each text that has it has a match.
func (p *Pattern) RequiredTexts() (texts []string, contains bool) {
	if p.required == nil {
		return nil, false
	}
	texts, _ = p.required.PlainTexts()
	return texts, p.literal != ""
}

// isLong reports whether a search of text is more than maxStepsAtOnce.
func (p *Pattern) isLong(text string) bool { return len(text) > maxStepsAtOnce/p.stepsPerByte }

// matches reports whether the pattern is found in text.
func (p *Pattern) Matches(m *memory.Meter, text string) (bool, error) {
	if p.hopeless(text) {
		return false, nil
	}
	if p.literal != "" {
		return true, nil
	}
	if !p.linearFor(text) {
		return p.backtracking.matches(m, p, text)
	}
	if !p.isLong(text) {
		if s := p.startsFor(text); s != nil {
			if at, known := s.find(text, 0); known {
				return at >= 0, nil
			}
		}
		return p.linear.MatchString(text), nil
	}
	r := &stoppableReader{text: text, meter: m}
	if !p.looksBack {
		r.text = text[max(strings.Index(text, p.prefix), 0):]
	}
	found := p.linear.MatchReader(r)
	return found, r.err
}

// FirstMatch finds the first match: the bytes of group g are loc[2g]…loc[2g+1]-1, -1 for a
// group without match. Of the groups loc has the first ones, groups at least. It is nil when
// there is no match.
func (p *Pattern) FirstMatch(m *memory.Meter, text string, groups int) (loc []int, err error) {
	if p.hopeless(text) {
		return nil, nil
	}
	if p.linearFor(text) {
		if p.isLong(text) {
			return p.nextOfLong(m, text, 0)
		}
		return p.nextOfShort(text, groups), nil
	}
	err = p.backtracking.each(m, p, text, 0, func(found []int) bool {
		loc = found
		return false
	})
	return loc, err
}

// EachMatch calls visit for the matches in order until it returns false. After an
// empty match the search continues one code point further. Visits may get the
// same slice.
func (p *Pattern) EachMatch(m *memory.Meter, text string, visit func(loc []int) bool) error {
	if p.hopeless(text) {
		return nil
	}
	if p.literal != "" {
		return p.eachLiteral(m, text, visit)
	}
	if p.mayBeEmpty || !p.linearFor(text) {
		return p.backtracking.each(m, p, text, 0, visit)
	}
	one := &oneMatch{}
	for from := 0; from >= 0; {
		if err := m.Stopped(); err != nil {
			return err
		}
		matches, more, err := p.someMatches(m, text, from, one)
		if err != nil {
			return err
		}
		for _, loc := range matches {
			if !visit(loc) {
				return nil
			}
		}
		if !more {
			return nil
		}
		from = matches[len(matches)-1][1]
	}
	return nil
}

// eachLiteral is each for a pattern that is a plain text. Each visit gets the
// same slice.
func (p *Pattern) eachLiteral(m *memory.Meter, text string, visit func(loc []int) bool) error {
	loc := make([]int, 2)
	for from := 0; ; from = loc[1] {
		if err := m.Stopped(); err != nil {
			return err
		}
		at := strings.Index(text[from:], p.literal)
		if at < 0 {
			return nil
		}
		loc[0], loc[1] = from+at, from+at+len(p.literal)
		if !visit(loc) {
			return nil
		}
	}
}

// oneMatch is room for a match without groups.
type oneMatch struct {
	list [1][]int
	loc  [2]int
}

// someMatches finds the first matches from a place on, which is 0 or the end of
// another match. None of them is empty. They may be in one, which the next call
// overwrites. more: there may be others.
func (p *Pattern) someMatches(m *memory.Meter, text string, from int, one *oneMatch) (matches [][]int, more bool, err error) {
	rest := text[from:]
	if from > 0 && p.looksBack || p.isLong(rest) {
		loc, err := p.nextOfLong(m, text, from)
		if loc == nil || err != nil {
			return nil, false, err
		}
		return [][]int{loc}, true, nil
	}
	if s := p.startsFor(rest); s != nil {
		if at, known := s.find(text, from); known {
			if at < 0 {
				return nil, false, nil
			}
			one.list[0] = p.matchAt(s, text, at, p.Groups, &one.loc)
			return one.list[:], true, nil
		}
	}
	most := min(maxStepsAtOnce/(p.stepsPerByte*(len(rest)+1))+1, maxMatchesAtOnce)
	matches = p.linear.FindAllStringSubmatchIndex(rest, most)
	for _, loc := range matches {
		shift(loc, from)
	}
	return matches, len(matches) == most, nil
}

// nextOfShort finds the first match in a text that is not long, with groups as FirstMatch does; nil if there is none.
func (p *Pattern) nextOfShort(text string, groups int) []int {
	if s := p.startsFor(text); s != nil {
		if at, known := s.find(text, 0); known {
			if at < 0 {
				return nil
			}
			return p.matchAt(s, text, at, groups, new([2]int))
		}
	}
	return p.linear.FindStringSubmatchIndex(text)
}

// matchAt returns the match that begins at a place where starts found one, in room if none of its groups is asked for.
func (p *Pattern) matchAt(s *starts, text string, at, groups int, room *[2]int) []int {
	rest := text[at:]
	if end, known := s.end(text, at); known {
		if groups == 0 {
			*room = [2]int{at, end}
			return room[:]
		}
		if !s.asksForEnd {
			rest = text[at:end] // without assertions, what follows the match does not matter to its groups
		}
	}
	loc := p.linear.FindStringSubmatchIndex(rest)
	shift(loc, at)
	return loc
}

// nextOfLong finds the first match from a place on, see someMatches; nil if
// there is none.
func (p *Pattern) nextOfLong(m *memory.Meter, text string, from int) ([]int, error) {
	re, base := p.linear, from
	switch {
	case !p.looksBack:
		at := strings.Index(text[from:], p.prefix)
		if at < 0 {
			return nil, nil
		}
		base = from + at
	case from > 0:
		_, width := utf8.DecodeLastRuneInString(text[:from])
		re, base = p.later(), from-width
	}
	var loc []int
	if rest := text[base:]; p.isLong(rest) {
		r := &stoppableReader{text: rest, meter: m}
		loc = re.FindReaderSubmatchIndex(r)
		if r.err != nil {
			return nil, r.err
		}
	} else {
		loc = re.FindStringSubmatchIndex(rest)
	}
	if loc != nil && re != p.linear {
		loc = loc[2:]
	}
	shift(loc, base)
	return loc, nil
}

// shift moves the groups of a match that have one.
func shift(loc []int, by int) {
	for i, at := range loc {
		if at >= 0 {
			loc[i] = at + by
		}
	}
}

// stoppableReader reads a text until the statement ends, err then says why.
type stoppableReader struct {
	text  string
	meter *memory.Meter
	err   error
}

var _ io.RuneReader = (*stoppableReader)(nil)

// ReadRune implements io.RuneReader.
func (r *stoppableReader) ReadRune() (rune, int, error) {
	if r.err = r.meter.Stopped(); r.err != nil || r.text == "" {
		return 0, 0, io.EOF
	}
	c, width := utf8.DecodeRuneInString(r.text)
	r.text = r.text[width:]
	return c, width, nil
}
