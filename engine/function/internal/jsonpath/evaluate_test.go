package jsonpath

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/sqljson"
	"github.com/auditlake/auditlake/planner/types"
)

// integers casts integers, which is all that positions need.
type integers struct{ Values }

func (integers) Cast(v types.Value, to *types.Type) (types.Value, error) {
	return types.Value{Type: to, V: v.V.(int64)}, nil
}

// evaluated evaluates a path, whose parameter list is an array.
func evaluated(t *testing.T, path, text string) (*Evaluator, []Item) {
	p, err := sqljson.Parse(path)
	require.NoError(t, err)
	e := NewEvaluator(p, integers{})
	list, err := ReadWhole("[1,2,3]")
	require.NoError(t, err)
	items, err := e.EvaluateText(text, map[string][]Item{"list": {list}})
	require.NoError(t, err)
	return e, items
}

// isWhole reports whether an item and all that is in it have been read.
func isWhole(item Item) bool {
	text, ok := item.(*Text)
	if !ok {
		return true
	}
	if text.read == nil {
		return false
	}
	for _, value := range text.read.Values {
		if !isWhole(value) {
			return false
		}
	}
	return true
}

// TestInputIsReadOnce: an input that a path looks into again and again is read once, others where the path looks into them.
func TestInputIsReadOnce(t *testing.T) {
	const text = ` {"w":1,"list":[3,2],"b":[{"c":7},{"c":1,"d":[[]]},{"c":3}]} `
	for _, c := range []struct {
		path  string
		found int
		whole bool
	}{
		{"lax $.b[*]", 3, false},
		{"lax $.b[*] ? (@.c > 1)", 2, false},
		{"lax $.b[1 to last]", 2, false},
		{"lax $.b[*] ? (@.c == $.w)", 1, true},
		{"lax $.b[*] ? (@.c == $.b.size())", 1, true},
		{"lax $.b[*].c ? (@ == $.list[0])", 1, true},
		{"lax $.b[$.w]", 1, true},
		{"lax $list[*] ? (@ == $.w)", 1, true},
		{"lax $..c", 3, true},
		{"lax $.b..c", 3, true},
	} {
		e, items := evaluated(t, c.path, text)
		require.Len(t, items, c.found, c.path)
		require.Equal(t, c.whole, isWhole(e.input), c.path)
		items, err := e.Evaluate(&Text{JSON: text[1 : len(text)-1]}, e.params)
		require.NoError(t, err, c.path)
		require.Len(t, items, c.found, c.path)
		require.Equal(t, c.whole, isWhole(e.input), c.path)
	}
}

// TestDeepDescendants: the levels of an input may be as many as JSON text may have.
func TestDeepDescendants(t *testing.T) {
	const deepest = 1000
	_, items := evaluated(t, "lax $..a", strings.Repeat(`{"a":`, deepest)+"1"+strings.Repeat("}", deepest))
	require.Len(t, items, deepest)
}

// TestElementsAreNotCopied: a subscript takes elements of a list that has been read from where they are.
func TestElementsAreNotCopied(t *testing.T) {
	list, err := ReadWhole("[1,[2],3]")
	require.NoError(t, err)
	e := &Evaluator{}
	require.Same(t, &e.elementsOf(list)[0], &e.elementsOf(list)[0])
}

// TestSizeMakesNoElements: size() counts elements without values of them.
func TestSizeMakesNoElements(t *testing.T) {
	e, items := evaluated(t, "lax $.a.size()", `{"a":[1,[2,3],{"b":4}]}`)
	size, err := numberOf(items[0])
	require.NoError(t, err)
	require.EqualValues(t, 3, size.V)
	require.Len(t, e.values, 1)
}
