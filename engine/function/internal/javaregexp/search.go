package javaregexp

import (
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
)

// Searches end soon after their statement has: none runs for more than maxStepsAtOnce steps without checking the
// meter, which may be nil.
//
// Go's engine cannot be stopped. So it gets a text that is long for its pattern rune by rune, from a reader that
// pretends the end of the text once the statement has ended. Matches are requested a few at a time.

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

// Search is a pattern for one goroutine, which charges its searches to one meter.
type Search struct {
	*Pattern
	meter *memory.Meter
	loc   []int // room for the places of a match
}

// Search begins searches that are charged to m, which may be nil.
func (p *Pattern) Search(m *memory.Meter) *Search {
	s := &Search{Pattern: p, meter: m}
	if p.linear != nil { // whose memory has been counted with these places
		s.loc = make([]int, 2*(p.Groups+1))
	}
	return s
}

// Matches reports whether the pattern is found in text.
func (s *Search) Matches(text string) (bool, error) {
	if s.hopeless(text) {
		return false, nil
	}
	if s.literal != "" {
		return true, nil
	}
	if !s.linearFor(text) {
		return s.backtracking.matches(s.meter, s.Pattern, text)
	}
	if table := s.startsFor(text); table != nil {
		if at, known := table.find(text, 0); known {
			return at >= 0, nil
		}
	}
	if !s.isLong(text) {
		return s.linear.MatchString(text), nil
	}
	r := &stoppableReader{text: text, meter: s.meter}
	if !s.looksBack {
		r.text = text[max(strings.Index(text, s.prefix), 0):]
	}
	found := s.linear.MatchReader(r)
	return found, r.err
}

// FirstMatch finds the first match: the bytes of group g are loc[2g]…loc[2g+1]-1, -1 for a
// group without match. Of the groups loc has the first ones, groups at least. It is nil when
// there is no match, and the next search overwrites it.
func (s *Search) FirstMatch(text string, groups int) (loc []int, err error) {
	if s.hopeless(text) {
		return nil, nil
	}
	if !s.linearFor(text) {
		err = s.backtracking.each(s.meter, s.Pattern, text, 0, func(found []int) bool {
			loc = found
			return false
		})
		return loc, err
	}
	if table := s.startsFor(text); table != nil {
		if at, known := table.find(text, 0); known {
			if at < 0 {
				return nil, nil
			}
			return s.matchAt(table, text, at, groups)
		}
	}
	if s.isLong(text) {
		return s.nextOfLong(s.meter, text, 0)
	}
	return s.linear.FindStringSubmatchIndex(text), nil
}

// EachMatch calls visit for the matches in order until it returns false, with places as of FirstMatch.
// After an empty match the search continues one code point further. Visits may get the same slice.
func (s *Search) EachMatch(text string, groups int, visit func(loc []int) bool) error {
	if s.literal != "" {
		return s.eachLiteral(text, visit)
	}
	if s.runs != nil {
		return s.eachRun(text, visit)
	}
	if s.hopeless(text) {
		return nil
	}
	if s.mayBeEmpty || !s.linearFor(text) {
		return s.backtracking.each(s.meter, s.Pattern, text, 0, visit)
	}
	from, err := s.eachStarted(text, groups, visit)
	for from >= 0 && err == nil {
		if err = s.meter.Stopped(); err == nil {
			from, err = s.someMatches(text, from, visit)
		}
	}
	return err
}

// bytesBetweenLooks is how many bytes may be searched without checking the meter. In longer texts the search checks
// it at each match, or once in bytesBetweenLooks bytes for runs, which are found faster than a check takes.
const bytesBetweenLooks = 1 << 10

// eachLiteral is EachMatch for a pattern that is a plain text.
func (s *Search) eachLiteral(text string, visit func(loc []int) bool) error {
	loc := s.loc[:2]
	for from := 0; ; from = loc[1] {
		at := strings.Index(text[from:], s.literal)
		if at < 0 {
			return nil
		}
		loc[0], loc[1] = from+at, from+at+len(s.literal)
		if !visit(loc) {
			return nil
		}
		if len(text) > bytesBetweenLooks {
			if err := s.meter.Stopped(); err != nil {
				return err
			}
		}
	}
}

// eachStarted is EachMatch as far as starts find matches: the rest of them is to be searched from a place on, which
// is -1 if there is none.
func (s *Search) eachStarted(text string, groups int, visit func(loc []int) bool) (rest int, err error) {
	table := s.startsFor(text)
	if table == nil {
		return 0, nil
	}
	for from := 0; ; {
		at, known := table.find(text, from)
		switch {
		case !known:
			return from, nil
		case at < 0:
			return -1, nil
		}
		loc, err := s.matchAt(table, text, at, groups)
		if err != nil || !visit(loc) {
			return -1, err
		}
		from = loc[1]
		if len(text) > bytesBetweenLooks {
			if err := s.meter.Stopped(); err != nil {
				return -1, err
			}
		}
	}
}

// matchAt returns the match that begins at a place where starts found one.
func (s *Search) matchAt(table *starts, text string, at, groups int) (loc []int, err error) {
	rest := text[at:]
	if end, known := table.end(text, at); known {
		switch {
		case groups == 0:
			s.loc[0], s.loc[1] = at, end
			return s.loc[:2], nil
		case table.groups.known:
			table.locate(s.loc, text, at, end)
			return s.loc, nil
		case !table.asksForEnd:
			rest = text[at:end] // without assertions, what follows the match does not matter to its groups
		}
	}
	if at > 0 && s.looksBack {
		return s.nextOfLong(s.meter, text, at)
	}
	loc, err = s.firstOf(s.linear, s.meter, rest)
	shift(loc, at)
	return loc, err
}

// someMatches visits the first matches from a place on, which is 0 or the end of another match. None of them is empty.
// The rest is to be searched from another place on, which is -1 if there is none.
func (s *Search) someMatches(text string, from int, visit func(loc []int) bool) (rest int, err error) {
	after := text[from:]
	if from > 0 && s.looksBack || s.isLong(after) {
		loc, err := s.nextOfLong(s.meter, text, from)
		if loc == nil || err != nil || !visit(loc) {
			return -1, err
		}
		return loc[1], nil
	}
	most := min(maxStepsAtOnce/(s.stepsPerByte*(len(after)+1))+1, maxMatchesAtOnce)
	matches := s.linear.FindAllStringSubmatchIndex(after, most)
	rest = -1
	for _, loc := range matches {
		shift(loc, from)
		if !visit(loc) {
			return -1, nil
		}
		rest = loc[1]
	}
	if len(matches) < most {
		return -1, nil
	}
	return rest, nil
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
	loc, err := p.firstOf(re, m, text[base:])
	if err != nil {
		return nil, err
	}
	if loc != nil && re != p.linear {
		loc = loc[2:]
	}
	shift(loc, base)
	return loc, nil
}

// firstOf finds the first match of an expression that is linear or later, nil if there is none. A long text is read
// so that it can be stopped.
func (p *Pattern) firstOf(re *regexp.Regexp, m *memory.Meter, text string) ([]int, error) {
	if !p.isLong(text) {
		return re.FindStringSubmatchIndex(text), nil
	}
	r := &stoppableReader{text: text, meter: m}
	loc := re.FindReaderSubmatchIndex(r)
	if r.err != nil {
		return nil, r.err
	}
	return loc, nil
}

// shift moves the groups of a match by an offset, except for groups without a match.
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
