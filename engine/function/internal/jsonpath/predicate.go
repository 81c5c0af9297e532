package jsonpath

import (
	"cmp"
	"strings"

	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/sqljson"
	"github.com/auditlake/auditlake/planner/types"
)

// tristate is the answer of a predicate.
type tristate int8

const (
	isUnknown tristate = iota
	isFalse
	isTrue
)

func tristateOf(b bool) tristate {
	if b {
		return isTrue
	}
	return isFalse
}

// holds evaluates a predicate. What cannot be evaluated is unknown.
func (e *Evaluator) holds(n *sqljson.Node, a around) tristate {
	switch n.Op {
	case sqljson.And, sqljson.Or:
		return e.joined(n, a)
	case sqljson.Not:
		switch e.holds(n.Args[0], a) {
		case isTrue:
			return isFalse
		case isFalse:
			return isTrue
		}
		return isUnknown
	case sqljson.IsUnknown:
		return tristateOf(e.holds(n.Args[0], a) == isUnknown)
	}
	if n.IsComparison() {
		if answer, ok := e.comparedPlain(n, a); ok {
			return answer
		}
	}
	left, err := e.eval(n.Args[0], a)
	if err != nil {
		return isUnknown
	}
	if n.Op == sqljson.Exists {
		return tristateOf(len(left) > 0)
	}
	right, err := e.eval(n.Args[1], a)
	if err != nil {
		return isUnknown
	}
	if n.Op == sqljson.StartsWith {
		return e.startsWith(left, right)
	}
	return e.compare(n.Op, e.unwrapped(left), e.unwrapped(right))
}

func (e *Evaluator) joined(n *sqljson.Node, a around) tristate {
	decides := isFalse
	if n.Op == sqljson.Or {
		decides = isTrue
	}
	left := e.holds(n.Args[0], a)
	if left == decides {
		return decides
	}
	right := e.holds(n.Args[1], a)
	switch {
	case right == decides:
		return decides
	case left == isUnknown || right == isUnknown:
		return isUnknown
	}
	return left
}

func (e *Evaluator) startsWith(values, prefixes []Item) tristate {
	if len(prefixes) != 1 {
		return isUnknown
	}
	prefix, ok := TextOf(prefixes[0])
	if !ok {
		return isUnknown
	}
	found := false
	for _, item := range e.unwrapped(values) {
		text, ok := TextOf(item)
		if !ok {
			return isUnknown
		}
		if found = found || strings.HasPrefix(text, prefix); found && e.lax {
			return isTrue
		}
	}
	return tristateOf(found)
}

// TextOf returns the text of an item if it is a text; a char with its padding.
func TextOf(item Item) (string, bool) {
	v, ok := item.(*types.Value)
	if !ok || !v.Type.IsText() {
		return "", false
	}
	return jsontext.WithoutSurrogates(PaddedText(v.Type, v.V.(string))), true
}

// sorts are the sorts of items in a sequence, for comparing.
type sorts struct{ null, scalar, nested bool }

func sortsOf(items []Item) (s sorts, comparable bool) {
	comparable = true
	for _, item := range items {
		switch item.(type) {
		case Null:
			s.null = true
		case *types.Value:
			s.scalar = true
		case BigNumber:
			s.scalar, comparable = true, false
		default:
			s.nested = true
		}
	}
	return s, comparable
}

// compare compares every item of a sequence with every one of another. null
// equals null and nothing else; arrays and objects compare with null only.
func (e *Evaluator) compare(op sqljson.Op, left, right []Item) tristate {
	if len(left) == 0 || len(right) == 0 {
		return isFalse
	}
	l, leftOK := sortsOf(left)
	m, rightOK := sortsOf(right)
	if l.nested && (m.nested || m.scalar) || l.scalar && m.nested {
		return isUnknown
	}
	found := op == sqljson.Equal && l.null && m.null ||
		op == sqljson.NotEqual && (l.null && (m.scalar || m.nested) || m.null && (l.scalar || l.nested))
	if found && e.lax || !l.scalar || !m.scalar {
		return tristateOf(found)
	}
	if !leftOK || !rightOK {
		return isUnknown
	}
	for _, left := range left {
		for _, right := range right {
			x, ok := left.(*types.Value)
			y, bothOK := right.(*types.Value)
			if !ok || !bothOK {
				continue
			}
			switch e.compareScalars(op, *x, *y) {
			case isUnknown:
				return isUnknown
			case isTrue:
				if found = true; e.lax {
					return isTrue
				}
			}
		}
	}
	return tristateOf(found)
}

var pathComparisons = map[sqljson.Op]string{sqljson.Equal: types.OpEqual, sqljson.NotEqual: types.OpNotEqual, sqljson.Less: types.OpLess,
	sqljson.LessOrEqual: types.OpLessEqual, sqljson.Greater: types.OpGreater, sqljson.GreaterOrEqual: types.OpGreaterEq}

func (e *Evaluator) compareScalars(op sqljson.Op, x, y types.Value) tristate {
	if a, ok := x.V.(int64); ok && x.Type.IsInteger() && y.Type.IsInteger() {
		return tristateOf(ordered(op, cmp.Compare(a, y.V.(int64))))
	}
	if a, ok := x.V.(string); ok && x.Type.Kind == types.Varchar && y.Type.Kind == types.Varchar {
		return tristateOf(ordered(op, strings.Compare(a, y.V.(string))))
	}
	if common, ok := types.CommonSuperType(x.Type, y.Type); ok {
		var err error
		if x, err = e.sql.Cast(x, common); err != nil {
			return isUnknown
		}
		if y, err = e.sql.Cast(y, common); err != nil {
			return isUnknown
		}
	}
	v, err := e.sql.Call(pathComparisons[op], x, y)
	answer, ok := v.V.(bool)
	if err != nil || !ok {
		return isUnknown
	}
	return tristateOf(answer)
}

// ordered reports whether an order of two values fits an operator.
func ordered(op sqljson.Op, order int) bool {
	switch op {
	case sqljson.Equal:
		return order == 0
	case sqljson.NotEqual:
		return order != 0
	case sqljson.Less:
		return order < 0
	case sqljson.LessOrEqual:
		return order <= 0
	case sqljson.Greater:
		return order > 0
	}
	return order >= 0
}
