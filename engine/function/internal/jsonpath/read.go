package jsonpath

import (
	"math"
	"strconv"

	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/types"
)

// ReadItem reads one value of JSON text; what follows it is not read, and empty text is null. Items are views of
// the text.
func ReadItem(text string) (Item, error) {
	return new(reader).read(text)
}

// ReadWhole is ReadItem for callers that look into the item repeatedly: it also reads and keeps all that is in it.
func ReadWhole(text string) (Item, error) {
	return (&reader{whole: true}).read(text)
}

// reader reads items. Texts and values stay in its memory, until that is used for others.
type reader struct {
	whole  bool // texts are read with all that is in them
	texts  []Text
	values []types.Value
}

func (r *reader) read(text string) (Item, error) {
	j := jsontext.Walker{Text: text}
	if j.AtEnd() {
		return Null{}, nil
	}
	return r.itemOf(&j)
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
		return r.textOf(j)
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

// textOf reads the array or object that j is at.
func (r *reader) textOf(j *jsontext.Walker) (_ Item, err error) {
	from := j.Rest()
	var read *Object
	if r.whole {
		read, err = r.contents(j)
	} else {
		err = j.SkipValue()
	}
	return r.text(Text{JSON: from[:len(from)-len(j.Rest())], read: read}), err
}

// contents reads the members or elements of what j is at, as Text has them.
func (r *reader) contents(j *jsontext.Walker) (*Object, error) {
	read := &Object{}
	if j.PeekByte() == '[' {
		return read, j.EachElement(func(int) error {
			element, err := r.itemOf(j)
			read.Values = append(read.Values, element)
			return err
		})
	}
	return read, j.EachMember(func(key string) error {
		value, err := r.itemOf(j)
		read.Put(key, value)
		return err
	})
}

// size counts the elements of an array that has been checked.
func (r *reader) size(list *Text) (n int64) {
	if list.read != nil {
		return int64(len(list.read.Values))
	}
	j := jsontext.Walker{Text: list.JSON}
	_ = j.EachElement(func(int) error {
		n++
		return j.SkipValue()
	})
	return n
}

// appendElements appends the elements of an array that has been checked.
func (r *reader) appendElements(out []Item, list *Text) []Item {
	if list.read != nil {
		return append(out, list.read.Values...)
	}
	known := len(out)
	end := jsontext.EachPlainElement(list.JSON, jsontext.AnyOrder, func(text string) {
		element, _ := r.plainItem(text)
		out = append(out, element)
	})
	if end >= 0 {
		return out
	}
	out = out[:known]
	j := jsontext.Walker{Text: list.JSON}
	_ = j.EachElement(func(int) error {
		element, err := r.itemOf(&j)
		out = append(out, element)
		return err
	})
	return out
}

// objectOf reads an item that is an object, and has been checked.
func (r *reader) objectOf(item Item) (*Object, bool) {
	text, ok := item.(*Text)
	if !ok {
		object, ok := item.(*Object)
		return object, ok
	}
	if text.JSON[0] != '{' {
		return nil, false
	}
	if text.read != nil {
		return text.read, true
	}
	object, _ := r.contents(&jsontext.Walker{Text: text.JSON})
	return object, true
}

// memberOf returns the value that a member of an object had last, nil without one. It reads text to its end.
func (r *reader) memberOf(item Item, key string) (value Item, err error) {
	text, ok := item.(*Text)
	if !ok || text.read != nil {
		object, _ := r.objectOf(item)
		value, _ = object.Get(key)
		return value, nil
	}
	if found, end := jsontext.PlainMember(text.JSON, key, jsontext.AnyOrder); end >= 0 {
		return r.plainItem(found)
	}
	j := jsontext.Walker{Text: text.JSON}
	err = j.EachMember(func(k string) (err error) {
		if k != key {
			return j.SkipValue()
		}
		value, err = r.itemOf(&j)
		return err
	})
	return value, err
}

// plainItem reads a value of a plain object or array, nil if there is none. An array or object in it needs no
// further check.
func (r *reader) plainItem(value string) (Item, error) {
	switch {
	case value == "":
		return nil, nil
	case value[0] == '{' || value[0] == '[':
		return r.text(Text{JSON: value}), nil
	}
	return r.itemOf(&jsontext.Walker{Text: value})
}

// number types a number: integer, bigint, or double if it has a point or
// an exponent.
func (r *reader) number(text string) Item {
	if jsontext.HasFraction(text) {
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
