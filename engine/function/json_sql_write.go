package function

import (
	"math"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/function/internal/jsonpath"
	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/types"
)

// appendItem writes an item as JSON text; a value without JSON form is not ok.
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
