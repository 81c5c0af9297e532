package function

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// TestGreatestNumber: array_max and array_min of numbers find the same with and without NULLs elsewhere in the column.
func TestGreatestNumber(t *testing.T) {
	edges := []int64{math.MinInt64, math.MinInt64 + 1, -1, 0, 1, math.MaxInt64 - 1, math.MaxInt64}
	offsets, values := []int32{0}, []int64{}
	for range 1000 {
		for range rand.IntN(5) {
			values = append(values, edges[rand.IntN(len(edges))])
		}
		offsets = append(offsets, int32(len(values)))
	}
	withNull := arrowdata.FullValidity(len(values) + 1)
	arrowdata.ClearBit(withNull, len(values))
	plain := batch.FromLists(offsets, nil, batch.FromValues(arrow.PrimitiveTypes.Int64, values, nil))
	other := batch.FromLists(offsets, nil, batch.FromValues(arrow.PrimitiveTypes.Int64, append(slices.Clone(values), 0), withNull))
	for _, name := range []string{"array_max", "array_min"} {
		extreme := kernelOf(t, name, types.ArrayOf(types.BigIntType))
		got, err := extreme(nil, []batch.Vector{{Array: plain}}, nil, plain.Len())
		require.NoError(t, err)
		want, err := extreme(nil, []batch.Vector{{Array: other}}, nil, other.Len())
		require.NoError(t, err)
		require.Equal(t, want.Array.String(), got.Array.String(), name)
	}
}

// TestSharedCodes: values of two arrays that are not distinct have one number, whichever is the longer one, and others have not.
func TestSharedCodes(t *testing.T) {
	texts := func(n int) arrow.Array {
		values, valid := make([]string, n), arrowdata.FullValidity(n)
		for i := range values {
			values[i] = []string{"", "a", "b", "longer than a word", "longer than a wort"}[rand.IntN(5)]
			if rand.IntN(6) == 0 {
				arrowdata.ClearBit(valid, i)
			}
		}
		a, err := batch.FromStrings(arrow.BinaryTypes.String, values, valid)
		require.NoError(t, err)
		return a
	}
	doubles := func(n int) arrow.Array {
		values := make([]float64, n)
		for i := range values {
			values[i] = []float64{math.NaN(), 0, math.Copysign(0, -1), 1, math.Inf(1)}[rand.IntN(5)]
		}
		return batch.FromValues(arrow.PrimitiveTypes.Float64, values, nil)
	}
	for _, some := range []func(n int) arrow.Array{texts, doubles} {
		for _, lengths := range [][2]int{{0, 3}, {3, 0}, {2, 20}, {20, 2}, {5, 5}} {
			arrays := []arrow.Array{some(lengths[0]), some(lengths[1])}
			want, _, err := codesOf(arrays...)
			require.NoError(t, err)
			got, n, err := codesOfShared(arrays...)
			require.NoError(t, err)
			for i, a := range want[0] {
				require.Less(t, int(got[0][i]), n)
				for j, b := range want[1] {
					require.Less(t, int(got[1][j]), n)
					require.Equal(t, a == b, got[0][i] == got[1][j], "%v %v", arrays[0], arrays[1])
				}
			}
		}
	}
}

// TestElementsFollowEachOther: lists share the elements that they are made of only where these are the same in the same order.
func TestElementsFollowEachOther(t *testing.T) {
	child := batch.FromValues(arrow.PrimitiveTypes.Int64, []int64{10, 11, 12, 13}, nil)
	for _, c := range []struct {
		idx  []int32
		want string
	}{
		{[]int32{0, 1, 2, 3}, "[[10 11] [12 13]]"},
		{[]int32{1, 2, 3}, "[[11] [12 13]]"},
		{[]int32{2}, "[[] [12]]"},
		{[]int32{-1, 0, 1}, "[[(null)] [10 11]]"},
		{[]int32{0, 2, 1, 3}, "[[10 12] [11 13]]"},
		{nil, "[[] []]"},
	} {
		p := picked{offsets: []int32{0, int32(len(c.idx) / 2), int32(len(c.idx))}, idx: c.idx}
		require.Equal(t, c.want, p.lists(nil, child).String())
	}
}
