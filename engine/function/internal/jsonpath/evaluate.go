// Package jsonpath evaluates JSON paths: the paths of SQL/JSON, which planner/sqljson reads, over values, and the
// plain ones of json_extract over JSON text.
package jsonpath

import (
	"fmt"
	"slices"

	"github.com/auditlake/auditlake/planner/sqljson"
	"github.com/auditlake/auditlake/planner/types"
)

// maxPathItems bounds what a path may give, for paths such as $..a..a.
const maxPathItems = 10_000_000

// around is what @ and last mean in a place.
type around struct {
	current Item // nil outside of filters
	last    int  // -1 outside of subscripts
}

// pathError is why a path cannot be evaluated over an input.
func pathError(format string, args ...any) error {
	return types.Errorf(types.PathEvaluationError, types.Pos{}, "path evaluation failed: "+format, args...)
}

func (e *Evaluator) eval(n *sqljson.Node, a around) ([]Item, error) {
	switch n.Op {
	case sqljson.Literal:
		return e.single(&n.Value), nil
	case sqljson.Null:
		return e.single(Null{}), nil
	case sqljson.Context:
		return e.single(e.input), nil
	case sqljson.Variable:
		return e.params[n.Text], nil
	case sqljson.Last:
		if a.last < 0 {
			return nil, pathError("last outside of a subscript")
		}
		return e.single(e.value(types.IntegerType, int64(a.last))), nil
	case sqljson.Current:
		if a.current == nil {
			return nil, pathError("@ outside of a filter")
		}
		return e.single(a.current), nil
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
func (e *Evaluator) step(n *sqljson.Node, items []Item, a around) ([]Item, error) {
	switch n.Op {
	case sqljson.AnyElement, sqljson.Element:
		return e.elements(n, items, a)
	case sqljson.Descendant:
		from := len(e.items)
		for _, item := range items {
			e.items = e.descendants(e.items, item, n.Text)
		}
		return e.listed(from), nil
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
		return e.filtered(n.Args[1], items, a), nil
	case sqljson.Method:
		if n.Text == "keyvalue" {
			return e.keyValues(items)
		}
		return e.each(items, func(item Item) (Item, error) { return e.number(n.Text, item) })
	}
	return nil, fmt.Errorf("jsonpath: no evaluation of path node %d", n.Op)
}

func (e *Evaluator) each(items []Item, f func(Item) (Item, error)) ([]Item, error) {
	from := len(e.items)
	for _, item := range items {
		made, err := f(item)
		if err != nil {
			return nil, err
		}
		e.items = append(e.items, made)
	}
	return e.listed(from), nil
}

// filtered returns the items for which a predicate holds. What it looks at on its way is forgotten.
func (e *Evaluator) filtered(predicate *sqljson.Node, items []Item, a around) []Item {
	from := len(e.items)
	for _, item := range items {
		m := e.mark()
		holds := e.holds(predicate, around{current: item, last: a.last})
		if e.forget(m); holds == isTrue {
			e.items = append(e.items, item)
		}
	}
	return e.listed(from)
}

// unwrapped replaces arrays by their elements in lax mode.
func (e *Evaluator) unwrapped(items []Item) []Item {
	if !e.lax || !slices.ContainsFunc(items, isArray) {
		return items
	}
	from := len(e.items)
	for _, item := range items {
		e.items = e.appendUnwrapped(e.items, item)
	}
	return e.listed(from)
}

// appendUnwrapped appends the elements of an array, or an item that is no array.
func (e *Evaluator) appendUnwrapped(out []Item, item Item) []Item {
	if list, ok := arrayOf(item); ok {
		return e.appendElements(out, list)
	}
	return append(out, item)
}

// elementsOf returns the elements of an array as a list, or any other item as a list of one.
func (e *Evaluator) elementsOf(item Item) []Item {
	if list, ok := arrayOf(item); ok && list.read != nil {
		return list.read.Values
	}
	return e.appendUnwrapped(nil, item)
}

// descendants appends the members with a name in an item and in everything below it. An unread text would be read
// again at each level.
func (e *Evaluator) descendants(out []Item, item Item, key string) []Item {
	if isArray(item) {
		for _, element := range e.elementsOf(item) {
			out = e.descendants(out, element, key)
		}
	}
	if object, ok := e.objectOf(item); ok {
		if value, ok := object.Get(key); ok {
			out = append(out, value)
		}
		for _, value := range object.Values {
			out = e.descendants(out, value, key)
		}
	}
	return out
}

func (e *Evaluator) members(n *sqljson.Node, items []Item) ([]Item, error) {
	from := len(e.items)
	for _, item := range items {
		if kind, _ := typeName(item); kind != "object" {
			if !e.lax {
				return nil, wrongItem("OBJECT", item)
			}
			continue
		}
		if n.Op == sqljson.AnyMember {
			object, _ := e.objectOf(item)
			e.items = append(e.items, object.Values...)
			continue
		}
		value, err := e.memberOf(item, n.Text)
		switch {
		case err != nil:
			return nil, err
		case value != nil:
			e.items = append(e.items, value)
		case !e.lax:
			return nil, pathError("missing member '%s' in JSON object", n.Text)
		}
	}
	return e.listed(from), nil
}

// keyValues lists the members of objects, with the number of their object.
func (e *Evaluator) keyValues(items []Item) ([]Item, error) {
	from := len(e.items)
	for _, item := range items {
		object, ok := e.objectOf(item)
		if !ok {
			return nil, wrongItem("OBJECT", item)
		}
		for i, key := range object.Keys {
			pair := &Object{}
			pair.Put("name", e.value(types.VarcharType, key))
			pair.Put("value", object.Values[i])
			pair.Put("id", e.value(types.IntegerType, e.objects))
			e.items = append(e.items, pair)
		}
		e.objects++
	}
	return e.listed(from), nil
}

func (e *Evaluator) elements(n *sqljson.Node, items []Item, a around) ([]Item, error) {
	from := len(e.items)
	for _, item := range items {
		if !e.lax && !isArray(item) {
			return nil, wrongItem("ARRAY", item)
		}
		if n.Op == sqljson.AnyElement {
			e.items = e.appendUnwrapped(e.items, item)
			continue
		}
		list := e.elementsOf(item)
		if len(list) == 0 && !e.lax {
			return nil, pathError("invalid array subscript for empty array")
		}
		if len(list) == 0 {
			continue
		}
		for _, s := range n.Subscripts {
			m := e.mark()
			first, last, err := e.positions(s, around{current: a.current, last: len(list) - 1})
			if err != nil {
				return nil, err
			}
			if !e.lax && (first < 0 || last >= int64(len(list)) || first > last) {
				return nil, pathError("invalid array subscript: [%d, %d] for array of size %d", first, last, len(list))
			}
			e.forget(m)
			for i := max(0, first); i <= min(last, int64(len(list))-1); i++ {
				e.items = append(e.items, list[i])
			}
		}
	}
	return e.listed(from), nil
}

func (e *Evaluator) positions(s sqljson.Subscript, a around) (from, to int64, err error) {
	if from, err = e.position(s.From, a); err != nil || s.To == nil {
		return from, from, err
	}
	to, err = e.position(s.To, a)
	return from, to, err
}

func (e *Evaluator) position(n *sqljson.Node, a around) (int64, error) {
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
	v, err = e.sql.Cast(v, types.BigIntType)
	if err != nil {
		return 0, pathError("%v", err)
	}
	return v.V.(int64), nil
}

// wrongItem reports an item of another kind than wanted.
func wrongItem(want string, item Item) error {
	return pathError("invalid item type. Expected: %s, actual: %s", want, kindOf(item))
}
