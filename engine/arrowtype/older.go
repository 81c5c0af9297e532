package arrowtype

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/auditlake/auditlake/planner/types"
)

// FromNanos converts an array of type t to the present layout. Files from before long timestamps count those of
// seven to nine digits in nanoseconds, in 64 bits. An array in the present layout is returned unchanged.
func FromNanos(t *types.Type, data arrow.ArrayData) arrow.ArrayData {
	if !HasLong(t) || arrow.TypeEqual(data.DataType(), Of(t)) {
		return data
	}
	children := data.Children()
	switch t.Kind {
	case types.Timestamp:
		return longData(data)
	case types.TimestampTZ:
		children = []arrow.ArrayData{longData(children[0]), children[1]}
	case types.Array:
		children = []arrow.ArrayData{FromNanos(t.Elem, children[0])}
	case types.Map:
		entries := children[0]
		parts := []arrow.ArrayData{FromNanos(t.Key, entries.Children()[0]), FromNanos(t.Elem, entries.Children()[1])}
		children = []arrow.ArrayData{array.NewData(Of(t).(*arrow.MapType).Elem(), entries.Len(), entries.Buffers(), parts, entries.NullN(), entries.Offset())}
	case types.Row:
		parts := make([]arrow.ArrayData, len(children))
		for i, f := range t.Fields {
			parts[i] = FromNanos(f.Type, children[i])
		}
		children = parts
	}
	return array.NewData(Of(t), data.Len(), data.Buffers(), children, data.NullN(), data.Offset())
}

func longData(data arrow.ArrayData) arrow.ArrayData {
	if data.DataType().ID() != arrow.TIMESTAMP {
		return data
	}
	out := make([]decimal128.Num, data.Offset()+data.Len())
	if buffer := data.Buffers()[1]; buffer != nil && buffer.Len() > 0 { // none where all are NULL
		for i, nanos := range arrow.Int64Traits.CastFromBytes(buffer.Bytes())[:len(out)] {
			out[i] = types.PicosOfNanos(nanos)
		}
	}
	buffers := []*memory.Buffer{data.Buffers()[0], memory.NewBufferBytes(arrow.Decimal128Traits.CastToBytes(out))}
	return array.NewData(Long, data.Len(), buffers, nil, data.NullN(), data.Offset())
}
