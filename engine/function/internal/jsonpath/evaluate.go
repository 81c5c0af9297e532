// Package jsonpath evaluates JSON paths: those of SQL/JSON, which planner/sqljson reads, over values, and the plain
// ones of json_extract over JSON text.
package jsonpath

import (
	"fmt"
	"slices"

	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/sqljson"
	"github.com/auditlake/auditlake/planner/types"
)

// maxPathItems bounds what a path may give, for paths such as $..a..a.
const maxPathItems = 10_000_000

// Values computes with SQL values as the engine's functions do.
type Values interface {
	Cast(v types.Value, to *types.Type) (types.Value, error)
	// Call resolves and calls an operator or a rounding function by its name.
	Call(name string, args ...types.Value) (types.Value, error)
}

// ReadInput is ReadItem of the input of a path. An object that the path first looks for a member of is not checked by it: Evaluate then reads it
// to its end, and gives jsontext.ErrMalformed.
func ReadInput(path *sqljson.Path, text string) (Item, error) {
	j := jsontext.Walker{Text: text}
	if j.PeekByte() == '{' && beginsWithMember(path.Root) {
		return Text(j.Rest()), nil
	}
	return ReadItem(text)
}

// beginsWithMember reports whether all that a node gives is found by way of a member of the input.
func beginsWithMember(n *sqljson.Node) bool {
	for len(n.Args) > 0 {
		if n.Args[0].Op == sqljson.Context {
			return n.Op == sqljson.Member
		}
		n = n.Args[0]
	}
	return false
}

// Evaluate returns the items that a path finds in an input. Named parameters may have no item. An error is one that
// ON ERROR is about.
func Evaluate(path *sqljson.Path, input Item, params map[string][]Item, values Values) ([]Item, error) {
	e := &evaluation{values: values, lax: path.Lax, input: input, params: params}
	return e.eval(path.Root, around{last: -1})
}

// evaluation is that of one path over one input.
type evaluation struct {
	values  Values
	lax     bool
	input   Item
	params  map[string][]Item
	objects int64 // objects that keyvalue() has numbered
}

// around is what @ and last mean in a place.
type around struct {
	current Item // nil outside of filters
	last    int  // -1 outside of subscripts
}

// pathError is why a path cannot be evaluated over an input.
func pathError(format string, args ...any) error {
	return types.Errorf(types.PathEvaluationError, types.Pos{}, "path evaluation failed: "+format, args...)
}

func (e *evaluation) eval(n *sqljson.Node, a around) ([]Item, error) {
	switch n.Op {
	case sqljson.Literal:
		return []Item{n.Value}, nil
	case sqljson.Null:
		return []Item{Null{}}, nil
	case sqljson.Context:
		return []Item{e.input}, nil
	case sqljson.Variable:
		return e.params[n.Text], nil
	case sqljson.Last:
		if a.last < 0 {
			return nil, pathError("last outside of a subscript")
		}
		return []Item{types.Value{Type: types.IntegerType, V: int64(a.last)}}, nil
	case sqljson.Current:
		if a.current == nil {
			return nil, pathError("@ outside of a filter")
		}
		return []Item{a.current}, nil
	case sqljson.Add, sqljson.Subtract, sqljson.Multiply, sqljson.Divide, sqljson.Modulus:
		return e.arithmetic(n, a)
	}
	items, err := e.eval(n.Args[0], a)
	if err != nil {
		return nil, err
	}
	out, err := e.step(n, items, a)
	if len(out) > maxPathItems {
		return nil, pathError("more than %d items", maxPathItems)
	}
	return out, err
}

// step applies an accessor or a method to what its base gave.
func (e *evaluation) step(n *sqljson.Node, items []Item, a around) ([]Item, error) {
	switch n.Op {
	case sqljson.AnyElement, sqljson.Element:
		return e.elements(n, items, a)
	case sqljson.Descendant:
		var out []Item
		for _, item := range items {
			out = descendants(out, item, n.Text)
		}
		return out, nil
	case sqljson.Method:
		if n.Text == "type" || n.Text == "size" {
			return e.each(items, func(item Item) (Item, error) { return e.describe(n.Text, item) })
		}
	}
	items = e.unwrapped(items)
	switch n.Op {
	case sqljson.Plus, sqljson.Minus:
		return e.each(items, func(item Item) (Item, error) { return e.signed(n.Op, item) })
	case sqljson.Member, sqljson.AnyMember:
		return e.members(n, items)
	case sqljson.Filter:
		var out []Item
		for _, item := range items {
			if e.holds(n.Args[1], around{current: item, last: a.last}) == isTrue {
				out = append(out, item)
			}
		}
		return out, nil
	case sqljson.Method:
		if n.Text == "keyvalue" {
			return e.keyValues(items)
		}
		return e.each(items, func(item Item) (Item, error) { return e.number(n.Text, item) })
	}
	return nil, fmt.Errorf("jsonpath: no evaluation of path node %d", n.Op)
}

func (e *evaluation) each(items []Item, f func(Item) (Item, error)) ([]Item, error) {
	out := make([]Item, len(items))
	for i, item := range items {
		var err error
		if out[i], err = f(item); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// unwrapped replaces arrays by their elements in lax mode.
func (e *evaluation) unwrapped(items []Item) []Item {
	if !e.lax || !slices.ContainsFunc(items, isArray) {
		return items
	}
	var out []Item
	for _, item := range items {
		out = appendUnwrapped(out, item)
	}
	return out
}

// appendUnwrapped appends the elements of an array, or what is none.
func appendUnwrapped(out []Item, item Item) []Item {
	if list, ok := arrayOf(item); ok {
		return appendElements(out, list)
	}
	return append(out, item)
}

func descendants(out []Item, item Item, key string) []Item {
	if list, ok := arrayOf(item); ok {
		for _, element := range appendElements(nil, list) {
			out = descendants(out, element, key)
		}
	}
	if object, ok := objectOf(item); ok {
		if value, ok := object.Get(key); ok {
			out = append(out, value)
		}
		for _, value := range object.Values {
			out = descendants(out, value, key)
		}
	}
	return out
}

func (e *evaluation) members(n *sqljson.Node, items []Item) ([]Item, error) {
	var out []Item
	for _, item := range items {
		if kind, _ := typeName(item); kind != "object" {
			if !e.lax {
				return nil, wrongItem("OBJECT", item)
			}
			continue
		}
		if n.Op == sqljson.AnyMember {
			object, _ := objectOf(item)
			out = append(out, object.Values...)
			continue
		}
		value, err := memberOf(item, n.Text)
		switch {
		case err != nil:
			return nil, err
		case value != nil:
			out = append(out, value)
		case !e.lax:
			return nil, pathError("missing member '%s' in JSON object", n.Text)
		}
	}
	return out, nil
}

// keyValues lists the members of objects, with the number of their object.
func (e *evaluation) keyValues(items []Item) ([]Item, error) {
	var out []Item
	for _, item := range items {
		object, ok := objectOf(item)
		if !ok {
			return nil, wrongItem("OBJECT", item)
		}
		for i, key := range object.Keys {
			pair := &Object{}
			pair.Put("name", TextItem(key))
			pair.Put("value", object.Values[i])
			pair.Put("id", types.Value{Type: types.IntegerType, V: e.objects})
			out = append(out, pair)
		}
		e.objects++
	}
	return out, nil
}

func (e *evaluation) elements(n *sqljson.Node, items []Item, a around) ([]Item, error) {
	var out []Item
	for _, item := range items {
		if !e.lax && !isArray(item) {
			return nil, wrongItem("ARRAY", item)
		}
		if n.Op == sqljson.AnyElement {
			out = appendUnwrapped(out, item)
			continue
		}
		list := appendUnwrapped(nil, item)
		if len(list) == 0 && !e.lax {
			return nil, pathError("invalid array subscript for empty array")
		}
		if len(list) == 0 {
			continue
		}
		for _, s := range n.Subscripts {
			from, to, err := e.positions(s, around{current: a.current, last: len(list) - 1})
			if err != nil {
				return nil, err
			}
			if !e.lax && (from < 0 || to >= int64(len(list)) || from > to) {
				return nil, pathError("invalid array subscript: [%d, %d] for array of size %d", from, to, len(list))
			}
			for i := max(0, from); i <= min(to, int64(len(list))-1); i++ {
				out = append(out, list[i])
			}
		}
	}
	return out, nil
}

func (e *evaluation) positions(s sqljson.Subscript, a around) (from, to int64, err error) {
	if from, err = e.position(s.From, a); err != nil || s.To == nil {
		return from, from, err
	}
	to, err = e.position(s.To, a)
	return from, to, err
}

func (e *evaluation) position(n *sqljson.Node, a around) (int64, error) {
	items, err := e.eval(n, a)
	if err != nil {
		return 0, err
	}
	if len(items) != 1 {
		return 0, pathError("array subscript value must be singleton numeric")
	}
	v, err := numberOf(items[0])
	if err != nil {
		return 0, err
	}
	v, err = e.values.Cast(v, types.BigIntType)
	if err != nil {
		return 0, pathError("%v", err)
	}
	return v.V.(int64), nil
}

// wrongItem reports an item of another kind than wanted.
func wrongItem(want string, item Item) error {
	return pathError("invalid item type. Expected: %s, actual: %s", want, kindOf(item))
}
