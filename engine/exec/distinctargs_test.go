package exec

import (
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
)

// TestDistinctArgs: a row is fresh once in each group, also where the batch before had it; NULL is a value.
func TestDistinctArgs(t *testing.T) {
	column := func(valid byte, values ...int64) []batch.Vector {
		return []batch.Vector{{Array: batch.FromValues(arrow.PrimitiveTypes.Int64, values, []byte{valid})}}
	}
	for _, c := range []struct {
		name          string
		keyed         bool
		first, second []int32
	}{
		{"groups", true, []int32{0, 1, 3, 4}, []int32{1, 2}},
		{"one group", false, []int32{0, 3, 4}, []int32{2}},
	} {
		d := newDistinctArgs([]arrow.DataType{arrow.PrimitiveTypes.Int64}, c.keyed)
		fresh, err := d.freshKnown([]int32{0, 1, 0, 0, 1}, column(0b10111, 7, 7, 7, 0, 8), 5)
		require.NoError(t, err)
		require.Equal(t, c.first, fresh, c.name)
		fresh, err = d.freshKnown([]int32{0, 1, 2}, column(0b101, 7, 0, 9), 3)
		require.NoError(t, err)
		require.Equal(t, c.second, fresh, c.name)
		require.Positive(t, d.sizeBytes())
	}
}

// TestDistinctArgsOfLists: lists that their group has had are found again, also in a later batch, and only what tells them apart is kept of them.
func TestDistinctArgsOfLists(t *testing.T) {
	texts, err := batch.FromStrings(arrow.BinaryTypes.String, []string{strings.Repeat("a", 5000), strings.Repeat("b", 5000), "c"}, nil)
	require.NoError(t, err)
	offsets, elements := []int32{0}, []int32{}
	for row := range 200 { // [a, b] and [c], but for the last, which is []
		if row%2 == 0 {
			elements = append(elements, 0, 1)
		} else if row < 199 {
			elements = append(elements, 2)
		}
		offsets = append(offsets, int32(len(elements)))
	}
	lists := batch.Vector{Array: batch.FromLists(offsets, nil, batch.Take(texts, elements))}
	for name, c := range map[string]struct {
		keyed bool
		fresh [][]int32 // by batch
	}{
		"one group":  {false, [][]int32{{0, 1, 199}, nil}},
		"two groups": {true, [][]int32{{0, 1, 2, 3, 199}, {199}}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDistinctArgs([]arrow.DataType{lists.Array.DataType()}, c.keyed)
			groups := make([]int32, 200)
			for row := range groups {
				groups[row] = int32(row / 2 % 2)
			}
			for i, want := range c.fresh {
				fresh, err := d.fresh(groups, []batch.Vector{lists}, nil, 200)
				require.NoError(t, err)
				require.Equal(t, want, fresh, "batch %d", i)
				groups[199] = 0
			}
			with := batch.NewInterner(lists.Array.DataType())
			require.NoError(t, with.Insert(lists, 200, make([]int32, 200)))
			require.Less(t, d.args.codedBytes()+5000, with.SizeBytes())
		})
	}
}
