package jsonpath

import (
	"math"
	"strconv"
	"strings"

	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/types"
)

// ReadItem reads one value of JSON text; what follows it is not looked at, and
// empty text is null. Items are views of the text.
func ReadItem(text string) (Item, error) {
	j := jsontext.Walker{Text: text}
	if j.AtEnd() {
		return Null{}, nil
	}
	return new(reader).itemOf(&j)
}

// reader reads items. Texts and values stay in its memory, until that is used for others.
type reader struct {
	texts  []Text
	values []types.Value
}

func (r *reader) text(t Text) Item {
	r.texts = append(r.texts, t)
	return &r.texts[len(r.texts)-1]
}

func (r *reader) value(t *types.Type, v any) Item {
	r.values = append(r.values, types.Value{Type: t, V: v})
	return &r.values[len(r.values)-1]
}

// itemOf reads the value that j is at.
func (r *reader) itemOf(j *jsontext.Walker) (Item, error) {
	switch c := j.PeekByte(); {
	case c == '{' || c == '[':
		text := j.Rest()
		err := j.SkipValue()
		return r.text(Text(text[:len(text)-len(j.Rest())])), err
	case c == '"':
		s, err := j.ReadString()
		return r.value(types.VarcharType, s), err
	case c == '-' || c >= '0' && c <= '9':
		n, err := j.ReadNumber()
		return r.number(n), err
	}
	word, err := j.ReadWord()
	if word == "null" {
		return Null{}, err
	}
	return r.value(types.BooleanType, word == "true"), err
}

// appendElements appends the elements of an array that has been read once without an error.
func (r *reader) appendElements(out []Item, list Text) []Item {
	j := jsontext.Walker{Text: string(list)}
	_ = j.EachElement(func(int) error {
		element, err := r.itemOf(&j)
		out = append(out, element)
		return err
	})
	return out
}

// objectOf reads an item that is an object, and has been read once without an error.
func (r *reader) objectOf(item Item) (*Object, bool) {
	text, ok := item.(*Text)
	if !ok {
		object, ok := item.(*Object)
		return object, ok
	}
	if (*text)[0] != '{' {
		return nil, false
	}
	object := &Object{}
	j := jsontext.Walker{Text: string(*text)}
	_ = j.EachMember(func(key string) error {
		value, err := r.itemOf(&j)
		object.Put(key, value)
		return err
	})
	return object, true
}

// memberOf returns the value that a member of an object had last, nil without one. It reads text to its end.
func (r *reader) memberOf(item Item, key string) (value Item, err error) {
	if object, ok := item.(*Object); ok {
		value, _ = object.Get(key)
		return value, nil
	}
	j := jsontext.Walker{Text: string(*item.(*Text))}
	err = j.EachMember(func(k string) (err error) {
		if k != key {
			return j.SkipValue()
		}
		value, err = r.itemOf(&j)
		return err
	})
	return value, err
}

// number types a number: integer, bigint, or double if it has a point or
// an exponent.
func (r *reader) number(text string) Item {
	if strings.ContainsAny(text, ".eE") {
		f, _ := strconv.ParseFloat(text, 64) // out of range: infinite or zero
		return r.value(types.DoubleType, f)
	}
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil:
		return BigNumber(text)
	case n < math.MinInt32 || n > math.MaxInt32:
		return r.value(types.BigIntType, n)
	}
	return r.value(types.IntegerType, n)
}
