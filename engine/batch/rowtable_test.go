package batch_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

// rowsOfCodes makes rows of two texts and a row of a text and a number, with NULL for some rows and fields. Its dictionaries repeat texts.
func rowsOfCodes(t *testing.T, random *rand.Rand, rows, texts int) arrow.Array {
	text := arrow.Field{Type: arrow.BinaryTypes.String, Nullable: true}
	inner := arrow.StructOf(text, arrow.Field{Type: arrow.PrimitiveTypes.Int64, Nullable: true})
	validity := func(oneIn int) []byte {
		valid := arrowdata.FullValidity(rows)
		for i := range rows {
			if random.IntN(oneIn) == 0 {
				arrowdata.ClearBit(valid, i)
			}
		}
		return valid
	}
	coded := func() arrow.Array {
		list := make([]string, texts)
		for i := range list {
			list[i] = fmt.Sprint("t", random.IntN(texts))
		}
		dictionary, err := batch.FromStrings(arrow.BinaryTypes.String, list, nil)
		require.NoError(t, err)
		codes := make([]int32, rows)
		for i := range codes {
			codes[i] = random.Int32N(int32(texts))
		}
		return batch.FromCodes(codes, validity(9), dictionary)
	}
	numbers := make([]int64, rows)
	for i := range numbers {
		numbers[i] = random.Int64N(3)
	}
	nested := batch.FromFields(inner, rows, validity(20), []arrow.Array{coded(), batch.FromValues(arrow.PrimitiveTypes.Int64, numbers, validity(5))})
	row := arrow.StructOf(text, text, arrow.Field{Type: inner, Nullable: true})
	return batch.FromFields(row, rows, validity(30), []arrow.Array{coded(), coded(), nested})
}

// byKeys are the codes that an Interner gives rows by what tells them apart.
type byKeys map[string]int32

func (k byKeys) codes(t *testing.T, a arrow.Array, insert bool) []int32 {
	codes := make([]int32, a.Len())
	for i := range codes {
		if a.IsNull(i) {
			continue
		}
		key, err := batch.AppendKey(nil, a, i)
		require.NoError(t, err)
		code, isKnown := k[string(key)]
		switch {
		case isKnown:
		case insert:
			code = int32(len(k)) + 1
			k[string(key)] = code
		default:
			code = batch.Absent
		}
		codes[i] = code
	}
	return codes
}

// TestInternerOfRows: rows have the codes that what tells them apart says, few or nearly all of them new, coded or not, are found by these,
// and come out as they went in.
func TestInternerOfRows(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	random := rand.New(rand.NewPCG(1, 2))
	for _, texts := range []int{3, 40, 400} {
		t.Run(fmt.Sprintf("%d texts", texts), func(t *testing.T) {
			known, in := byKeys{}, batch.NewInterner(batch.Decode(rowsOfCodes(t, random, 1, 1)).DataType())
			for try := range 9 {
				rows := []int{1, 300, 5000}[try%3]
				a := rowsOfCodes(t, random, rows, texts)
				if try%2 == 1 {
					a = batch.Decode(a)
				}
				got := make([]int32, rows)
				require.NoError(t, in.Finder().Find(batch.Vector{Array: a}, rows, got))
				require.Equal(t, known.codes(t, a, false), got)
				room := in.GrowthBytes(batch.Vector{Array: a}, rows)
				before := in.SizeBytes()
				require.NoError(t, in.Insert(batch.Vector{Array: a}, rows, got))
				require.Equal(t, known.codes(t, a, true), got)
				require.LessOrEqual(t, in.SizeBytes()-before, room+int64(64*texts), "%d rows", rows)
				requireSameRows(t, batch.Decode(a), in.ValuesOf(got, batch.InTurn))
				requireSameRows(t, batch.Decode(a), batch.Take(in.Values(), got))
			}
			require.Equal(t, len(known)+1, in.Len())
			nulls := []int32{7, 7}
			require.NoError(t, in.Insert(batch.Vector{Array: array.NewNull(2)}, 2, nulls))
			require.Equal(t, []int32{0, 0}, nulls)
		})
	}
}

func requireSameRows(t *testing.T, want, got arrow.Array) {
	t.Helper()
	require.Equal(t, want.Len(), got.Len())
	for i := range want.Len() {
		require.Equal(t, want.IsNull(i), got.IsNull(i))
		if !want.IsNull(i) {
			require.Equal(t, want.ValueStr(i), got.ValueStr(i))
		}
	}
}

// TestRowsThatDifferThoughEqual: of rows that are equal and look different, each comes out as the first of them looked.
func TestRowsThatDifferThoughEqual(t *testing.T) {
	row := arrow.StructOf(arrow.Field{Type: arrow.PrimitiveTypes.Float64}, arrow.Field{Type: arrow.PrimitiveTypes.Int64})
	zeros := batch.FromValues(arrow.PrimitiveTypes.Float64, []float64{0, math.Copysign(0, -1), math.Copysign(0, -1)}, nil)
	a := batch.FromFields(row, 3, nil, []arrow.Array{zeros, batch.FromValues(arrow.PrimitiveTypes.Int64, []int64{1, 2, 1}, nil)})
	in, codes := batch.NewInterner(row), make([]int32, 3)
	require.NoError(t, in.Insert(batch.Vector{Array: a}, 3, codes))
	require.Equal(t, []int32{1, 2, 1}, codes)
	values := batch.Values[float64](in.Values().(*array.Struct).Field(0))
	require.False(t, math.Signbit(values[1]))
	require.True(t, math.Signbit(values[2]))
}
