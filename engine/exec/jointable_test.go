package exec

import (
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
