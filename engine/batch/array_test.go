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
	"github.com/auditlake/auditlake/planner/types"
)

// words makes a text array; "-" stands for NULL.
func words(t *testing.T, list ...string) arrow.Array {
	valid := arrowdata.FullValidity(len(list))
	for i, w := range list {
		if w == "-" {
			arrowdata.ClearBit(valid, i)
		}
	}
	a, err := batch.FromStrings(arrow.BinaryTypes.String, list, valid)
	require.NoError(t, err)
	return a
}

// list reads a text array back.
func list(a arrow.Array) []string {
	out := batch.Strings(a)
	for i := range out {
		if a.IsNull(i) {
			out[i] = "-"
		}
	}
	return out
}

func doubles(vals ...float64) arrow.Array {
	return batch.FromValues(arrow.PrimitiveTypes.Float64, vals, nil)
}

func TestTakeOfSlices(t *testing.T) {
	whole := words(t, "a", "-", "", "dd", "e")
	slice := array.NewSlice(whole, 1, 5)
	require.Equal(t, []string{"e", "-", "-", "", "dd"}, list(batch.Take(slice, []int32{3, 0, -1, 1, 2})))

	lists := batch.FromLists([]int32{0, 2, 2, 5}, nil, whole)
	taken := batch.Take(array.NewSlice(lists, 1, 3), []int32{1, 0, -1})
	offsets, elems := batch.Lists(taken)
	require.Equal(t, []int32{0, 3, 3, 3}, offsets)
	require.Equal(t, []string{"", "dd", "e"}, list(elems))
	require.True(t, taken.IsNull(2))

	rows := batch.FromFields(arrow.StructOf(arrow.Field{Name: "x", Type: arrow.BinaryTypes.String, Nullable: true}), 5, nil, []arrow.Array{whole})
	require.Equal(t, []string{"e", "-"}, list(batch.Fields(batch.Take(array.NewSlice(rows, 1, 5), []int32{3, 0}))[0]))

	bools := array.NewSlice(batch.FromBools([]bool{true, false, true}, nil), 1, 3)
	require.Equal(t, []bool{true, false}, batch.Bools(batch.Take(bools, []int32{1, 0})))
}

func TestDictionaries(t *testing.T) {
	dictionary := words(t, "x", "y", "unused")
	valid := arrowdata.FullValidity(4)
	arrowdata.ClearBit(valid, 2)
	d := batch.FromCodes([]int32{1, 0, 0, 1}, valid, dictionary)
	require.Equal(t, []string{"y", "x", "-", "y"}, list(batch.Decode(d)))

	taken := batch.Take(d, []int32{3, 2, -1})
	require.IsType(t, d, taken)
	require.Equal(t, []string{"y", "-", "-"}, list(taken))

	joined := batch.Concat([]arrow.Array{d, taken})
	require.IsType(t, d, joined)
	require.Equal(t, []string{"y", "x", "-", "y", "y", "-", "-"}, list(joined))

	mixed := batch.Concat([]arrow.Array{taken, words(t, "z", "-")})
	require.IsType(t, &array.String{}, mixed)
	require.Equal(t, []string{"y", "-", "-", "z", "-"}, list(mixed))
}

func TestConcatOfDictionaries(t *testing.T) {
	valid := arrowdata.FullValidity(8)
	arrowdata.ClearBit(valid, 6)
	first := batch.FromCodes([]int32{0, 1, 0, 1, 0, 1, 0, 3}, valid, words(t, "x", "y", "unused", "y"))
	second := batch.FromCodes([]int32{1, 1, 0, 1, 0, 0, 0, 0, 0, 0}, nil, words(t, "y", "z"))
	joined := batch.Concat([]arrow.Array{array.NewSlice(first, 1, 8), second, first})
	require.IsType(t, first, joined)
	require.Equal(t, []string{"y", "x", "y", "z"}, append(list(joined)[:3:3], list(joined)[7]))
	require.Equal(t, []string{"y", "x", "y", "x", "y", "-", "y", "z", "z", "y", "z", "y", "y", "y", "y", "y", "y", "x", "y", "x", "y", "x", "y", "-", "y"}, list(joined))
	require.Equal(t, 3, joined.(*array.Dictionary).Dictionary().Len(), "values that are in use, each once")

	noTexts := batch.FromCodes([]int32{7, 0}, make([]byte, 8), words(t))
	require.Equal(t, []string{"-", "-", "x"}, list(batch.Concat([]arrow.Array{noTexts, first, second}))[:3], "the code of NULL is any")

	other := batch.FromCodes([]int32{0, 1, 2, 3, 4}, nil, words(t, "a", "b", "c", "d", "e"))
	require.IsType(t, &array.String{}, batch.Concat([]arrow.Array{second, other}), "many values for so few rows")

	fewPlain := batch.Concat([]arrow.Array{words(t, "z", "-"), first, second})
	require.IsType(t, first, fewPlain, "a few rows without a dictionary get its codes")
	require.Equal(t, []string{"z", "-", "x", "y", "x", "y", "x", "y", "-", "y", "z", "z", "y", "z", "y", "y", "y", "y", "y", "y"}, list(fewPlain))
	require.IsType(t, &array.String{}, batch.Concat([]arrow.Array{words(t, "z", "-", "y"), first, second}), "many rows without a dictionary")
}

// TestConcatOfLongDictionaries: many values stay a dictionary where there are as many rows to each as for few, and are given up as soon as it is
// seen that they hardly repeat.
func TestConcatOfLongDictionaries(t *testing.T) {
	const values = 1<<17 - 2
	texts := make([]string, values)
	for i := range texts {
		texts[i] = fmt.Sprint("text ", i)
	}
	long, err := batch.FromStrings(arrow.BinaryTypes.String, texts, nil)
	require.NoError(t, err)
	part := func(from, rows, of int) arrow.Array {
		codes := make([]int32, rows)
		for i := range codes {
			codes[i] = int32(from + i%of)
		}
		return batch.FromCodes(codes, nil, array.NewSlice(long, 0, values))
	}
	joined := batch.Concat([]arrow.Array{part(0, values, values/2), part(values/2, 2*values, values/2)})
	require.IsType(t, &array.Dictionary{}, joined)
	require.Equal(t, values, joined.(*array.Dictionary).Dictionary().Len())
	require.Equal(t, fmt.Sprint("text ", values-1), batch.Strings(joined)[2*values-1])
	require.IsType(t, &array.String{}, batch.Concat([]arrow.Array{part(0, values, values), part(0, 2*values, values)}), "hardly any repeats at first")
}

func TestConcatOfSlices(t *testing.T) {
	elems := words(t, "a", "b", "c", "d")
	lists := batch.FromLists([]int32{0, 1, 3, 4}, nil, elems)
	joined := batch.Concat([]arrow.Array{array.NewSlice(lists, 1, 3), array.NewSlice(lists, 0, 2)})
	offsets, all := batch.Lists(joined)
	require.Equal(t, []int32{0, 2, 3, 4, 6}, offsets)
	require.Equal(t, []string{"b", "c", "d", "a", "b", "c"}, list(all))

	maps := batch.FromMaps([]int32{0, 1, 4}, nil, elems, words(t, "1", "-", "3", "4"))
	offsets, keys, values := batch.Maps(batch.Concat([]arrow.Array{array.NewSlice(maps, 1, 2), maps}))
	require.Equal(t, []int32{0, 3, 4, 7}, offsets)
	require.Equal(t, []string{"b", "c", "d", "a", "b", "c", "d"}, list(keys))
	require.Equal(t, []string{"-", "3", "4", "1", "-", "3", "4"}, list(values))
}

// TestConcatOfCodedLists: the elements of lists keep their dictionary as other values do.
func TestConcatOfCodedLists(t *testing.T) {
	dictionary := words(t, "x", "y")
	lists := batch.FromLists([]int32{0, 1, 3, 4}, nil, batch.FromCodes([]int32{0, 1, 0, 1}, nil, dictionary))
	other := batch.FromLists([]int32{0, 0, 2}, nil, batch.FromCodes([]int32{1, 0}, nil, words(t, "x", "z")))
	for _, joined := range []struct {
		of    []arrow.Array
		texts []string
	}{
		{[]arrow.Array{array.NewSlice(lists, 1, 3), lists}, []string{"y", "x", "y", "x", "y", "x", "y"}},
		{[]arrow.Array{lists, other, lists}, []string{"x", "y", "x", "y", "z", "x", "x", "y", "x", "y"}},
	} {
		_, all := batch.Lists(batch.Concat(joined.of))
		require.IsType(t, &array.Dictionary{}, all)
		require.Equal(t, joined.texts, list(all))
	}
	_, all := batch.Lists(batch.Concat([]arrow.Array{lists, batch.Decode(lists)}))
	require.Equal(t, []string{"x", "y", "x", "y", "x", "y", "x", "y"}, list(all))
}

func TestConstantVectors(t *testing.T) {
	c := batch.Vector{Array: words(t, "c"), Const: true}
	require.Equal(t, []string{"c", "c", "c"}, list(batch.Expand(c, 3)))
	require.True(t, batch.TakeVector(c, []int32{4, 9}).Const)
	require.Equal(t, []string{"c", "-"}, list(batch.TakeVector(c, []int32{4, -1}).Array))
}

func TestOrderEqualitySameness(t *testing.T) {
	numbers := doubles(math.NaN(), math.Inf(1), 0, math.Copysign(0, -1), -1)
	order := batch.Ordering(types.DoubleType, numbers, numbers)
	equal := batch.Equality(types.DoubleType, numbers, numbers)
	same := batch.Sameness(types.DoubleType, numbers, numbers)
	require.Positive(t, order(0, 1))
	require.Zero(t, order(0, 0))
	require.Zero(t, order(2, 3))
	require.Negative(t, order(4, 2))
	require.Equal(t, batch.False, equal(0, 0))
	require.Equal(t, batch.True, same(0, 0))
	require.Equal(t, batch.True, same(2, 3))

	texts := words(t, "a", "ab", "-", "é")
	order = batch.Ordering(types.VarcharType, texts, texts)
	require.Negative(t, order(0, 1))
	require.Negative(t, order(1, 3))
	require.Equal(t, batch.Unknown, batch.Equality(types.VarcharType, texts, texts)(2, 2))
	require.Equal(t, batch.True, batch.Sameness(types.VarcharType, texts, texts)(2, 2))
	require.Equal(t, batch.False, batch.Sameness(types.VarcharType, texts, texts)(0, 2))

	lists := batch.FromLists([]int32{0, 1, 3, 4}, nil, texts) // [a], [ab, NULL], [é]
	listType := types.ArrayOf(types.VarcharType)
	require.Equal(t, batch.Unknown, batch.Equality(listType, lists, lists)(1, 1))
	require.Equal(t, batch.True, batch.Sameness(listType, lists, lists)(1, 1))
	require.Negative(t, batch.Ordering(listType, lists, lists)(0, 2))

	nullInOrder := func() (err error) {
		defer batch.Recover(&err)
		batch.Ordering(listType, lists, lists)(1, 1)
		return nil
	}
	require.Equal(t, types.NotSupported, types.ErrorName(nullInOrder()))
}

func TestMapsAreEqualInAnyOrder(t *testing.T) {
	keys, values := words(t, "a", "b", "b", "a", "a", "c"), words(t, "1", "2", "2", "1", "1", "2")
	maps := batch.FromMaps([]int32{0, 2, 4, 6}, nil, keys, values)
	equal := batch.Equality(types.MapOf(types.VarcharType, types.VarcharType), maps, maps)
	require.Equal(t, batch.True, equal(0, 1))
	require.Equal(t, batch.False, equal(0, 2))
}

func TestBooleans(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for _, n := range []int{0, 1, 7, 8, 9, 64, 101} {
		values, valid := make([]bool, n), arrowdata.FullValidity(n)
		for i := range values {
			if values[i] = random.IntN(2) == 0; random.IntN(4) == 0 {
				arrowdata.ClearBit(valid, i)
			}
		}
		whole := batch.FromBools(values, valid)
		require.Equal(t, values, batch.Bools(whole))
		for from := range min(n, 20) {
			part := array.NewSlice(whole, int64(from), int64(n))
			require.Equal(t, values[from:], batch.Bools(part))
			bits := batch.TrueBits(batch.Vector{Array: part})
			for i := from; i < n; i++ {
				require.Equal(t, values[i] && arrowdata.IsSet(valid, i), arrowdata.IsSet(bits, i-from), "%d of %d from %d", i, n, from)
			}
		}
	}
	require.Equal(t, []byte{0, 0}, batch.TrueBits(batch.Vector{Array: array.NewNull(9)}))
}

func TestNullsOfEveryLayout(t *testing.T) {
	for _, dt := range []arrow.DataType{
		arrow.Null, arrow.FixedWidthTypes.Boolean, arrow.PrimitiveTypes.Int8, arrow.PrimitiveTypes.Float64, arrow.BinaryTypes.String,
		&arrow.Decimal128Type{Precision: 38}, &arrow.FixedSizeBinaryType{ByteWidth: 16}, arrow.ListOf(arrow.BinaryTypes.String),
		arrow.MapOf(arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64), arrow.StructOf(arrow.Field{Name: "x", Type: arrow.BinaryTypes.String}),
		&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String},
	} {
		for _, n := range []int{0, 3} {
			a := batch.Nulls(dt, n)
			require.Equal(t, n, a.Len(), dt)
			require.Equal(t, n, a.NullN(), dt)
			for i := range n {
				require.True(t, arrowdata.IsNull(a, i), dt)
			}
		}
	}
}

func TestRecoverKeepsOtherPanics(t *testing.T) {
	require.PanicsWithValue(t, "bug", func() {
		var err error
		defer batch.Recover(&err)
		panic("bug")
	})
}

// NULLs of arrays of any lengths, which begin anywhere in a byte, stay where they are when the arrays are joined.
func TestConcatOfNulls(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		var parts []arrow.Array
		var want []bool
		for range 1 + random.IntN(6) {
			first, n := random.IntN(20), random.IntN(150)
			valid, hasNulls := arrowdata.FullValidity(first+n), random.IntN(3) > 0
			for i := first; i < first+n; i++ {
				if hasNulls && random.IntN(4) == 0 {
					arrowdata.ClearBit(valid, i)
				}
				want = append(want, !arrowdata.IsSet(valid, i))
			}
			all := batch.FromValues(arrow.PrimitiveTypes.Int64, make([]int64, first+n), valid)
			parts = append(parts, array.NewSlice(all, int64(first), int64(first+n)))
		}
		joined := batch.Concat(parts)
		require.Equal(t, len(want), joined.Len())
		for i, isNull := range want {
			require.Equal(t, isNull, joined.IsNull(i))
		}
	}
}
