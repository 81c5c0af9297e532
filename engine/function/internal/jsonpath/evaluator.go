package jsonpath

import (
	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/sqljson"
	"github.com/auditlake/auditlake/planner/types"
)

// Values computes with SQL values as the engine's functions do.
type Values interface {
	Cast(v types.Value, to *types.Type) (types.Value, error)
	// Call resolves and calls an operator or a rounding function by its name.
	Call(name string, args ...types.Value) (types.Value, error)
}

// Evaluator evaluates a path over one input after the other. It is for one goroutine.
type Evaluator struct {
	path             *sqljson.Path
	readsAgain       bool
	beginsWithMember bool
	names            []string // see memberNames
	sql              Values
	lax              bool
	input            Item
	object           Text // the input of EvaluateText
	params           map[string][]Item
	objects          int64  // objects that keyvalue() has numbered
	items            []Item // of all lists that evaluation goes through, one after the other
	reader
}

// NewEvaluator returns an evaluator that computes with SQL values by means of sql.
func NewEvaluator(path *sqljson.Path, sql Values) *Evaluator {
	return &Evaluator{path: path, readsAgain: readsAgain(path.Root), beginsWithMember: beginsWithMember(path.Root), names: memberNames(path.Root), sql: sql, lax: path.Lax}
}

// readsAgain reports whether evaluation may read an unread input many times: a filter that mentions $ does for each
// item, and a step to all descendants for each level. The $ that a path begins with is evaluated once.
func readsAgain(root *sqljson.Node) (again bool) {
	first := root
	for len(first.Args) > 0 {
		first = first.Args[0]
	}
	root.Walk(func(n *sqljson.Node) {
		again = again || n.Op == sqljson.Context && n != first || n.Op == sqljson.Descendant
	})
	return again
}

// beginsWithMember reports whether evaluation begins with a look for a member of the input.
func beginsWithMember(n *sqljson.Node) bool {
	for len(n.Args) > 0 {
		if n.Args[0].Op == sqljson.Context {
			return n.Op == sqljson.Member
		}
		n = n.Args[0]
	}
	return false
}

// EvaluateText is Evaluate of the item that ReadItem reads from text. It fails with jsontext.ErrMalformed where
// ReadItem does.
func (e *Evaluator) EvaluateText(text string, params map[string][]Item) ([]Item, error) {
	j := jsontext.Walker{Text: text}
	read := ReadItem
	switch {
	case e.readsAgain:
		read = ReadWhole
	case j.PeekByte() == '{' && e.beginsWithMember: // who looks for the member reads all of the object
		e.object = Text{JSON: j.Rest()}
		return e.Evaluate(&e.object, params)
	}
	input, err := read(text)
	if err != nil {
		return nil, err
	}
	return e.Evaluate(input, params)
}

// Evaluate returns the items that the path finds in an input, until the next call. Named parameters may have no item.
// An error is one that ON ERROR is about.
func (e *Evaluator) Evaluate(input Item, params map[string][]Item) ([]Item, error) {
	const mostKept = 1 << 10
	e.forget(mark{})
	if cap(e.items)+cap(e.texts)+cap(e.values) > mostKept {
		e.items, e.reader = nil, reader{}
	}
	if text, ok := input.(*Text); ok && text.read == nil && e.readsAgain {
		input, _ = ReadWhole(text.JSON) // it has been checked
	}
	e.input, e.params, e.objects = input, params, 0
	return e.eval(e.path.Root, around{last: -1})
}

// mark is how much an evaluator has made.
type mark struct{ items, texts, values int }

func (e *Evaluator) mark() mark { return mark{len(e.items), len(e.texts), len(e.values)} }

// forget releases what was made since m.
func (e *Evaluator) forget(m mark) {
	e.items, e.texts, e.values = e.items[:m.items], e.texts[:m.texts], e.values[:m.values]
}

// listed returns the items from from on as a list.
func (e *Evaluator) listed(from int) []Item { return e.items[from:len(e.items):len(e.items)] }

// single returns a list of one item.
func (e *Evaluator) single(item Item) []Item {
	e.items = append(e.items, item)
	return e.listed(len(e.items) - 1)
}
