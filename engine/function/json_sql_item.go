package function

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/sqljson"
	"github.com/auditlake/auditlake/planner/types"
)

// A jsonItem is what SQL/JSON paths walk over: jsonNull, jsonArray, *jsonMap,
// jsonBig, or a types.Value that is not NULL.
type jsonItem any

type (
	jsonNull  struct{}
	jsonArray []jsonItem
	// jsonMap keeps members in the order of their first keys.
	jsonMap struct {
		keys   []string
		values []jsonItem
		at     map[string]int
	}
	// jsonBig is an integer that no SQL type of JSON numbers holds.
	jsonBig string
)

func (m *jsonMap) get(key string) (jsonItem, bool) {
	i, ok := m.at[key]
	if !ok {
		return nil, false
	}
	return m.values[i], true
}

// put sets a member; of a repeated key the last value counts.
func (m *jsonMap) put(key string, value jsonItem) {
	if i, ok := m.at[key]; ok {
		m.values[i] = value
		return
	}
	if m.at == nil {
		m.at = map[string]int{}
	}
	m.at[key] = len(m.keys)
	m.keys, m.values = append(m.keys, key), append(m.values, value)
}

// readItem reads one value of JSON text; what follows it is not looked at, and
// empty text is null.
func readItem(text string) (jsonItem, error) {
	j := jsontext.Walker{Text: text}
	if j.AtEnd() {
		return jsonNull{}, nil
	}
	return itemOf(&j)
}

// itemOf reads the value that j is at.
func itemOf(j *jsontext.Walker) (jsonItem, error) {
	switch c := j.PeekByte(); {
	case c == '{':
		m := &jsonMap{}
		err := j.EachMember(func(key string) error {
			value, err := itemOf(j)
			m.put(strings.Clone(key), value)
			return err
		})
		return m, err
	case c == '[':
		list := jsonArray{}
		err := j.EachElement(func(int) error {
			value, err := itemOf(j)
			list = append(list, value)
			return err
		})
		return list, err
	case c == '"':
		s, err := j.ReadString()
		return textValue(strings.Clone(s)), err
	case c == '-' || c >= '0' && c <= '9':
		n, err := j.ReadNumber()
		return numberItem(n), err
	}
	word, err := j.ReadWord()
	if word == "null" {
		return jsonNull{}, err
	}
	return types.Value{Type: types.BooleanType, V: word == "true"}, err
}

func textValue(s string) types.Value { return types.Value{Type: types.VarcharType, V: s} }

// numberItem types a number: integer, bigint, or double if it has a point or
// an exponent.
func numberItem(text string) jsonItem {
	if strings.ContainsAny(text, ".eE") {
		f, _ := strconv.ParseFloat(text, 64) // out of range: infinite or zero
		return types.Value{Type: types.DoubleType, V: f}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil:
		return jsonBig(strings.Clone(text))
	case n < math.MinInt32 || n > math.MaxInt32:
		return types.Value{Type: types.BigIntType, V: n}
	}
	return types.Value{Type: types.IntegerType, V: n}
}

// appendItem writes an item as JSON text; a value without JSON form is not ok.
func appendItem(out []byte, item jsonItem) (_ []byte, ok bool) {
	switch x := item.(type) {
	case jsonNull:
		return append(out, "null"...), true
	case jsonBig:
		return append(out, x...), true
	case jsonArray:
		out = append(out, '[')
		for i, element := range x {
			if i > 0 {
				out = append(out, ',')
			}
			if out, ok = appendItem(out, element); !ok {
				return out, false
			}
		}
		return append(out, ']'), true
	case *jsonMap:
		out = append(out, '{')
		for i, key := range x.keys {
			if i > 0 {
				out = append(out, ',')
			}
			if out, ok = appendItem(append(jsontext.AppendQuoted(out, key, jsontext.Canonical), ':'), x.values[i]); !ok {
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

// formattedItem reads a value that is JSON text in a format.
func formattedItem(v types.Value, format sqljson.Format) (jsonItem, error) {
	switch x := v.V.(type) {
	case string:
		return readItem(x)
	case []byte:
		text, ok := decodeBytes(x, format)
		if !ok {
			return nil, jsontext.ErrMalformed
		}
		return readItem(text)
	}
	return nil, jsontext.ErrMalformed
}
