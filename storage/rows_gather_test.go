package storage

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/require"
)

// randomArray fills an array of any type of the tables; about a quarter of the values are NULL.
func randomArray(r *rand.Rand, typ arrow.DataType, n int, nulls bool) arrow.Array {
	b := array.NewBuilder(memory.DefaultAllocator, typ)
	for range n {
		appendRandom(r, b, nulls)
	}
	return b.NewArray()
}

func appendRandom(r *rand.Rand, b array.Builder, nulls bool) {
	if nulls && r.IntN(4) == 0 {
		b.AppendNull()
		return
	}
	switch b := b.(type) {
	case *array.StringBuilder:
		b.Append(fmt.Sprint("v", r.IntN(1000)))
	case *array.BinaryBuilder:
		b.Append([]byte{byte(r.IntN(256))})
	case *array.BooleanBuilder:
		b.Append(r.IntN(2) == 0)
	case *array.Int32Builder:
		b.Append(r.Int32())
	case *array.Float64Builder:
		b.Append(r.Float64())
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(r.Int64N(1e12)))
	case *array.StructBuilder:
		b.Append(true)
		for i := range b.NumField() {
			appendRandom(r, b.FieldBuilder(i), nulls)
		}
	case *array.MapBuilder:
		b.Append(true)
		for range r.IntN(3) {
			appendRandom(r, b.KeyBuilder(), false)
			appendRandom(r, b.ItemBuilder(), nulls)
		}
	case *array.ListBuilder:
		b.Append(true)
		for range r.IntN(3) {
			appendRandom(r, b.ValueBuilder(), nulls)
		}
	default:
		panic(fmt.Sprintf("%T", b))
	}
}

func TestGather(t *testing.T) {
	text := arrow.BinaryTypes.String
	for _, typ := range []arrow.DataType{
		text, arrow.BinaryTypes.Binary, arrow.FixedWidthTypes.Boolean, arrow.PrimitiveTypes.Int32, arrow.PrimitiveTypes.Float64,
		&arrow.TimestampType{Unit: arrow.Millisecond}, arrow.ListOf(text), arrow.MapOf(text, text),
		arrow.StructOf(arrow.Field{Name: "a", Type: text, Nullable: true}, arrow.Field{Name: "m", Type: arrow.MapOf(text, text), Nullable: true}),
		arrow.ListOf(arrow.StructOf(arrow.Field{Name: "b", Type: arrow.FixedWidthTypes.Boolean, Nullable: true})),
	} {
		for _, nulls := range []bool{false, true} {
			t.Run(fmt.Sprint(typ, nulls), func(t *testing.T) {
				r := rand.New(rand.NewPCG(1, 2))
				sources := []arrow.Array{
					randomArray(r, typ, 40, nulls),
					array.NewSlice(randomArray(r, typ, 60, nulls), 7, 50), // arrays need not begin at their buffers
					randomArray(r, typ, 0, nulls),
				}
				var picks []pick
				for range 300 {
					source := r.IntN(2)
					picks = append(picks, pick{source: int32(source), row: int32(r.IntN(sources[source].Len()))})
				}
				data, err := gather(typ, sources, picks)
				require.NoError(t, err)
				got := array.MakeFromData(data)
				require.Equal(t, len(picks), got.Len())
				for i, p := range picks {
					require.True(t, array.SliceEqual(sources[p.source], int64(p.row), int64(p.row)+1, got, int64(i), int64(i)+1), "row %d", i)
				}
			})
		}
	}
}

func TestGatherTextOfDictionaries(t *testing.T) {
	b := array.NewDictionaryBuilder(memory.DefaultAllocator, &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}).(*array.BinaryDictionaryBuilder)
	for _, text := range []string{"a", "b", "a"} {
		require.NoError(t, b.AppendString(text))
	}
	b.AppendNull()
	plain := array.NewStringBuilder(memory.DefaultAllocator)
	plain.AppendValues([]string{"c", ""}, []bool{true, false})
	data, err := gather(arrow.BinaryTypes.String, []arrow.Array{b.NewArray(), plain.NewArray()},
		[]pick{{0, 3}, {0, 2}, {1, 0}, {0, 1}, {1, 1}})
	require.NoError(t, err)
	require.Equal(t, `[(null) "a" "c" "b" (null)]`, array.MakeFromData(data).String())
}

func TestGatherStructsWithOtherFields(t *testing.T) {
	text := arrow.BinaryTypes.String
	field := func(name string) arrow.Field { return arrow.Field{Name: name, Type: text, Nullable: true} }
	want := arrow.StructOf(field("a"), field("b"))
	source := array.NewStructBuilder(memory.DefaultAllocator, arrow.StructOf(field("gone"), field("b")))
	source.Append(true)
	source.FieldBuilder(0).(*array.StringBuilder).Append("x")
	source.FieldBuilder(1).(*array.StringBuilder).Append("y")
	data, err := gather(want, []arrow.Array{source.NewArray()}, []pick{{0, 0}})
	require.NoError(t, err)
	got := array.MakeFromData(data)
	require.True(t, arrow.TypeEqual(want, got.DataType()))
	require.JSONEq(t, `{"a":null,"b":"y"}`, got.ValueStr(0))
	_, err = gather(text, []arrow.Array{got}, nil)
	require.ErrorContains(t, err, "instead of")
}

func TestGatherNothing(t *testing.T) {
	source := randomArray(rand.New(rand.NewPCG(1, 2)), arrow.ListOf(arrow.PrimitiveTypes.Int32), 0, false)
	data, err := gather(source.DataType(), []arrow.Array{source}, nil)
	require.NoError(t, err)
	require.Zero(t, array.MakeFromData(data).Len())
}

func TestGatherUnsupportedType(t *testing.T) {
	typ := arrow.PrimitiveTypes.Uint8
	_, err := gather(typ, []arrow.Array{array.NewBuilder(memory.DefaultAllocator, typ).NewArray()}, nil)
	require.Error(t, err)
}

func TestGatherTooMuchTextForOneArray(t *testing.T) {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	b.Append(strings.Repeat("x", 1<<20))
	_, err := gather(arrow.BinaryTypes.String, []arrow.Array{b.NewArray()}, make([]pick, 2048)) // 2 GiB
	require.ErrorIs(t, err, errArrayTooLarge)
}
