package jsonpath

import (
	"slices"

	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/sqljson"
)

// LaxPaths are several lax paths of members, such as lax $.a.b, whose items are found by one walk through a text.
// They are safe for concurrent use.
type LaxPaths struct {
	root  []*laxStep
	steps int // of all paths, those that they have in common once
}

// laxStep is a member's name that some paths have in common.
type laxStep struct {
	name   string
	number int   // of the step, from 0
	ends   []int // paths that end with the step
	next   []*laxStep
}

// IsOfMembers reports whether a path is lax, and names members from the input on.
func IsOfMembers(path *sqljson.Path) bool { return path.Lax && len(memberNames(path.Root)) > 0 }

// NewLaxPaths combines paths. IsOfMembers must be true of each.
func NewLaxPaths(paths []*sqljson.Path) *LaxPaths {
	p := &LaxPaths{}
	for number, path := range paths {
		var at *laxStep
		next := &p.root
		for _, name := range memberNames(path.Root) {
			i := slices.IndexFunc(*next, func(n *laxStep) bool { return n.name == name })
			if i < 0 {
				i = len(*next)
				*next = append(*next, &laxStep{name: name, number: p.steps})
				p.steps++
			}
			at = (*next)[i]
			next = &at.next
		}
		at.ends = append(at.ends, number)
	}
	return p
}

// Found is what a path finds in a text.
type Found struct {
	// JSON is the text of the only item, "" where there is none.
	JSON string
	// IsKnown: the rest says what the path finds. Else Evaluator.EvaluateText does.
	IsKnown bool
	// IsPlain: JSON is plain, as a member of a plain object is.
	IsPlain bool
}

// IsNone reports whether it is known that the path finds nothing.
func (f Found) IsNone() bool { return f.IsKnown && f.JSON == "" }

// LaxFinder finds the items of LaxPaths in one text after another. It is for one goroutine.
type LaxFinder struct {
	paths  *LaxPaths
	values []string // by step, in the current text
	take   func(path int, found Found)
}

// Finder returns a finder, which calls take with what a path finds.
func (p *LaxPaths) Finder(take func(path int, found Found)) *LaxFinder {
	return &LaxFinder{paths: p, values: make([]string, p.steps), take: take}
}

// Find calls take with what each path finds in a text, if that is known. A path that leads into a broken value, or
// one that is no object, is unknown and passed over.
func (f *LaxFinder) Find(text string) {
	clear(f.values)
	f.walk(text, f.paths.root)
}

// walk finds the paths that continue with one of the steps in a value.
func (f *LaxFinder) walk(text string, steps []*laxStep) {
	isPlain := jsontext.EachPlainMember(text, jsontext.AnyOrder, func(name, value string) { f.note(steps, name, value) }) >= 0
	if !isPlain && !f.walkMembers(text, steps) {
		return
	}
	for _, step := range steps {
		value := f.values[step.number]
		for _, path := range step.ends {
			f.take(path, Found{JSON: value, IsKnown: true, IsPlain: isPlain})
		}
		if value == "" {
			f.takeNone(step.next)
			continue
		}
		if len(step.next) > 0 {
			f.walk(value, step.next)
		}
	}
}

// note notes the value of a member; of a repeated name the last value counts.
func (f *LaxFinder) note(steps []*laxStep, name, value string) {
	for _, step := range steps {
		if step.name == name {
			f.values[step.number] = value
			return
		}
	}
}

// walkMembers notes the members of a text that is not plain; false where it is no object, or broken.
func (f *LaxFinder) walkMembers(text string, steps []*laxStep) bool {
	j := jsontext.Walker{Text: text}
	if j.PeekByte() != '{' {
		return false
	}
	for _, step := range steps {
		f.values[step.number] = "" // of the members before the one that is not plain
	}
	return j.EachMember(func(name string) error {
		j.PeekByte() // steps over white space
		from := j.Rest()
		if err := j.SkipValue(); err != nil {
			return err
		}
		f.note(steps, name, from[:len(from)-len(j.Rest())])
		return nil
	}) == nil
}

// takeNone: the paths that continue with one of the steps find nothing.
func (f *LaxFinder) takeNone(steps []*laxStep) {
	for _, step := range steps {
		for _, path := range step.ends {
			f.take(path, Found{IsKnown: true})
		}
		f.takeNone(step.next)
	}
}

// ItemsOf returns the items that are known to be found in a text, until the next call.
func (e *Evaluator) ItemsOf(found Found) ([]Item, error) {
	e.forget(mark{})
	if found.IsNone() {
		return nil, nil
	}
	item, err := e.itemOfFound(found)
	return e.single(item), err
}

func (e *Evaluator) itemOfFound(found Found) (Item, error) {
	if found.IsPlain {
		return e.plainItem(found.JSON)
	}
	return e.itemOf(&jsontext.Walker{Text: found.JSON})
}

// Text returns what was found as a varchar; not ok if its text may differ, or there is none.
func (f Found) Text() (text string, ok bool) {
	if f.JSON == "" || !f.IsPlain && (f.JSON[0] != '"' || !jsontext.IsPlain(f.JSON, jsontext.AnyOrder)) {
		return "", false
	}
	return PlainText(f.JSON)
}
