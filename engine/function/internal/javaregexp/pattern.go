// Package javaregexp searches with regular expressions in Java's syntax. It uses Go's engine where both mean the
// same, and otherwise one that backtracks. Memory and time are charged to the searching statement.
package javaregexp

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/auditlake/auditlake/engine/function/internal/like"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
)

// Pattern is a compiled regular expression of Java's syntax. It runs on Go's engine, in linear time, where both
// mean the same, and otherwise on a backtracking one with a time limit. It is safe for concurrent use.
type Pattern struct {
	Source string
	Groups int
	Names  map[string]int

	linear *regexp.Regexp // nil: the pattern needs backtracking
	// later finds linear's matches after the first character of a text, which
	// it looks at and does not take; its group 1 is linear's whole match.
	later func() *regexp.Regexp
	// looksBack: what stands before a match matters to linear.
	looksBack bool
	// prefix begins every match of linear.
	prefix string
	// required fits every text with a match; nil: not known.
	required *like.Matcher
	// literal is all there is to the pattern; "": the pattern is more than a text.
	literal string
	// runs find all matches; nil: the pattern is more than a class of code points.
	runs *runs
	// finalNewline: linear is wrong about texts with a final newline.
	finalNewline bool
	// asciiOnly: linear is wrong about texts that are more than ASCII.
	asciiOnly bool
	// mayBeEmpty: linear leaves out empty matches after other matches.
	mayBeEmpty bool
	// stepsPerByte bounds the work of linear for a byte of the text.
	stepsPerByte int
	// starts are made when bytes enough were searched to be worth it; nil: not yet, or the pattern has none.
	starts   atomic.Pointer[starts]
	searched atomic.Int64 // bytes, before starts are made

	backtracking backtracker
	// bytes bounds the memory of the compiled pattern and of one search, without what grows with the text's length.
	bytes int64
}

const (
	// maxPatternLength bounds a pattern's code points.
	maxPatternLength = 100_000
	// maxWrittenBytes bounds what a pattern is written as for an engine, where
	// each \p{L} is some kilobytes.
	maxWrittenBytes = 4 << 20
	// maxInstructions bounds the programs of Go's engine.
	maxInstructions = 1 << 20
)

// The memory of a pattern: per byte of the pattern as written for both engines; per instruction of Go's engine, in
// its program and queues; and per group, in each place that a search is at.
const (
	writtenFactor    = 8
	instructionBytes = 160
	placeBytes       = 16
)

// Compile counts the memory of the pattern, and of compiling it, on m.
func Compile(m *memory.Meter, source string) (*Pattern, error) {
	r, err := readPattern(source)
	if err != nil {
		return nil, patternError(source, err)
	}
	p := &Pattern{Source: source, Groups: r.groups, Names: r.names, finalNewline: r.finalNewline, asciiOnly: r.wordBoundary}
	p.bytes = int64(writtenFactor * (r.out.Len() + r.back.Len()))
	if err := m.Grow(p.bytes); err != nil {
		return nil, err
	}
	p.backtracking = newBacktracker(r.back.String())
	if !r.backtrack {
		if done, err := p.compileLinear(m, r.out.String()); done || err != nil {
			return p, err
		}
	}
	if _, err := p.backtracking.quick(); err != nil {
		return nil, patternError(source, err)
	}
	return p, nil
}

// SizeBytes is the memory of the compiled pattern and of one search, without what grows with the text's length.
func (p *Pattern) SizeBytes() int64 { return p.bytes }

func patternError(source string, err error) error {
	return types.ArgumentError("Invalid regular expression '%s': %v", types.Shortened(source), err)
}

func readPattern(source string) (*patternReader, error) {
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
	return r, nil
}

// compileLinear compiles the pattern for Go's engine, if that takes it.
func (p *Pattern) compileLinear(m *memory.Meter, written string) (done bool, err error) {
	tree, err := syntax.Parse(written, syntax.Perl)
	if err != nil {
		return false, nil
	}
	instructions := instructionsOf(tree)
	if instructions > maxInstructions {
		return false, nil
	}
	program := int64(instructions) * int64(instructionBytes+placeBytes*(p.Groups+1))
	if err := m.Grow(program + startsBytes); err != nil {
		return false, err
	}
	if p.linear, err = regexp.Compile(written); err != nil {
		p.linear = nil
		return false, nil
	}
	p.bytes += program + startsBytes
	p.later = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\A(?s:.)(?s:.*?)(` + written + `)`) })
	p.looksBack, p.mayBeEmpty, p.required = looksBack(tree), matchesEmpty(tree), like.Required(tree)
	p.runs = newRuns(tree)
	p.prefix, _ = p.linear.LiteralPrefix()
	if tree.Op == syntax.OpLiteral && p.required != nil { // not Regexp.LiteralPrefix, for which ^a$ is a literal
		p.literal = string(tree.Rune)
	}
	p.stepsPerByte = instructions + instructions*p.Groups/groupsPerStep
	return true, nil
}

// bytesBeforeStarts is how much is searched before starts are made, which takes some 100 µs.
const bytesBeforeStarts = 1 << 16

// startsFor returns the starts of the pattern for a search of text, nil if there are none or the text is too long for
// them.
func (p *Pattern) startsFor(text string) *starts {
	// A search by table takes no longer than one by Go's engine, so it may have each text that is not long for that.
	if p.isLong(text) && len(text) > maxStepsAtOnce/maxWorkRatio {
		return nil
	}
	if s := p.starts.Load(); s != nil {
		return s
	}
	if before := p.searched.Load(); before >= bytesBeforeStarts || p.searched.Add(int64(len(text))) < bytesBeforeStarts {
		return nil
	}
	tree, err := syntax.Parse(p.linear.String(), syntax.Perl)
	if err != nil {
		return nil
	}
	program, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil
	}
	if s := newStarts(program); s != nil {
		if endsWithText(tree) {
			s.longest = longest(tree)
		}
		p.starts.Store(s)
	}
	return p.starts.Load()
}

// instructionsOf bounds the length of a tree's program.
func instructionsOf(t *syntax.Regexp) int {
	n := 2
	for _, s := range t.Sub {
		n = min(n+instructionsOf(s), maxInstructions+1)
	}
	switch t.Op {
	case syntax.OpLiteral:
		n += len(t.Rune)
	case syntax.OpRepeat:
		n *= max(t.Min, t.Max) + 1
	}
	return min(n, maxInstructions+1)
}

// looksBack reports whether what stands before a match matters.
func looksBack(t *syntax.Regexp) bool {
	switch t.Op {
	case syntax.OpBeginLine, syntax.OpBeginText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return true
	}
	return slices.ContainsFunc(t.Sub, looksBack)
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
