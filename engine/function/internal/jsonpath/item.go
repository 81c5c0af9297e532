package jsonpath

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/types"
)

// Item is what SQL/JSON paths walk over: Null, Text, *Object, BigNumber, or a types.Value that is not NULL.
type Item any

type (
	// Null is the null of JSON.
	Null struct{}
	// Text is JSON text that begins with an array or object. It is read where a path looks into it.
	Text string
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

// ReadItem reads one value of JSON text; what follows it is not looked at, and
// empty text is null. Items are views of the text.
func ReadItem(text string) (Item, error) {
	j := jsontext.Walker{Text: text}
	if j.AtEnd() {
		return Null{}, nil
	}
	return itemOf(&j)
}

// itemOf reads the value that j is at.
func itemOf(j *jsontext.Walker) (Item, error) {
	switch c := j.PeekByte(); {
	case c == '{' || c == '[':
		text := j.Rest()
		err := j.SkipValue()
		return Text(text[:len(text)-len(j.Rest())]), err
	case c == '"':
		s, err := j.ReadString()
		return TextItem(s), err
	case c == '-' || c >= '0' && c <= '9':
		n, err := j.ReadNumber()
		return numberItem(n), err
	}
	word, err := j.ReadWord()
	if word == "null" {
		return Null{}, err
	}
	return types.Value{Type: types.BooleanType, V: word == "true"}, err
}

// arrayOf is an item that is an array.
func arrayOf(item Item) (Text, bool) {
	text, ok := item.(Text)
	return text, ok && text[0] == '['
}

func isArray(item Item) bool {
	_, ok := arrayOf(item)
	return ok
}

// appendElements appends the elements of an array that has been read once without an error.
func appendElements(out []Item, list Text) []Item {
	j := jsontext.Walker{Text: string(list)}
	_ = j.EachElement(func(int) error {
		element, err := itemOf(&j)
		out = append(out, element)
		return err
	})
	return out
}

// objectOf reads an item that is an object, and has been read once without an error.
func objectOf(item Item) (*Object, bool) {
	text, ok := item.(Text)
	if !ok {
		object, ok := item.(*Object)
		return object, ok
	}
	if text[0] != '{' {
		return nil, false
	}
	object := &Object{}
	j := jsontext.Walker{Text: string(text)}
	_ = j.EachMember(func(key string) error {
		value, err := itemOf(&j)
		object.Put(key, value)
		return err
	})
	return object, true
}

// memberOf returns the value that a member of an object had last, nil without one. It reads text to its end.
func memberOf(item Item, key string) (value Item, err error) {
	if object, ok := item.(*Object); ok {
		value, _ = object.Get(key)
		return value, nil
	}
	j := jsontext.Walker{Text: string(item.(Text))}
	err = j.EachMember(func(k string) (err error) {
		if k != key {
			return j.SkipValue()
		}
		value, err = itemOf(&j)
		return err
	})
	return value, err
}

// TextItem returns a text as an item.
func TextItem(s string) types.Value { return types.Value{Type: types.VarcharType, V: s} }

// numberItem types a number: integer, bigint, or double if it has a point or
// an exponent.
func numberItem(text string) Item {
	if strings.ContainsAny(text, ".eE") {
		f, _ := strconv.ParseFloat(text, 64) // out of range: infinite or zero
		return types.Value{Type: types.DoubleType, V: f}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil:
		return BigNumber(text)
	case n < math.MinInt32 || n > math.MaxInt32:
		return types.Value{Type: types.BigIntType, V: n}
	}
	return types.Value{Type: types.IntegerType, V: n}
}

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
