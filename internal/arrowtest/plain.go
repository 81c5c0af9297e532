// Package arrowtest holds the helpers for Arrow arrays that tests of several packages share.
package arrowtest

import (
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/require"
)

// Plain decodes dictionary arrays of texts, including those in lists and structs. Maps stay as they are.
func Plain(t testing.TB, arr arrow.Array) arrow.Array {
	t.Helper()
	field := func(f arrow.Field, of arrow.Array) arrow.Field {
		f.Type = of.DataType()
		return f
	}
	switch x := arr.(type) {
	case *array.Dictionary:
		return plainTexts(t, x)
	case *array.List:
		elements := Plain(t, x.ListValues())
		return array.MakeFromData(array.NewData(arrow.ListOfField(field(x.DataType().(*arrow.ListType).ElemField(), elements)), x.Len(),
			x.Data().Buffers(), []arrow.ArrayData{elements.Data()}, x.NullN(), x.Data().Offset()))
	case *array.Map:
		keys, items := Plain(t, x.Keys()), Plain(t, x.Items())
		dataType := arrow.MapOf(keys.DataType(), items.DataType())
		entries := array.NewData(dataType.Elem(), keys.Len(), []*memory.Buffer{nil}, []arrow.ArrayData{keys.Data(), items.Data()}, 0, 0)
		return array.MakeFromData(array.NewData(dataType, x.Len(), x.Data().Buffers(), []arrow.ArrayData{entries}, x.NullN(), x.Data().Offset()))
	case *array.Struct:
		fields, children := x.DataType().(*arrow.StructType).Fields(), make([]arrow.ArrayData, x.NumField())
		for i := range children {
			child := Plain(t, x.Field(i))
			fields[i], children[i] = field(fields[i], child), child.Data()
		}
		require.Zero(t, x.Data().Offset()) // a field loses its offset
		return array.MakeFromData(array.NewData(arrow.StructOf(fields...), x.Len(), x.Data().Buffers(), children, x.NullN(), 0))
	}
	return arr
}

func plainTexts(t testing.TB, d *array.Dictionary) arrow.Array {
	t.Helper()
	texts, ok := d.Dictionary().(*array.String)
	require.True(t, ok)
	b := array.NewStringBuilder(memory.DefaultAllocator)
	for i := range d.Len() {
		if d.IsNull(i) {
			b.AppendNull()
			continue
		}
		b.Append(texts.Value(d.GetValueIndex(i)))
	}
	return b.NewArray()
}
