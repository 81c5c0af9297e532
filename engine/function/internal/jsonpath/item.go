package jsonpath

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/types"
)

// Item is what SQL/JSON paths walk over: Null, Array, *Object,
// BigNumber, or a types.Value that is not NULL.
type Item any

type (
	// Null is the null of JSON.
	Null struct{}
	// Array holds the elements of a JSON array.
	Array []Item
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
// empty text is null.
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
	case c == '{':
		m := &Object{}
		err := j.EachMember(func(key string) error {
			value, err := itemOf(j)
			m.Put(strings.Clone(key), value)
			return err
		})
		return m, err
	case c == '[':
		list := Array{}
		err := j.EachElement(func(int) error {
			value, err := itemOf(j)
			list = append(list, value)
			return err
		})
		return list, err
	case c == '"':
		s, err := j.ReadString()
		return TextItem(strings.Clone(s)), err
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
		return BigNumber(strings.Clone(text))
	case n < math.MinInt32 || n > math.MaxInt32:
		return types.Value{Type: types.BigIntType, V: n}
	}
	return types.Value{Type: types.IntegerType, V: n}
}

// AppendItem writes an item as JSON text; a value without JSON form is not ok.
func AppendItem(out []byte, item Item) (_ []byte, ok bool) {
	switch x := item.(type) {
	case Null:
		return append(out, "null"...), true
	case BigNumber:
		return append(out, x...), true
	case Array:
		out = append(out, '[')
		for i, element := range x {
			if i > 0 {
				out = append(out, ',')
			}
			if out, ok = AppendItem(out, element); !ok {
				return out, false
			}
		}
		return append(out, ']'), true
	case *Object:
		out = append(out, '{')
		for i, key := range x.Keys {
			if i > 0 {
				out = append(out, ',')
			}
			if out, ok = AppendItem(append(jsontext.AppendQuoted(out, key, jsontext.Canonical), ':'), x.Values[i]); !ok {
				return out, false
			}
		}
		return append(out, '}'), true
	}
	return appendScalarItem(out, item.(types.Value))
}

func appendScalarItem(out []byte, v types.Value) ([]byte, bool) {
	switch x := v.V.(type) {
	case bool:
		return strconv.AppendBool(out, x), true
	case string:
		return jsontext.AppendQuoted(out, paddedText(v.Type, x), jsontext.Canonical), v.Type.Kind == types.Varchar || v.Type.Kind == types.Char
	case int64:
		return strconv.AppendInt(out, x, 10), v.Type.IsInteger()
	case float64:
		return appendJSONFloat(out, x, 64), true
	case float32:
		return appendJSONFloat(out, float64(x), 32), true
	case decimal128.Num:
		return append(out, decimalItemText(x, v.Type.Scale)...), true
	}
	return out, false
}

// appendJSONFloat writes what is no number as a string.
func appendJSONFloat(out []byte, f float64, bits int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(arrowtype.AppendDouble(append(out, '"'), f, bits), '"')
	}
	return arrowtype.AppendDouble(out, f, bits)
}

// decimalItemText writes small fractions with an exponent, as Java does.
func decimalItemText(n decimal128.Num, scale int) string {
	digits := n.BigInt().String()
	sign := ""
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	const smallestPlain = -6
	exponent := len(digits) - 1 - scale
	if exponent >= smallestPlain {
		if scale == 0 {
			return sign + digits
		}
		if len(digits) <= scale {
			digits = strings.Repeat("0", scale-len(digits)+1) + digits
		}
		return sign + digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
	}
	if len(digits) > 1 {
		digits = digits[:1] + "." + digits[1:]
	}
	return sign + digits + "E" + strconv.Itoa(exponent)
}

// paddedText is the text of a char value with its padding.
func paddedText(t *types.Type, s string) string {
	if t.Kind != types.Char {
		return s
	}
	if missing := t.Length - utf8.RuneCountInString(s); missing > 0 {
		return s + strings.Repeat(" ", missing)
	}
	return s
}
