package answer

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/planner/types"
)

// AppendBare appends the value at row as text without any quotes, as the AWS API gives it: a nested value is [1, a,
// null], {key=value} or, for a row, {field=value}. A field without a name is field0, field1 and so on.
func AppendBare(out []byte, t *types.Type, arr arrow.Array, row int) []byte {
	return appendBare(out, t, arr, row, appendNamedRow)
}

// appendKey appends a map's key as its text. Nested keys have the text that Java gives its lists and maps: rows are
// lists there.
func appendKey(out []byte, t *types.Type, arr arrow.Array, row int) []byte {
	return appendBare(out, t, arr, row, appendListedRow)
}

// appendRow writes a row in one of the forms without quotes.
type appendRow func(out []byte, t *types.Type, fields *array.Struct, row int) []byte

func appendListedRow(out []byte, t *types.Type, fields *array.Struct, row int) []byte {
	out = append(out, '[')
	for i, f := range t.Fields {
		out = appendKey(appendComma(out, i > 0), f.Type, fields.Field(i), row)
	}
	return append(out, ']')
}

func appendNamedRow(out []byte, t *types.Type, fields *array.Struct, row int) []byte {
	out = append(out, '{')
	for i, f := range t.Fields {
		out = append(append(appendComma(out, i > 0), fieldName(f, i)...), '=')
		out = AppendBare(out, f.Type, fields.Field(i), row)
	}
	return append(out, '}')
}

func appendBare(out []byte, t *types.Type, arr arrow.Array, row int, rows appendRow) []byte {
	if IsNull(arr, row) {
		return append(out, "null"...)
	}
	switch t.Kind {
	case types.Array:
		list := arr.(*array.List)
		from, to := list.ValueOffsets(row)
		out = append(out, '[')
		for i := int(from); i < int(to); i++ {
			out = appendBare(appendComma(out, i > int(from)), t.Elem, list.ListValues(), i, rows)
		}
		return append(out, ']')
	case types.Row:
		return rows(out, t, arr.(*array.Struct), row)
	case types.Map:
		m := arr.(*array.Map)
		from, to := m.ValueOffsets(row)
		out = append(out, '{')
		for i := int(from); i < int(to); i++ {
			out = append(appendBare(appendComma(out, i > int(from)), t.Key, m.Keys(), i, rows), '=')
			out = appendBare(out, t.Elem, m.Items(), i, rows)
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
