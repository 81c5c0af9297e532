package jsonpath

import (
	"strings"
	"unicode/utf8"

	"github.com/auditlake/auditlake/planner/types"
)

// Item is what SQL/JSON paths walk over: Null, *Text, *Object, BigNumber, or a *types.Value that is not NULL.
type Item any

type (
	// Null is the null of JSON.
	Null struct{}
	// Text is JSON text that is an array or object, or begins with one. It is read where a path looks into it, unless
	// ReadWhole has read it.
	Text struct {
		JSON string
		read *Object // the members, or the elements as values without keys; nil where they have not been read
	}
	// Object keeps members in the order of their first keys. Put alone changes them.
	Object struct {
		Keys   []string
		Values []Item
		at     map[string]int
	}
	// BigNumber is an integer that no SQL type of JSON numbers holds.
	BigNumber string
)

// Get returns the value of a member.
func (m *Object) Get(key string) (Item, bool) {
	i, ok := m.at[key]
	if !ok {
		return nil, false
	}
	return m.Values[i], true
}

// Put sets a member; of a repeated key the last value counts.
func (m *Object) Put(key string, value Item) {
	if i, ok := m.at[key]; ok {
		m.Values[i] = value
		return
	}
	if m.at == nil {
		m.at = map[string]int{}
	}
	m.at[key] = len(m.Keys)
	m.Keys, m.Values = append(m.Keys, key), append(m.Values, value)
}

// arrayOf is an item that is an array.
func arrayOf(item Item) (*Text, bool) {
	text, ok := item.(*Text)
	return text, ok && text.JSON[0] == '['
}

func isArray(item Item) bool {
	_, ok := arrayOf(item)
	return ok
}

// TextItem returns a text as the value of an item.
func TextItem(s string) types.Value { return types.Value{Type: types.VarcharType, V: s} }

// PaddedText is the text of a char value with its padding.
func PaddedText(t *types.Type, s string) string {
	if t.Kind != types.Char {
		return s
	}
	if missing := t.Length - utf8.RuneCountInString(s); missing > 0 {
		return s + strings.Repeat(" ", missing)
	}
	return s
}
