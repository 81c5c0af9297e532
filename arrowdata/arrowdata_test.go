package arrowdata_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
)

func fromJSON(t *testing.T, dt arrow.DataType, text string) arrow.Array {
	t.Helper()
	a, _, err := array.FromJSON(memory.DefaultAllocator, dt, strings.NewReader(text))
	require.NoError(t, err)
	return a
}

func TestValidityOfSlices(t *testing.T) {
	a := fromJSON(t, arrow.PrimitiveTypes.Int64, `[1,null,3,null,5,6,7,8,null,10]`)
	for from := range a.Len() {
		part := array.NewSlice(a, int64(from), int64(a.Len()))
		valid := arrowdata.Validity(part)
		for i := range part.Len() {
			require.Equal(t, part.IsValid(i), arrowdata.IsValid(valid, i), "%d of %d", i, from)
			require.Equal(t, part.IsNull(i), arrowdata.IsNull(part, i))
		}
	}
	require.Nil(t, arrowdata.Validity(array.NewSlice(a, 4, 8)))
	nulls := array.NewNull(9)
	require.Equal(t, 0, arrowdata.CountBits(arrowdata.Validity(nulls), 9))
	require.True(t, arrowdata.IsNull(nulls, 8))
}

func TestBitmaps(t *testing.T) {
	const n = 19
	bitmap := arrowdata.NewBitmap(n)
	for _, i := range []int{0, 7, 8, 18} {
		arrowdata.SetBit(bitmap, i)
	}
	bitmap[2] |= 0xf0 // bits past the end count for nothing
	require.Equal(t, []int32{5, 0, 7, 8, 18}, arrowdata.AppendSetBits([]int32{5}, bitmap, n))
	require.Equal(t, 4, arrowdata.CountBits(bitmap, n))
	arrowdata.ClearBit(bitmap, 7)
	require.False(t, arrowdata.IsSet(bitmap, 7))

	full := arrowdata.FullValidity(n)
	both := arrowdata.And(full, bitmap, n)
	require.Equal(t, []int32{0, 8, 18}, arrowdata.AppendSetBits(nil, both, n))
	require.Equal(t, bitmap, arrowdata.And(nil, bitmap, n))
	require.Equal(t, bitmap, arrowdata.And(bitmap, nil, n))

	buffer, nulls := arrowdata.NullBuffer(both, n)
	require.NotNil(t, buffer)
	require.Equal(t, n-3, nulls)
	for _, valid := range [][]byte{nil, full} {
		buffer, nulls = arrowdata.NullBuffer(valid, n)
		require.Nil(t, buffer)
		require.Zero(t, nulls)
	}
}

func TestAppendSetBits(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{0, 1, 63, 64, 65, 128, 200, 1000} {
		bitmap, want := arrowdata.NewBitmap(n), []int32{}
		for i := range bitmap {
			word := random.Uint32() // a quarter of the bits is set
			bitmap[i] = byte(word) & byte(word>>8)
			if i/8%3 == 1 { // a run of them
				bitmap[i] = 0xff
			}
		}
		for i := range n {
			if arrowdata.IsSet(bitmap, i) {
				want = append(want, int32(i))
			}
		}
		require.Equal(t, want, arrowdata.AppendSetBits([]int32{}, bitmap, n), n)
	}
}

func TestKeysOfMaps(t *testing.T) {
	dt := arrow.MapOf(arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64)
	maps := fromJSON(t, dt, `[[{"key":"a","value":1},{"key":"b","value":null}], null, [], [{"key":"c","value":3}]]`)
	require.Equal(t, `[["a" "b"] (null) [] ["c"]]`, arrowdata.KeysOf(maps.(*array.Map)).String())
	require.Equal(t, `[(null) [] ["c"]]`, arrowdata.KeysOf(array.NewSlice(maps, 1, 4).(*array.Map)).String())
}

func TestFieldOfLists(t *testing.T) {
	dt := arrow.ListOf(arrow.StructOf(arrow.Field{Name: "x", Type: arrow.PrimitiveTypes.Int64, Nullable: true}))
	lists := fromJSON(t, dt, `[[{"x":1}, null], null, [], [{"x":null}, {"x":4}]]`)
	require.Equal(t, `[[1 (null)] (null) [] [(null) 4]]`, arrowdata.FieldOf(lists.(*array.List), "x").String())
	require.Equal(t, `[(null) [] [(null) 4]]`, arrowdata.FieldOf(array.NewSlice(lists, 1, 4).(*array.List), "x").String())
}

func TestNullsOfParents(t *testing.T) {
	dt := arrow.StructOf(arrow.Field{Name: "x", Type: arrow.PrimitiveTypes.Int64, Nullable: true})
	a := fromJSON(t, dt, `[{"x":1}, null, {"x":null}, {"x":4}]`)
	parent := a.(*array.Struct)
	require.Equal(t, `[1 (null) (null) 4]`, arrowdata.NullsOf(parent, parent.Field(0)).String())
	part := array.NewSlice(a, 1, 4).(*array.Struct)
	require.Equal(t, `[(null) (null) 4]`, arrowdata.NullsOf(part, part.Field(0)).String())
	whole := array.NewSlice(a, 3, 4).(*array.Struct)
	require.Equal(t, `[4]`, arrowdata.NullsOf(whole, whole.Field(0)).String())
}
