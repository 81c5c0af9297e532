package exec

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/spill"
	"github.com/auditlake/auditlake/internal/process"
	"github.com/auditlake/auditlake/planner/types"
)

// TestTopNSpills: more first rows than there is memory for are those of a sort of all, whether a bar was set before or not.
func TestTopNSpills(t *testing.T) {
	rows := int64(8000)
	if TriesAll() {
		rows = 20_000
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

// TestTopNCutsOnceHalfGoes: rows are kept until a cut drops half of them, however long they are, and no more than twice as many as are wanted.
func TestTopNCutsOnceHalfGoes(t *testing.T) {
	const rows, perBatch = 4096, 256
	random := rand.New(rand.NewPCG(4, 4))
	long := strings.Repeat("x", 4*maxTakenBytes/rows)
	texts, err := batch.FromStrings(arrow.BinaryTypes.String, filled(rows, func() string { return long }), nil)
	require.NoError(t, err)
	from := &table{rows: rows, columns: []arrow.Array{batch.FromValues(arrow.PrimitiveTypes.Int64, filled(rows, random.Int64), nil), texts}}
	keys := []sortKey{{valueType: types.BigIntType}}
	for _, c := range []struct {
		name   string
		wanted int64
		cuts   bool
	}{{"most rows", rows * 3 / 4, false}, {"a few", 10, true}} {
		t.Run(c.name, func(t *testing.T) {
			top := &topN{input: &feed{reader: &tableReader{table: from}, size: perBatch, random: random}, columns: sampleColumns(1), keys: keys, count: c.wanted, memory: unlimited()}
			most := int64(0)
			top.consumed = func() { most = max(most, top.rows) }
			require.NoError(t, top.consume(t.Context()))
			require.Equal(t, c.cuts, top.bar != nil)
			require.Equal(t, c.cuts, most < rows)
		})
	}
}

// TestInTheirOrder: rows of a table that workers share are all found, in the order of their numbers.
func TestInTheirOrder(t *testing.T) {
	const tableRows = 3*batch.PieceRows + 5
	for _, c := range []struct {
		name string
		isIn func(row int) bool
	}{
		{"none", func(int) bool { return false }},
		{"all", func(int) bool { return true }},
		{"some of each piece", func(row int) bool { return row%7 == 3 }},
		{"none of a piece", func(row int) bool { return row < 9 || row >= 2*batch.PieceRows }},
		{"the last row", func(row int) bool { return row == tableRows-1 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			want, rows := []int32{}, []int32{}
			for row := range tableRows {
				if c.isIn(row) {
					want, rows = append(want, int32(row)), append([]int32{int32(row)}, rows...)
				}
			}
			require.Equal(t, want, inTheirOrder(rows, tableRows, gathering{workers: 3}.divide(t.Context(), tableRows)))
		})
	}
}
