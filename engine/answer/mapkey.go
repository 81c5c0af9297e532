package answer

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/planner/types"
)

// appendKey appends a map's key as its text. Nested keys have the text that Java
// gives its lists and maps: [1, a, null] and {1=x}, without quotes.
func appendKey(out []byte, t *types.Type, arr arrow.Array, row int) []byte {
	if IsNull(arr, row) {
		return append(out, "null"...)
	}
	switch t.Kind {
	case types.Array:
		list := arr.(*array.List)
		from, to := list.ValueOffsets(row)
		out = append(out, '[')
		for i := int(from); i < int(to); i++ {
			out = appendKey(appendComma(out, i > int(from)), t.Elem, list.ListValues(), i)
		}
		return append(out, ']')
	case types.Row:
		out = append(out, '[')
		for i, f := range t.Fields {
			out = appendKey(appendComma(out, i > 0), f.Type, arr.(*array.Struct).Field(i), row)
		}
		return append(out, ']')
	case types.Map:
		m := arr.(*array.Map)
		from, to := m.ValueOffsets(row)
		out = append(out, '{')
		for i := int(from); i < int(to); i++ {
			out = append(appendKey(appendComma(out, i > int(from)), t.Key, m.Keys(), i), '=')
			out = appendKey(out, t.Elem, m.Items(), i)
		}
		return append(out, '}')
	}
	return AppendText(out, t, arr, row)
}

func appendComma(out []byte, wanted bool) []byte {
	if wanted {
		out = append(out, ", "...)
	}
	return out
}
