package answer

import (
	"bufio"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"net/netip"
	"strconv"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/types"
)

// IsNull reports whether the value at row is NULL; all values of an array
// without a type are.
func IsNull(arr arrow.Array, row int) bool { return arrowdata.IsNull(arr, row) }

// AppendJSON appends the value at row as the Trino client protocol writes it.
func AppendJSON(out []byte, t *types.Type, arr arrow.Array, row int) []byte {
	if IsNull(arr, row) {
		return append(out, "null"...)
	}
	switch t.Kind {
	case types.Boolean, types.TinyInt, types.SmallInt, types.Integer, types.BigInt:
		return AppendText(out, t, arr, row)
	case types.Real, types.Double:
		if f := float(arr, row); math.IsNaN(f) || math.IsInf(f, 0) {
			return append(AppendText(append(out, '"'), t, arr, row), '"')
		}
		return AppendText(out, t, arr, row)
	case types.Unknown:
		return append(out, "null"...)
	case types.Varchar, types.Char, types.JSON, types.JSONPath:
		return jsontext.AppendQuoted(out, text(arr, row), jsontext.Shortest)
	case types.Array:
		return appendJSONList(out, t.Elem, arr.(*array.List), row, AppendJSON)
	case types.Map:
		return appendJSONMap(out, t, arr.(*array.Map), row, AppendJSON)
	case types.Row:
		out = append(out, '[')
		for i, f := range t.Fields {
			if i > 0 {
				out = append(out, ',')
			}
			out = AppendJSON(out, f.Type, arr.(*array.Struct).Field(i), row)
		}
		return append(out, ']')
	}
	return AppendQuoted(out, AppendText(nil, t, arr, row))
}

// appendElement writes the value of an array in one of the forms of JSON.
type appendElement func(out []byte, t *types.Type, values arrow.Array, i int) []byte

func appendJSONList(out []byte, elem *types.Type, list *array.List, row int, element appendElement) []byte {
	from, to := list.ValueOffsets(row)
	out = append(out, '[')
	for i := int(from); i < int(to); i++ {
		if i > int(from) {
			out = append(out, ',')
		}
		out = element(out, elem, list.ListValues(), i)
	}
	return append(out, ']')
}

// appendJSONMap writes an object; a key that is not text is written as its text.
func appendJSONMap(out []byte, t *types.Type, m *array.Map, row int, element appendElement) []byte {
	from, to := m.ValueOffsets(row)
	out = append(out, '{')
	for i := int(from); i < int(to); i++ {
		if i > int(from) {
			out = append(out, ',')
		}
		out = append(AppendQuoted(out, appendKey(nil, t.Key, m.Keys(), i)), ':')
		out = element(out, t.Elem, m.Items(), i)
	}
	return append(out, '}')
}

// AppendText appends the value at row as text, without quotes: what CSV
// shows. NULL is the empty text; nested values are Trino's JSON.
func AppendText(out []byte, t *types.Type, arr arrow.Array, row int) []byte {
	if IsNull(arr, row) {
		return out
	}
	switch t.Kind {
	case types.Boolean:
		return strconv.AppendBool(out, arr.(*array.Boolean).Value(row))
	case types.TinyInt:
		return strconv.AppendInt(out, int64(arr.(*array.Int8).Value(row)), 10)
	case types.SmallInt:
		return strconv.AppendInt(out, int64(arr.(*array.Int16).Value(row)), 10)
	case types.Integer:
		return strconv.AppendInt(out, int64(arr.(*array.Int32).Value(row)), 10)
	case types.BigInt:
		return strconv.AppendInt(out, arr.(*array.Int64).Value(row), 10)
	case types.Real:
		return arrowtype.AppendDouble(out, float(arr, row), 32)
	case types.Double:
		return arrowtype.AppendDouble(out, float(arr, row), 64)
	case types.Decimal:
		return append(out, arr.(*array.Decimal128).Value(row).ToString(int32(t.Scale))...)
	case types.Varchar, types.Char, types.JSON, types.JSONPath:
		return append(out, text(arr, row)...)
	case types.Color:
		return appendColor(out, arr.(*array.Int32).Value(row))
	case types.UUID:
		return appendUUID(out, arr.(*array.FixedSizeBinary).Value(row))
	case types.IPAddress:
		address, _ := netip.AddrFromSlice(arr.(*array.FixedSizeBinary).Value(row))
		return address.Unmap().AppendTo(out)
	case types.Array, types.Map, types.Row:
		return AppendJSON(out, t, arr, row)
	}
	if binary, ok := arr.(*array.Binary); ok {
		return base64.StdEncoding.AppendEncode(out, binary.Value(row))
	}
	return appendTemporal(out, t, arr, row)
}

func appendTemporal(out []byte, t *types.Type, arr arrow.Array, row int) []byte {
	if t.IsLong() {
		return appendLong(out, t, arr, row)
	}
	switch t.Kind {
	case types.Date:
		return arrowtype.AppendDate(out, int64(arr.(*array.Date32).Value(row)))
	case types.Time:
		return arrowtype.AppendTime(out, t, batch.Values[int64](arr)[row])
	case types.Timestamp:
		return arrowtype.AppendTimestamp(out, int64(arr.(*array.Timestamp).Value(row)), arrowtype.UnitsPerSecond(t), t.Precision)
	case types.TimestampTZ:
		zoned := arr.(*array.Struct)
		instant := int64(zoned.Field(0).(*array.Timestamp).Value(row))
		return arrowtype.AppendTimestampTZ(out, t, instant, zoned.Field(1).(*array.Int32).Value(row))
	case types.TimeTZ:
		zoned := arr.(*array.Struct)
		instant := batch.Values[int64](zoned.Field(0))[row]
		return arrowtype.AppendTimeTZ(out, t, instant, zoned.Field(1).(*array.Int32).Value(row))
	case types.IntervalDay:
		return arrowtype.AppendIntervalDay(out, arr.(*array.Int64).Value(row))
	case types.IntervalYear:
		return arrowtype.AppendIntervalYear(out, int64(arr.(*array.Int32).Value(row)))
	}
	panic("result: no text for type " + t.String())
}

func appendLong(out []byte, t *types.Type, arr arrow.Array, row int) []byte {
	if zoned, ok := arr.(*array.Struct); ok {
		return arrowtype.AppendLongTZ(out, t, zoned.Field(0).(*array.Decimal128).Value(row), zoned.Field(1).(*array.Int32).Value(row))
	}
	return arrowtype.AppendLong(out, arr.(*array.Decimal128).Value(row), t.Precision)
}

func float(arr arrow.Array, row int) float64 {
	if real, ok := arr.(*array.Float32); ok {
		return float64(real.Value(row))
	}
	return arr.(*array.Float64).Value(row)
}

func text(arr arrow.Array, row int) string {
	if d, ok := arr.(*array.Dictionary); ok {
		return d.Dictionary().(*array.String).Value(d.GetValueIndex(row))
	}
	return arr.(*array.String).Value(row)
}

func appendUUID(out, value []byte) []byte {
	for i, part := range [][]byte{value[:4], value[4:6], value[6:8], value[8:10], value[10:]} {
		if i > 0 {
			out = append(out, '-')
		}
		out = hex.AppendEncode(out, part)
	}
	return out
}

// AppendQuoted appends text as a JSON string, escaping no more than it must.
// Invalid UTF-8 becomes U+FFFD.
func AppendQuoted(out, text []byte) []byte {
	return jsontext.AppendQuotedBytes(out, text, jsontext.Shortest)
}

// appendObject appends a row as an object, names as the answer has them.
func appendObject(out []byte, columns []Column, arrays []arrow.Array, row int) []byte {
	out = append(out, '{')
	for i, c := range columns {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(AppendQuoted(out, []byte(c.Name)), ':')
		out = appendValueObject(out, c.Type, arrays[i], row)
	}
	return append(out, '}')
}

// appendValueObject is AppendJSON with rows as objects, for people's JSON.
func appendValueObject(out []byte, t *types.Type, arr arrow.Array, row int) []byte {
	if IsNull(arr, row) {
		return append(out, "null"...)
	}
	switch t.Kind {
	case types.Row:
		out = append(out, '{')
		for i, f := range t.Fields {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(AppendQuoted(out, []byte(fieldName(f, i))), ':')
			out = appendValueObject(out, f.Type, arr.(*array.Struct).Field(i), row)
		}
		return append(out, '}')
	case types.Array:
		return appendJSONList(out, t.Elem, arr.(*array.List), row, appendValueObject)
	case types.Map:
		return appendJSONMap(out, t, arr.(*array.Map), row, appendValueObject)
	}
	return AppendJSON(out, t, arr, row)
}

// fieldName is the name of a row's field number i, which may have none.
func fieldName(f types.Field, i int) string {
	if f.Name == "" {
		return "field" + strconv.Itoa(i)
	}
	return f.Name
}

// writeNDJSON writes one object a line.
func writeNDJSON(w io.Writer, src Source) (int64, error) {
	return writeObjects(w, src, "", "\n", "\n")
}

// writeJSON writes one array of objects.
func writeJSON(w io.Writer, src Source) (int64, error) {
	if _, err := io.WriteString(w, "["); err != nil {
		return 0, err
	}
	rows, err := writeObjects(w, src, "\n", ",\n", "")
	if err != nil {
		return rows, err
	}
	_, err = io.WriteString(w, "\n]\n")
	return rows, err
}

func writeObjects(w io.Writer, src Source, before, between, after string) (int64, error) {
	out := bufio.NewWriter(w)
	var rows int64
	var line []byte
	for src.Next() {
		arrays := src.Arrays()
		for i := 0; i < rowsOf(arrays); i++ {
			line = line[:0]
			if rows == 0 {
				line = append(line, before...)
			} else {
				line = append(line, between...)
			}
			line = appendObject(line, src.Columns(), arrays, i)
			if _, err := out.Write(line); err != nil {
				return rows, err
			}
			rows++
		}
	}
	if rows > 0 {
		if _, err := out.WriteString(after); err != nil {
			return rows, err
		}
	}
	if err := out.Flush(); err != nil {
		return rows, err
	}
	return rows, src.Err()
}

// systemColors are the colors of the terminal, which are -1, -2 and so on.
var systemColors = []string{"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"}

func appendColor(out []byte, color int32) []byte {
	if color < 0 {
		return append(out, systemColors[-color-1]...)
	}
	return fmt.Appendf(out, "#%06x", color)
}
