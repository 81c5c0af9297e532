package function

import (
	"fmt"

	"github.com/auditlake/auditlake/planner/sqljson"
	"github.com/auditlake/auditlake/planner/types"
)

// maxPathItems bounds what a path may give, for paths such as $..a..a.
const maxPathItems = 10_000_000

// pathRun evaluates a path over one input.
type pathRun struct {
	env     *Env
	lax     bool
	input   jsonItem
	params  map[string][]jsonItem // an absent JSON parameter is an empty sequence
	objects int64                 // objects that keyvalue() has numbered
}

// around is what @ and last mean in a place.
type around struct {
	current jsonItem // nil outside of filters
	last    int      // -1 outside of subscripts
}

// pathError is why a path cannot be evaluated over an input.
func pathError(format string, args ...any) error {
	return types.Errorf(types.PathEvaluationError, types.Pos{}, "path evaluation failed: "+format, args...)
}

func (r *pathRun) eval(n *sqljson.Node, a around) ([]jsonItem, error) {
	switch n.Op {
	case sqljson.Literal:
		return []jsonItem{n.Value}, nil
	case sqljson.Null:
		return []jsonItem{jsonNull{}}, nil
	case sqljson.Context:
		return []jsonItem{r.input}, nil
	case sqljson.Variable:
		return r.params[n.Text], nil
	case sqljson.Last:
		if a.last < 0 {
			return nil, pathError("last outside of a subscript")
		}
		return []jsonItem{types.Value{Type: types.IntegerType, V: int64(a.last)}}, nil
	case sqljson.Current:
		if a.current == nil {
			return nil, pathError("@ outside of a filter")
		}
		return []jsonItem{a.current}, nil
	case sqljson.Add, sqljson.Subtract, sqljson.Multiply, sqljson.Divide, sqljson.Modulus:
		return r.arithmetic(n, a)
	}
	items, err := r.eval(n.Args[0], a)
	if err != nil {
		return nil, err
	}
	out, err := r.step(n, items, a)
	if len(out) > maxPathItems {
		return nil, pathError("more than %d items", maxPathItems)
	}
	return out, err
}

// step applies an accessor or a method to what its base gave.
func (r *pathRun) step(n *sqljson.Node, items []jsonItem, a around) ([]jsonItem, error) {
	switch n.Op {
	case sqljson.AnyElement, sqljson.Element:
		return r.elements(n, items, a)
	case sqljson.Descendant:
		var out []jsonItem
		for _, item := range items {
			out = descendants(out, item, n.Text)
		}
		return out, nil
	case sqljson.Method:
		if n.Text == "type" || n.Text == "size" {
			return r.each(items, func(item jsonItem) (jsonItem, error) { return r.describe(n.Text, item) })
		}
	}
	items = r.unwrapped(items)
	switch n.Op {
	case sqljson.Plus, sqljson.Minus:
		return r.each(items, func(item jsonItem) (jsonItem, error) { return r.signed(n.Op, item) })
	case sqljson.Member, sqljson.AnyMember:
		return r.members(n, items)
	case sqljson.Filter:
		var out []jsonItem
		for _, item := range items {
			if r.holds(n.Args[1], around{current: item, last: a.last}) == isTrue {
				out = append(out, item)
			}
		}
		return out, nil
	case sqljson.Method:
		if n.Text == "keyvalue" {
			return r.keyValues(items)
		}
		return r.each(items, func(item jsonItem) (jsonItem, error) { return r.number(n.Text, item) })
	}
	return nil, fmt.Errorf("function: no evaluation of path node %d", n.Op)
}

func (r *pathRun) each(items []jsonItem, f func(jsonItem) (jsonItem, error)) ([]jsonItem, error) {
	out := make([]jsonItem, len(items))
	for i, item := range items {
		var err error
		if out[i], err = f(item); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// unwrapped replaces arrays by their elements in lax mode.
func (r *pathRun) unwrapped(items []jsonItem) []jsonItem {
	if !r.lax {
		return items
	}
	var out []jsonItem
	for _, item := range items {
		if list, ok := item.(jsonArray); ok {
			out = append(out, list...)
		} else {
			out = append(out, item)
		}
	}
	return out
}

func descendants(out []jsonItem, item jsonItem, key string) []jsonItem {
	switch x := item.(type) {
	case jsonArray:
		for _, element := range x {
			out = descendants(out, element, key)
		}
	case *jsonMap:
		if value, ok := x.get(key); ok {
			out = append(out, value)
		}
		for _, value := range x.values {
			out = descendants(out, value, key)
		}
	}
	return out
}

func (r *pathRun) members(n *sqljson.Node, items []jsonItem) ([]jsonItem, error) {
	var out []jsonItem
	for _, item := range items {
		object, ok := item.(*jsonMap)
		if !ok {
			if !r.lax {
				return nil, wrongItem("OBJECT", item)
			}
			continue
		}
		if n.Op == sqljson.AnyMember {
			out = append(out, object.values...)
			continue
		}
		value, ok := object.get(n.Text)
		switch {
		case ok:
			out = append(out, value)
		case !r.lax:
			return nil, pathError("missing member '%s' in JSON object", n.Text)
		}
	}
	return out, nil
}

// keyValues lists the members of objects, with the number of their object.
func (r *pathRun) keyValues(items []jsonItem) ([]jsonItem, error) {
	var out []jsonItem
	for _, item := range items {
		object, ok := item.(*jsonMap)
		if !ok {
			return nil, wrongItem("OBJECT", item)
		}
		for i, key := range object.keys {
			pair := &jsonMap{}
			pair.put("name", textValue(key))
			pair.put("value", object.values[i])
			pair.put("id", types.Value{Type: types.IntegerType, V: r.objects})
			out = append(out, pair)
		}
		r.objects++
	}
	return out, nil
}

func (r *pathRun) elements(n *sqljson.Node, items []jsonItem, a around) ([]jsonItem, error) {
	var out []jsonItem
	for _, item := range items {
		list, ok := item.(jsonArray)
		switch {
		case !ok && !r.lax:
			return nil, wrongItem("ARRAY", item)
		case !ok:
			list = jsonArray{item}
		}
		if n.Op == sqljson.AnyElement {
			out = append(out, list...)
			continue
		}
		if len(list) == 0 && !r.lax {
			return nil, pathError("invalid array subscript for empty array")
		}
		if len(list) == 0 {
			continue
		}
		for _, s := range n.Subscripts {
			from, to, err := r.positions(s, around{current: a.current, last: len(list) - 1})
			if err != nil {
				return nil, err
			}
			if !r.lax && (from < 0 || to >= int64(len(list)) || from > to) {
				return nil, pathError("invalid array subscript: [%d, %d] for array of size %d", from, to, len(list))
			}
			for i := max(0, from); i <= min(to, int64(len(list))-1); i++ {
				out = append(out, list[i])
			}
		}
	}
	return out, nil
}

func (r *pathRun) positions(s sqljson.Subscript, a around) (from, to int64, err error) {
	if from, err = r.position(s.From, a); err != nil || s.To == nil {
		return from, from, err
	}
	to, err = r.position(s.To, a)
	return from, to, err
}

func (r *pathRun) position(n *sqljson.Node, a around) (int64, error) {
	items, err := r.eval(n, a)
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
	v, err = castValue(r.env, v, types.BigIntType)
	if err != nil {
		return 0, pathError("%v", err)
	}
	return v.V.(int64), nil
}

// wrongItem reports an item of another kind than wanted.
func wrongItem(want string, item jsonItem) error {
	return pathError("invalid item type. Expected: %s, actual: %s", want, kindOf(item))
}
