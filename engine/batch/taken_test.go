package batch

import (
	"reflect"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
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

// TestDecodedBytesOfCodes: codes take, however many there are, what the texts they stand for take, and NULLs nothing.
func TestDecodedBytesOfCodes(t *testing.T) {
	values, err := FromStrings(arrow.BinaryTypes.String, []string{"", "one", "eleven"}, nil)
	require.NoError(t, err)
	all, lengths := []int32{2, 0, 1, 1, 0, 2, 2, 1, 0}, []int64{0, 3, 6}
	for _, valid := range [][]byte{nil, {0b10110101, 0b1}} {
		for rows := range len(all) + 1 {
			want := int64(0)
			for i, code := range all[:rows] {
				if arrowdata.IsValid(valid, i) {
					want += 4 + lengths[code]
				}
			}
			require.Equal(t, want, DecodedBytes(Vector{Array: FromCodes(all[:rows], valid, values)}, rows), "%d rows, %08b", rows, valid)
		}
	}
}

// TestTakeOwned: what is taken has the values of what Take takes, counts them as they are held, and refers to no memory of where they are from.
func TestTakeOwned(t *testing.T) {
	lengthy, err := FromStrings(arrow.BinaryTypes.String, []string{"one", strings.Repeat("eleven ", 100)}, nil)
	require.NoError(t, err)
	list := FromLists([]int32{0, 3, 4}, nil, Decode(dictionaryOf(t)))
	short, long := dictionaryOf(t), FromCodes([]int32{0, 0, 1, 1}, nil, lengthy)
	for _, c := range []struct {
		name         string
		from         Vector
		idx          []int32
		isDictionary bool
	}{
		{"texts", Vector{Array: Decode(short)}, []int32{2, 1, -1, 0}, false},
		{"a dictionary no longer than the texts", Vector{Array: short}, []int32{2, 0, 0, 0, 1, 2, 2}, true},
		{"a dictionary longer than the texts", Vector{Array: long}, []int32{1, 0, -1}, false},
		{"a list with most of the elements", Vector{Array: list}, []int32{0, -1}, false},
		{"a constant", Vector{Array: Decode(short), Const: true}, []int32{0, 0, 0}, false},
		{"nothing", Vector{Array: long}, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, want := TakeOwned(c.from, c.idx), TakeVector(c.from, c.idx)
			require.True(t, array.Equal(Decode(Expand(want, len(c.idx))), Decode(Expand(got, len(c.idx)))))
			_, isDictionary := got.Array.(*array.Dictionary)
			require.Equal(t, c.isDictionary, isDictionary)
			require.LessOrEqual(t, HeldBytes(got.Array), DecodedBytes(got, len(c.idx))+16, "but for bitmaps and first offsets")
			for _, mine := range buffersOf(got.Array.Data()) {
				for _, theirs := range buffersOf(c.from.Array.Data()) {
					require.NotSame(t, &theirs[0], &mine[0])
				}
			}
		})
	}
}

// buffersOf are the buffers of an array with bytes in them, with those of a dictionary.
func buffersOf(d arrow.ArrayData) [][]byte {
	var all [][]byte
	for _, b := range d.Buffers() {
		if b != nil && b.Len() > 0 {
			all = append(all, b.Bytes())
		}
	}
	for _, child := range d.Children() {
		all = append(all, buffersOf(child)...)
	}
	if values := d.Dictionary(); !reflect.ValueOf(values).IsNil() {
		all = append(all, buffersOf(values)...)
	}
	return all
}
