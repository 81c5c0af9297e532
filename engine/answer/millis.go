package answer

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/planner/types"
)

// Millis is a column as Trino gives it to a client that knows no precision of
// times: every time and timestamp in it has milliseconds.
func Millis(c Column) Column { return Column{Name: c.Name, Type: millisType(c.Type)} }

// MillisArray rounds the times in an array of type t to the type that Millis returns for it.
func MillisArray(t *types.Type, arr arrow.Array) arrow.Array {
	if millisType(t).Equal(t) {
		return arr
	}
	return array.MakeFromData(millisData(t, arr.Data()))
}

// WithoutPrecision leaves the precision of milliseconds out of a type's text or
// signature.
func WithoutPrecision(text string) string { return plainTimes.Replace(text) }

var plainTimes = strings.NewReplacer(
	"timestamp(3)", "timestamp", "time(3)", "time",
	`"rawType":"timestamp","arguments":[{"kind":"LONG","value":3}]`, `"rawType":"timestamp","arguments":[]`,
	`"rawType":"timestamp with time zone","arguments":[{"kind":"LONG","value":3}]`, `"rawType":"timestamp with time zone","arguments":[]`,
	`"rawType":"time","arguments":[{"kind":"LONG","value":3}]`, `"rawType":"time","arguments":[]`,
	`"rawType":"time with time zone","arguments":[{"kind":"LONG","value":3}]`, `"rawType":"time with time zone","arguments":[]`,
)

func millisType(t *types.Type) *types.Type {
	switch t.Kind {
	case types.Time, types.TimeTZ, types.Timestamp, types.TimestampTZ:
		return &types.Type{Kind: t.Kind, Precision: 3}
	case types.Array:
		return types.ArrayOf(millisType(t.Elem))
	case types.Map:
		return types.MapOf(millisType(t.Key), millisType(t.Elem))
	case types.Row:
		fields := make([]types.Field, len(t.Fields))
		for i, f := range t.Fields {
			fields[i] = types.Field{Name: f.Name, Type: millisType(f.Type)}
		}
		return types.RowOf(fields...)
	}
	return t
}

func millisData(t *types.Type, data arrow.ArrayData) arrow.ArrayData {
	out := millisType(t)
	if out.Equal(t) {
		return data
	}
	outType, children := arrowtype.Of(out), data.Children()
	switch t.Kind {
	case types.Time, types.Timestamp:
		return rounded(t, out, outType, data)
	case types.TimeTZ, types.TimestampTZ:
		instants := rounded(t, out, outType.(*arrow.StructType).Field(0).Type, children[0])
		children = []arrow.ArrayData{instants, children[1]}
	case types.Array:
		children = []arrow.ArrayData{millisData(t.Elem, children[0])}
	case types.Map:
		entries := children[0]
		children = []arrow.ArrayData{array.NewData(outType.(*arrow.MapType).Elem(), entries.Len(), entries.Buffers(),
			[]arrow.ArrayData{millisData(t.Key, entries.Children()[0]), millisData(t.Elem, entries.Children()[1])}, entries.NullN(), entries.Offset())}
	case types.Row:
		fields := make([]arrow.ArrayData, len(children))
		for i, f := range t.Fields {
			fields[i] = millisData(f.Type, children[i])
		}
		children = fields
	}
	return array.NewData(outType, data.Len(), data.Buffers(), children, data.NullN(), data.Offset())
}

// roundedLong is a column of long timestamps in milliseconds. Picoseconds never say which way to round.
func roundedLong(toType arrow.DataType, data arrow.ArrayData) arrow.ArrayData {
	out := make([]int64, data.Offset()+data.Len())
	if buffer := data.Buffers()[1]; buffer != nil && buffer.Len() > 0 {
		for i, v := range arrow.Decimal128Traits.CastFromBytes(buffer.Bytes())[:len(out)] {
			micros, _ := types.SplitPicos(v)
			out[i] = types.FloorDiv(micros+500, 1000)
		}
	}
	buffers := []*memory.Buffer{data.Buffers()[0], memory.NewBufferBytes(arrow.Int64Traits.CastToBytes(out))}
	return array.NewData(toType, data.Len(), buffers, nil, data.NullN(), data.Offset())
}

// rounded converts a column of instants or times of the day to the unit of another type, rounded half up to
// milliseconds. A time of the day wraps around at midnight.
func rounded(from, to *types.Type, toType arrow.DataType, data arrow.ArrayData) arrow.ArrayData {
	if from.IsLong() {
		return roundedLong(toType, data)
	}
	fromUnit, toUnit := arrowtype.UnitsPerSecond(from), arrowtype.UnitsPerSecond(to)
	out := make([]int64, data.Offset()+data.Len())
	var values []int64 // none where all are NULL
	if buffer := data.Buffers()[1]; buffer != nil && buffer.Len() > 0 {
		values = arrow.Int64Traits.CastFromBytes(buffer.Bytes())[:len(out)]
	}
	for i, v := range values {
		if step := fromUnit / 1000; step > 1 {
			v += step / 2
			millis := v / step
			if v%step < 0 {
				millis--
			}
			out[i] = millis * (toUnit / 1000)
		} else {
			out[i] = v * (toUnit / fromUnit)
		}
		if day := 24 * 3600 * toUnit; (to.Kind == types.Time || to.Kind == types.TimeTZ) && out[i] >= day {
			out[i] -= day
		}
	}
	buffers := []*memory.Buffer{data.Buffers()[0], memory.NewBufferBytes(arrow.Int64Traits.CastToBytes(out))}
	return array.NewData(toType, data.Len(), buffers, nil, data.NullN(), data.Offset())
}
