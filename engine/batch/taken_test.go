package batch

import (
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/require"
)

// dictionaryOf has the values "one", NULL, "eleven", "one".
func dictionaryOf(t testing.TB) arrow.Array {
	b := array.NewDictionaryBuilder(memory.DefaultAllocator, &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String})
	text := b.(*array.BinaryDictionaryBuilder)
	for _, value := range []string{"one", "", "eleven", "one"} {
		if value == "" {
			text.AppendNull()
			continue
		}
		require.NoError(t, text.AppendString(value))
	}
	return text.NewArray()
}

func TestTakenBytes(t *testing.T) {
	dictionary := dictionaryOf(t)
	plain := Decode(dictionary)
	list := func(values arrow.Array) arrow.Array { // of two lists: the first three values, and the last
		return array.NewListData(array.NewData(arrow.ListOf(values.DataType()), 2,
			[]*memory.Buffer{nil, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes([]int32{0, 3, 4}))},
			[]arrow.ArrayData{values.Data()}, 0, 0))
	}
	row, err := array.NewStructArray([]arrow.Array{dictionary, plain}, []string{"d", "p"})
	require.NoError(t, err)
	for _, c := range []struct {
		name  string
		of    arrow.Array
		idx   []int32
		bytes int64
	}{
		{"a dictionary keeps its values", dictionary, []int32{2, 1, -1, 0}, 4 * 4},
		{"texts", plain, []int32{2, 1, -1, 0}, 4*4 + 6 + 3},
		{"fields", row, []int32{2, 3}, 2*4 + (2*4 + 6 + 3)},
		{"lists of texts", list(plain), []int32{0, 1, 1, -1}, 4*4 + (3*4 + 9) + 2*(4+3) + 5*4},
		{"lists of a dictionary", list(dictionary), []int32{0, 1, 1, -1}, 4*4 + (2*4 + 9) + 2*(4+3) + 5*4},
		{"nothing", dictionary, nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) { require.Equal(t, c.bytes, TakenBytes(c.of, c.idx)) })
	}
}
