package batch_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
)

func texts(t *testing.T, values ...string) arrow.Array {
	a, err := batch.FromStrings(arrow.BinaryTypes.String, values, nil)
	require.NoError(t, err)
	return a
}

// withNull is a with value i made NULL.
func withNull(a arrow.Array, i int) arrow.Array {
	rows := make([]int32, a.Len())
	for r := range rows {
		rows[r] = int32(r)
	}
	rows[i] = -1
	return batch.Take(a, rows)
}

func TestInterner(t *testing.T) {
	zoned := arrow.StructOf(arrow.Field{Name: "instant", Type: &arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "UTC"}, Nullable: true},
		arrow.Field{Name: "zone", Type: arrow.PrimitiveTypes.Int32, Nullable: true})
	lists := batch.FromLists([]int32{0, 1, 2, 3, 5}, nil, withNull(batch.FromValues(arrow.PrimitiveTypes.Int64, []int64{1, 2, 1, 1, 2}, nil), 1))
	for _, c := range []struct {
		name   string
		values arrow.Array
		want   []int32
	}{
		{"bigint", withNull(batch.FromValues(arrow.PrimitiveTypes.Int64, []int64{7, -1, 0, 7}, nil), 2), []int32{1, 2, 0, 1}},
		{"bigint, in order at first", batch.FromValues(arrow.PrimitiveTypes.Int64, []int64{-7, -7, -1, 3, -1, 9, -7}, nil), []int32{1, 1, 2, 3, 2, 4, 1}},
		{"tinyint", batch.FromValues(arrow.PrimitiveTypes.Int8, []int8{-1, 1, -1}, nil), []int32{1, 2, 1}},
		{"boolean", batch.FromBools([]bool{true, false, true}, nil), []int32{1, 2, 1}},
		{"double", batch.FromValues(arrow.PrimitiveTypes.Float64,
			[]float64{0, math.Copysign(0, -1), math.NaN(), math.Float64frombits(0x7ff8000000000abc), 1}, nil), []int32{1, 1, 2, 2, 3}},
		{"real", batch.FromValues(arrow.PrimitiveTypes.Float32, []float32{1.5, float32(math.NaN()), 1.5}, nil), []int32{1, 2, 1}},
		{"varchar", withNull(texts(t, "a", "", "b", "a", ""), 2), []int32{1, 2, 0, 1, 2}},
		{"varbinary", withNull(batch.FromText(arrow.BinaryTypes.Binary, []int32{0, 9, 9, 18, 19, 28}, []byte("\xff longer\x00\xff longer\x00x\xff longer\x01"), nil), 1), []int32{1, 0, 1, 2, 3}},
		{"dictionary with repeats", batch.FromCodes([]int32{0, 1, 2, 0}, []byte{0b0111}, texts(t, "x", "y", "x")), []int32{1, 2, 1, 0}},
		{"decimal", batch.FromValues(&arrow.Decimal128Type{Precision: 5, Scale: 2},
			[]decimal128.Num{decimal128.FromI64(100), decimal128.FromI64(-100), decimal128.FromI64(100)}, nil), []int32{1, 2, 1}},
		{"instants in zones", batch.FromFields(zoned, 3, nil, []arrow.Array{
			batch.FromValues(zoned.Field(0).Type, []int64{5, 5, 6}, nil), batch.FromValues(arrow.PrimitiveTypes.Int32, []int32{0, 1060, 0}, nil)}),
			[]int32{1, 1, 2}},
		{"array", lists, []int32{1, 2, 1, 3}},
		{"map, entries in any order", batch.FromMaps([]int32{0, 2, 4, 5}, nil, texts(t, "a", "b", "b", "a", "a"), texts(t, "1", "2", "2", "1", "1")),
			[]int32{1, 1, 2}},
		{"unknown", array.NewNull(2), []int32{0, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := batch.NewInterner(c.values.DataType())
			rows := c.values.Len()
			codes := make([]int32, rows)
			require.NoError(t, in.Insert(batch.Vector{Array: c.values}, rows, codes))
			require.Equal(t, c.want, codes)
			require.NoError(t, in.Find(batch.Vector{Array: c.values}, rows, codes))
			require.Equal(t, c.want, codes)
			values := in.Values()
			require.Equal(t, in.Len(), values.Len())
			if c.values.DataType().ID() != arrow.NULL {
				require.True(t, values.IsNull(0))
			}
			others := in.NonNullValues(batch.InTurn)
			require.True(t, array.Equal(others, array.NewSlice(values, 1, int64(values.Len()))) || c.name == "double" || c.name == "real")
			again := make([]int32, values.Len())
			require.NoError(t, in.Find(batch.Vector{Array: values}, values.Len(), again))
			for code, found := range again {
				require.EqualValues(t, code, found, "a value has its own code")
			}
		})
	}
}

// TestInternerOfFirstRows: numbers may be more than the rows that are inserted.
func TestInternerOfFirstRows(t *testing.T) {
	values := batch.FromValues(arrow.PrimitiveTypes.Int64, []int64{4, 4, 9, 10}, nil)
	codes := make([]int32, 2)
	require.NoError(t, batch.NewInterner(values.DataType()).Insert(batch.Vector{Array: values}, len(codes), codes))
	require.Equal(t, []int32{1, 1}, codes)
}

func TestInternerFindsWhatIsInserted(t *testing.T) {
	in := batch.NewInterner(arrow.BinaryTypes.String)
	codes := make([]int32, 3)
	dictionary := texts(t, "a", "b", "c")
	first := batch.Vector{Array: batch.FromCodes([]int32{1, 1, 1}, nil, dictionary)}
	all := batch.Vector{Array: batch.FromCodes([]int32{0, 1, 2}, nil, dictionary)}
	require.NoError(t, in.Insert(first, 3, codes))
	require.NoError(t, in.Find(all, 3, codes))
	require.Equal(t, []int32{batch.Absent, 1, batch.Absent}, codes)
	require.NoError(t, in.Insert(all, 3, codes))
	require.Equal(t, []int32{2, 1, 3}, codes)
	require.NoError(t, in.Insert(batch.Vector{Array: texts(t, "c"), Const: true}, 3, codes))
	require.Equal(t, []int32{3, 3, 3}, codes)
}

func TestTablesGrow(t *testing.T) {
	var words batch.WordTable
	var strings batch.TextTable
	const n = 10_000
	for range 2 {
		for i := range uint64(n) {
			require.EqualValues(t, i, words.Insert(i<<32))
			require.EqualValues(t, i, strings.Insert(fmt.Appendf(nil, "text %d", i)))
		}
	}
	require.Equal(t, []int{n, n}, []int{words.Len(), strings.Len()})
	require.EqualValues(t, 77, words.Find(77<<32))
	require.EqualValues(t, -1, words.Find(1))
	require.Equal(t, "text 77", string(strings.At(77)))
	require.EqualValues(t, -1, strings.Find([]byte("text")))
	require.Positive(t, words.SizeBytes()+strings.SizeBytes()-n*8)
}

func TestArrayBytes(t *testing.T) {
	a := batch.FromValues(arrow.PrimitiveTypes.Int64, make([]int64, 1000), nil)
	require.EqualValues(t, 8000, batch.ArrayBytes(a))
	require.EqualValues(t, 80, batch.ArrayBytes(array.NewSlice(a, 5, 15)))
	text := texts(t, "0123456789", "0123456789")
	require.EqualValues(t, 3*4+20, batch.ArrayBytes(text))
	require.EqualValues(t, 16, batch.ArrayBytes(batch.FromCodes(make([]int32, 4), nil, text)), "a dictionary is shared")
}

// TestDictionariesAreLookedUpOnce: the entries of a dictionary that comes again are not looked up again, so that no memory is taken. The first
// few rows of one with many texts are looked up without a table of the entries' codes, however many arrays they come in.
func TestDictionariesAreLookedUpOnce(t *testing.T) {
	values := make([]string, 1000)
	for i := range values {
		values[i] = fmt.Sprint("value ", i)
	}
	dictionary := texts(t, values...)
	in := batch.NewInterner(dictionary.DataType())
	insert := func(rows int) {
		entries, codes, want := make([]int32, rows), make([]int32, rows), make([]int32, rows)
		for i := range entries {
			entries[i], want[i] = []int32{7, 900}[i%2], int32(1+i%2)
		}
		vector := batch.Vector{Array: batch.FromCodes(entries, nil, dictionary)}
		require.Zero(t, testing.AllocsPerRun(1, func() { // which calls it once before
			if err := in.Insert(vector, rows, codes); err != nil {
				panic(err)
			}
		}))
		require.Equal(t, want, codes)
	}
	insert(3)
	few := in.SizeBytes()
	for range 4 {
		insert(3)
	}
	require.Equal(t, few, in.SizeBytes(), "thirty rows of a thousand entries are worth no table")
	insert(3)
	require.Equal(t, few+4*1000, in.SizeBytes(), "more are")
	insert(100)
	require.Equal(t, few+4*1000, in.SizeBytes())
}

// TestInternerOfLargeDictionaries: texts of dictionaries get the codes that they get without: those of their first rows, however many are new
// at once, repeated in the dictionary, NULL, or looked for before they were there.
func TestInternerOfLargeDictionaries(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	coded, plain := batch.NewInterner(arrow.BinaryTypes.String), batch.NewInterner(arrow.BinaryTypes.String)
	for range 8 {
		values := make([]string, 500)
		for i := range values {
			values[i] = strings.Repeat("long ", random.IntN(4)) + fmt.Sprint(random.IntN(3000))
		}
		dictionary := texts(t, values...)
		for range 3 {
			const rows = 700
			entries, valid := make([]int32, rows), make([]byte, (rows+7)/8)
			for i := range entries {
				entries[i] = int32(random.IntN(len(values)))
			}
			for i := range valid {
				valid[i] = ^byte(1 << random.IntN(8))
			}
			a := batch.FromCodes(entries, valid, dictionary)
			got, want := make([]int32, rows), make([]int32, rows)
			require.NoError(t, coded.Find(batch.Vector{Array: a}, rows/2, got))
			require.NoError(t, coded.Insert(batch.Vector{Array: a}, rows, got))
			require.NoError(t, plain.Insert(batch.Vector{Array: batch.Decode(a)}, rows, want))
			require.Equal(t, want, got)
		}
	}
	require.Equal(t, plain.Len(), coded.Len())
}
