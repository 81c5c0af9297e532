package jsonpath

import (
	"errors"
	"slices"

	"github.com/auditlake/auditlake/jsontext"
)

// MemberPaths are several paths, whose values are found by one walk through a text. They are safe for concurrent use.
type MemberPaths struct {
	root  pathStep
	count int
	steps int // of all paths, those that they have in common once
}

// pathStep is a step that some paths have in common.
type pathStep struct {
	memberStep
	number int   // of the step, from 0; the root has none
	ends   []int // paths that end with the step
	next   []*pathStep
	below  int // how many paths end with the step or with one after it
}

// NewMemberPaths puts paths of a step at least together.
func NewMemberPaths(paths []*MemberPath) *MemberPaths {
	p := &MemberPaths{count: len(paths)}
	for number, path := range paths {
		at := &p.root
		for _, step := range path.steps {
			i := slices.IndexFunc(at.next, func(n *pathStep) bool { return n.key == step.key })
			if i < 0 {
				i = len(at.next)
				at.next = append(at.next, &pathStep{memberStep: step, number: p.steps})
				p.steps++
			}
			at = at.next[i]
			at.below++
		}
		at.ends = append(at.ends, number)
	}
	return p
}

// Len is how many paths there are.
func (p *MemberPaths) Len() int { return p.count }

// HasSteps reports whether the path names more than the text itself.
func (p *MemberPath) HasSteps() bool { return len(p.steps) > 0 }

// MemberFinder finds the values of MemberPaths in one text after another. It is for one goroutine.
type MemberFinder struct {
	paths *MemberPaths
	seen  []bool // by step, in the current text
	left  int    // paths whose value may still be found
	take  func(path int, j *jsontext.Walker)
}

// Finder returns a finder, which gives the value of a path to take: j stands at it, and is take's own.
func (p *MemberPaths) Finder(take func(path int, j *jsontext.Walker)) *MemberFinder {
	return &MemberFinder{paths: p, seen: make([]bool, p.steps), take: take}
}

// Find calls take with the values that each path alone would find in the text. The first of repeated keys counts,
// and what follows the last value is not read. Where the text is broken, nothing after that place is found.
func (f *MemberFinder) Find(text string) {
	clear(f.seen)
	f.left = f.paths.count
	j := jsontext.Walker{Text: text}
	_ = f.walk(&j, f.paths.root.next)
}

// walk finds the paths that continue with one of the steps from the next value, and reads that value. Its error
// ends the walk: all is found, or the text is broken.
func (f *MemberFinder) walk(j *jsontext.Walker, steps []*pathStep) error {
	switch j.PeekByte() {
	case '{':
		return j.EachMember(func(key string) error {
			for _, step := range steps {
				if key == step.key && !f.seen[step.number] {
					return f.arrive(j, step)
				}
			}
			return j.SkipValue()
		})
	case '[':
		return j.EachElement(func(i int) error {
			for _, step := range steps {
				if i == step.index && !f.seen[step.number] {
					return f.arrive(j, step)
				}
			}
			return j.SkipValue()
		})
	}
	return j.SkipValue()
}

// errFound ends the walk when all values are found.
var errFound = errors.New("found")

// arrive reads the value that a step leads to.
func (f *MemberFinder) arrive(j *jsontext.Walker, step *pathStep) error {
	f.seen[step.number] = true
	for _, path := range step.ends {
		at := *j
		f.take(path, &at)
	}
	if f.left -= len(step.ends); f.left == 0 {
		return errFound
	}
	if len(step.next) == 0 {
		return j.SkipValue()
	}
	before := f.left
	if err := f.walk(j, step.next); err != nil {
		return err
	}
	// Paths that were not found in the value never are.
	if f.left -= step.below - len(step.ends) - (before - f.left); f.left == 0 {
		return errFound
	}
	return nil
}
