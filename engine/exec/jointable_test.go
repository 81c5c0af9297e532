package exec

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
)

// TestCountNullsMakesDictionaries: after it several goroutines read lists and maps of coded texts; under the race detector that tells who was the first.
func TestCountNullsMakesDictionaries(t *testing.T) {
	texts, err := batch.FromStrings(arrow.BinaryTypes.String, []string{"a", "b"}, nil)
	require.NoError(t, err)
	codes := batch.FromCodes([]int32{0, 1}, nil, texts)
	list, entries := batch.FromLists([]int32{0, 2}, nil, codes), batch.FromMaps([]int32{0, 2}, nil, codes, codes)
	batch.CountNulls(list)
	batch.CountNulls(entries)
	var readers sync.WaitGroup
	for range 8 {
		readers.Go(func() {
			for _, a := range []arrow.Array{list.ListValues(), entries.Keys(), entries.Items()} {
				if got := a.(*array.Dictionary).Dictionary().Len(); got != 2 {
					t.Errorf("%d texts", got)
				}
			}
		})
	}
	readers.Wait()
}

// TestIndexInParts: whatever the number of parts, rows with a key are found in their order, those of an order in that, and rows without one are not.
func TestIndexInParts(t *testing.T) {
	const rows, groups = 1000, 90
	random := rand.New(rand.NewPCG(1, 2))
	ids, order := make([]int32, rows), make([]int32, rows)
	for i, at := range random.Perm(rows) {
		ids[i], order[i] = random.Int32N(groups+10)-10, int32(at)
		ids[i] = max(ids[i], batch.Absent)
	}
	for _, order := range [][]int32{nil, order} {
		want := make([][]int32, groups)
		for i := range rows {
			if row := rowAt(order, i); ids[row] >= 0 {
				want[ids[row]] = append(want[ids[row]], row)
			}
		}
		for _, parts := range []int{1, 2, 7} {
			table := &joinTable{ids: &grouper{groups: groups}, rowIDs: ids, by: batch.InTurn, parts: parts}
			require.NoError(t, table.index(order, nil))
			for id := range groups {
				require.Equal(t, want[id], table.matches(int32(id)), "%d parts", parts)
			}
		}
	}
}
