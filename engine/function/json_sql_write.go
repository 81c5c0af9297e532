package function

import (
	"strconv"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/engine/function/internal/jsonpath"
	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/types"
)

// appendItem writes an item as JSON text. It returns false for a value without a JSON form.
func (c *jsonCall) appendItem(out []byte, item jsonpath.Item) (_ []byte, ok bool) {
	switch x := item.(type) {
	case jsonpath.Null:
		return append(out, "null"...), true
	case jsonpath.BigNumber:
		return append(out, x...), true
	case *jsonpath.Text:
		j := jsontext.Walker{Text: x.JSON}
		out, err := c.writer.appendValue(out, &j)
		return out, err == nil
	case *jsonpath.Object:
		out = append(out, '{')
		for i, key := range x.Keys {
			if i > 0 {
				out = append(out, ',')
			}
			if out, ok = c.appendItem(append(jsontext.AppendQuoted(out, key, jsontext.Canonical), ':'), x.Values[i]); !ok {
				return out, false
			}
		}
		return append(out, '}'), true
	}
	return appendScalarItem(out, *item.(*types.Value))
}

// appendList writes items as an array.
func (c *jsonCall) appendList(out []byte, items []jsonpath.Item) (_ []byte, ok bool) {
	out = append(out, '[')
	for i, item := range items {
		if i > 0 {
			out = append(out, ',')
		}
		if out, ok = c.appendItem(out, item); !ok {
			return out, false
		}
	}
	return append(out, ']'), true
}

func appendScalarItem(out []byte, v types.Value) ([]byte, bool) {
	switch x := v.V.(type) {
	case bool:
		return strconv.AppendBool(out, x), true
	case string:
		return jsontext.AppendQuoted(out, jsonpath.PaddedText(v.Type, x), jsontext.Canonical), v.Type.Kind == types.Varchar || v.Type.Kind == types.Char
	case int64:
		return strconv.AppendInt(out, x, 10), v.Type.IsInteger()
	case float64:
		return appendJSONFloat(out, x, 64), true
	case float32:
		return appendJSONFloat(out, float64(x), 32), true
	case decimal128.Num:
		return appendJSONDecimal(out, x, v.Type.Scale), true
	}
	return out, false
}
