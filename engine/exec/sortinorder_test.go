package exec

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// TestRowsInOrderAreNotSorted puts rows in the order of some keys, and sorts them by a number and those: nothing but the number is left to sort by,
// and the rows come as by comparing them.
func TestRowsInOrderAreNotSorted(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 6))
	for _, rows := range []int{2, 300, 3*batch.PieceRows + 5} {
		columns := orderedColumns(rows, random)
		all := &table{rows: rows}
		for _, c := range columns {
			all.columns = append(all.columns, c.values)
		}
		number := batch.FromValues(arrow.PrimitiveTypes.Int32, filled(rows, func() int32 { return random.Int32N(30) }), nil)
		for at, c := range columns {
			if testing.Short() && (at%8 > 0 || rows < batch.PieceRows) {
				continue // the workers divide rows of all types alike
			}
			keys := []sortKey{c.order(at, random), {position: (at + 1) % len(columns)}}
			keys[1] = columns[keys[1].position].order(keys[1].position, random)
			sorted := &table{rows: rows}
			for _, v := range all.take(stableRows(all, keys)).Columns {
				sorted.columns = append(sorted.columns, v.Array)
			}
			sorted.columns = append(sorted.columns, number)
			byNumber := append([]sortKey{{position: len(columns), valueType: types.IntegerType}}, keys...)
			if isNested(sorted.columns[at]) || isNested(sorted.columns[keys[1].position]) {
				require.False(t, areInOrder(sorted, keys, batch.InTurn), "%s: comparing may fail", c.name)
			} else if rows > 2 {
				require.Equal(t, byNumber[:1], keysOutOfOrder(sorted, byNumber, batch.InTurn), c.name)
			}
			for _, workers := range []int{1, 2, 7} {
				if testing.Short() && workers == 1 {
					continue
				}
				got, err := sortedRows(context.Background(), sorted, byNumber, workers, unlimited())
				require.NoError(t, err)
				require.Equal(t, stableRows(sorted, byNumber), got, "%s, %d workers", c.name, workers)
			}
		}
	}
}

// TestOneRowOutOfOrder is found wherever it stands.
func TestOneRowOutOfOrder(t *testing.T) {
	const rows = 2*batch.PieceRows + 3
	byTime := []sortKey{{valueType: types.BigIntType}}
	for _, at := range []int{1, 2, fewRows - 1, fewRows, fewRows + 1, batch.PieceRows - 1, batch.PieceRows, rows - 1} {
		times := make([]int64, rows)
		for i := range times {
			times[i] = int64(i)
		}
		times[at] = times[at-1] - 1
		out := &table{rows: rows, columns: []arrow.Array{batch.FromValues(arrow.PrimitiveTypes.Int64, times, nil)}}
		require.False(t, areInOrder(out, byTime, batch.InTurn), "row %d", at)
		require.Equal(t, byTime, keysOutOfOrder(out, byTime, batch.InTurn), "row %d", at)
		times[at] = times[at-1]
		require.Empty(t, keysOutOfOrder(out, byTime, batch.InTurn), "row %d is equal to the one before", at)
	}
}

// TestRunsInOrder: rows of several runs in the order of their times, which may overlap, are sorted as all others are.
func TestRunsInOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(12, 1))
	const rows = 40_000
	numbers := map[string]func() int32{
		"one": func() int32 { return 7 }, "few": func() int32 { return random.Int32N(20) }, "many": func() int32 { return random.Int32N(300) << 10 },
	}
	for _, c := range []struct {
		name    string
		runs    int
		overlap int // in runs
	}{{"none before another", 5, 0}, {"two at once", 2, 2}, {"neighbours", 9, 2}, {"all at once", 7, 7}, {"many", 40, 4}} {
		begins := []int{0}
		for run := 1; run < c.runs; run++ {
			begins = append(begins, run*rows/c.runs+random.IntN(50))
		}
		times := make([]int64, rows)
		for run, from := range begins {
			to := rows
			if run+1 < c.runs {
				to = begins[run+1]
			}
			first := int64(run * 1000)
			for i := range to - from {
				times[from+i] = first + int64(i)*1000*int64(max(1, c.overlap))/int64(to-from) // many are equal
			}
		}
		for name, number := range numbers {
			t.Run(c.name+"/"+name, func(t *testing.T) {
				in := &table{rows: rows, columns: []arrow.Array{
					batch.FromValues(arrow.PrimitiveTypes.Int32, filled(rows, number), nil), batch.FromValues(arrow.PrimitiveTypes.Int64, times, nil),
				}}
				keys := []sortKey{{valueType: types.IntegerType}, {position: 1, valueType: types.BigIntType}}
				for _, workers := range []int{1, 2, 7} {
					got, err := sortedRows(t.Context(), in, keys, workers, unlimited())
					require.NoError(t, err)
					require.Equal(t, stableRows(in, keys), got, "%d workers", workers)
					got, err = sortedRows(t.Context(), in, keys[1:], workers, unlimited())
					require.NoError(t, err)
					require.Equal(t, stableRows(in, keys[1:]), got, "%d workers, by time alone", workers)
				}
			})
		}
	}
}
