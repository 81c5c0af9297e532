package function

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"

	"github.com/auditlake/auditlake/planner/types"
)

// pattern is a compiled regular expression of Java's syntax. It runs on Go's
// engine, whose time is linear, where both mean the same, and else on a
// backtracking one with a time limit. It is safe for concurrent use.
type pattern struct {
	source string
	groups int
	names  map[string]int

	linear *regexp.Regexp // nil: the pattern needs backtracking
	// required fits every text with a match; nil: not known.
	required *likeMatcher
	// isLiteral: required is all there is to the pattern.
	isLiteral bool
	// finalNewline: linear is wrong about texts with a final newline.
	finalNewline bool
	// asciiOnly: linear is wrong about texts that are more than ASCII.
	asciiOnly bool
	// mayBeEmpty: linear leaves out empty matches behind other matches.
	mayBeEmpty bool

	backtracking func() (*regexp2.Regexp, error)
}

// maxMatchTime bounds one search of the backtracking engine.
const maxMatchTime = 2 * time.Second

// The linear engine lists all matches of a text before the first is visited;
// maxMatchesBytes bounds the list, of which a match takes matchBytes and two
// integers per group.
const (
	maxMatchesBytes = 64 << 20
	matchBytes      = 32
)

// maxPatternLength bounds a pattern's code points.
const maxPatternLength = 100_000

func compilePattern(source string) (*pattern, error) {
	p, err := readPattern(source)
	if err != nil {
		return nil, argumentError("Invalid regular expression '%s': %v", types.Shortened(source), err)
	}
	return p, nil
}

func readPattern(source string) (*pattern, error) {
	r := &patternReader{runes: []rune(source), names: map[string]int{}}
	if len(r.runes) > maxPatternLength {
		return nil, errPattern("too long")
	}
	if _, err := r.sequence(); err != nil {
		return nil, err
	}
	if r.at < len(r.runes) {
		return nil, errPattern("unmatched close parenthesis")
	}
	p := &pattern{source: source, groups: r.groups, names: r.names, finalNewline: r.finalNewline, asciiOnly: r.wordBoundary}
	back := r.back.String()
	p.backtracking = sync.OnceValues(func() (*regexp2.Regexp, error) {
		re, err := regexp2.Compile(back, regexp2.None)
		if err == nil {
			re.MatchTimeout = maxMatchTime
		}
		return re, err
	})
	if !r.backtrack {
		if re, err := regexp.Compile(r.out.String()); err == nil {
			p.linear = re
			tree, err := syntax.Parse(r.out.String(), syntax.Perl)
			p.mayBeEmpty = err != nil || matchesEmpty(tree)
			if err == nil {
				p.required = requiredTexts(tree)
				// Not Regexp.LiteralPrefix, for which ^a$ is a literal.
				p.isLiteral = tree.Op == syntax.OpLiteral && p.required != nil
			}
			return p, nil
		}
	}
	_, err := p.backtracking()
	return p, err
}

// matchesEmpty reports whether a match may be empty.
func matchesEmpty(t *syntax.Regexp) bool {
	switch t.Op {
	case syntax.OpLiteral:
		return len(t.Rune) == 0
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL, syntax.OpNoMatch:
		return false
	case syntax.OpStar, syntax.OpQuest:
		return true
	case syntax.OpRepeat:
		return t.Min == 0 || matchesEmpty(t.Sub[0])
	case syntax.OpPlus, syntax.OpCapture:
		return matchesEmpty(t.Sub[0])
	case syntax.OpConcat:
		for _, s := range t.Sub {
			if !matchesEmpty(s) {
				return false
			}
		}
		return true
	case syntax.OpAlternate:
		for _, s := range t.Sub {
			if matchesEmpty(s) {
				return true
			}
		}
		return false
	}
	return true // an assertion
}

// linearFor reports whether Go's engine finds what Java would in text.
func (p *pattern) linearFor(text string) bool {
	return p.linear != nil && !(p.finalNewline && strings.HasSuffix(text, "\n")) && !(p.asciiOnly && !isASCII(text))
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// hopeless reports that text lacks what every match holds.
func (p *pattern) hopeless(text string) bool {
	return p.required != nil && !p.required.match(text)
}

// matches reports whether the pattern is found in text.
func (p *pattern) matches(text string) (bool, error) {
	if p.hopeless(text) {
		return false, nil
	}
	if p.isLiteral {
		return true, nil
	}
	if p.linearFor(text) {
		return p.linear.MatchString(text), nil
	}
	re, err := p.backtracking()
	if err != nil {
		return false, p.failed(err)
	}
	found, err := re.MatchString(text)
	if err != nil {
		return false, p.failed(err)
	}
	return found, nil
}

func (p *pattern) failed(err error) error {
	return types.Errorf(types.GenericUserError, types.Pos{}, "Regular expression '%s' cannot be matched: %v", types.Shortened(p.source), err)
}

// first finds the first match: the bytes of group g are loc[2g]…loc[2g+1]-1,
// -1 for a group without match. loc is nil when there is none.
func (p *pattern) first(text string) (loc []int, err error) {
	if p.hopeless(text) {
		return nil, nil
	}
	if p.linearFor(text) {
		return p.linear.FindStringSubmatchIndex(text), nil
	}
	err = p.backtrack(text, 0, func(found []int) bool {
		loc = found
		return false
	})
	return loc, err
}

// each calls visit for the matches in order until it returns false. Behind an
// empty match the search goes on one code point further.
func (p *pattern) each(text string, visit func(loc []int) bool) error {
	if p.hopeless(text) {
		return nil
	}
	if !p.mayBeEmpty && p.linearFor(text) {
		most := maxMatchesBytes / (matchBytes + 16*(p.groups+1))
		matches := p.linear.FindAllStringSubmatchIndex(text, most)
		if len(matches) == most {
			return types.Errorf(types.ExceededFunctionMemory, types.Pos{}, "A text has more than %d matches of '%s'", most, types.Shortened(p.source))
		}
		for _, loc := range matches {
			if !visit(loc) {
				return nil
			}
		}
		return nil
	}
	return p.backtrack(text, 0, visit)
}

// backtrack is each on the backtracking engine, from a code point on.
func (p *pattern) backtrack(text string, from int, visit func(loc []int) bool) error {
	re, err := p.backtracking()
	if err != nil {
		return p.failed(err)
	}
	runes := []rune(text)
	if from > len(runes) {
		return nil
	}
	offsets := byteOffsets(text, len(runes))
	m, err := re.FindRunesMatchStartingAt(runes, from)
	for ; m != nil && err == nil; m, err = re.FindNextMatch(m) {
		loc := make([]int, 2*(p.groups+1))
		for g := range p.groups + 1 {
			loc[2*g], loc[2*g+1] = -1, -1
			if group := m.GroupByNumber(g); group != nil && len(group.Captures) > 0 {
				loc[2*g], loc[2*g+1] = offsets[group.Index], offsets[group.Index+group.Length]
			}
		}
		if !visit(loc) {
			return nil
		}
	}
	if err != nil {
		return p.failed(err)
	}
	return nil
}

// byteOffsets is where each code point of text starts, and its end.
func byteOffsets(text string, runes int) []int {
	offsets := make([]int, 0, runes+1)
	for i := 0; i < len(text); {
		offsets = append(offsets, i)
		_, n := utf8.DecodeRuneInString(text[i:])
		i += n
	}
	return append(offsets, len(text))
}
