package exec

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/spill"
	"github.com/auditlake/auditlake/internal/process"
)

// TestTopNSpills: more first rows than there is memory for are those of a sort of all, whether a bar was set before or not.
func TestTopNSpills(t *testing.T) {
	rows := int64(20_000)
	if testing.Short() {
		rows = 8000
	}
	random := rand.New(rand.NewPCG(3, 9))
	ids := batch.FromValues(arrow.PrimitiveTypes.Int64, filled(int(rows), func() int64 { return random.Int64() }), nil)
	for i, column := range orderedColumns(int(rows), random) {
		if process.UnderRace && i%5 > 0 {
			continue // types differ in what is compared, not in who does it
		}
		from := &table{rows: int(rows), columns: []arrow.Array{column.values, ids}}
		keys := []sortKey{column.order(0, random)}
		plainPool, _ := spilling(t, 0)
		want := rowsOf(t, spillingSort(from, keys, 777, 1, plainPool, nil))
		for _, cut := range []struct {
			name          string
			offset, count int64
			spills        bool
		}{
			{"all", 0, 2 * rows, true},
			{"the middle", rows/2 - 5, 10, true},
			{"the end", rows - 7, 10, true},
			{"few", 3, 10, false},
		} {
			t.Run(fmt.Sprintf("%s/%s", column.name, cut.name), func(t *testing.T) {
				pool, q := spilling(t, 250_000)
				sorter := spillingSort(from, keys, []int{1000, 333}[i%2], []int{1, 2, 7}[i%3], pool, q)
				top := &topN{input: sorter.input, columns: sorter.runs.columns, keys: keys, offset: cut.offset, count: cut.count,
					gathering: sorter.runs.gathering, memory: sorter.runs.memory, runs: sorter.runs}
				got := rowsOf(t, top)
				first, end := min(rows, cut.offset), min(rows, cut.offset+cut.count)
				require.Equal(t, want[first:end], got)
				if cut.spills {
					require.Positive(t, q.SpilledBytes())
				}
				require.Zero(t, pool.UsedBytes())
			})
			if i%5 > 0 || cut.name == "all" {
				continue
			}
			t.Run(fmt.Sprintf("%s/%s with ties", column.name, cut.name), func(t *testing.T) {
				top := func(limitBytes int64) (*topN, *spill.Query) {
					pool, q := spilling(t, limitBytes)
					sorter := spillingSort(from, keys, 700, 2, pool, q)
					return &topN{input: sorter.input, columns: sorter.runs.columns, keys: keys, offset: cut.offset, count: cut.count, withTies: true,
						gathering: gathering{workers: 2}, memory: sorter.runs.memory, runs: sorter.runs}, q
				}
				plain, _ := top(0)
				want := rowsOf(t, plain)
				require.GreaterOrEqual(t, int64(len(want)), min(cut.count, rows-cut.offset))
				withinMemory, q := top(250_000)
				require.Equal(t, want, rowsOf(t, withinMemory))
				if cut.spills {
					require.Positive(t, q.SpilledBytes())
				}
			})
		}
	}
}
