package exec

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// givenBatches are an operator's.
type givenBatches struct{ left []*batch.Batch }

func (g *givenBatches) Next(context.Context) (*batch.Batch, error) {
	if len(g.left) == 0 {
		return nil, nil
	}
	first := g.left[0]
	g.left = g.left[1:]
	return first, nil
}

func (g *givenBatches) Close() {}

// TestPartitionedRows: rows of batches with a dictionary each become a table with one, in the order of partitions, in pieces of whole ones.
func TestPartitionedRows(t *testing.T) {
	const partitions, count = 700, 12
	random := rand.New(rand.NewPCG(6, 6))
	var batches []*batch.Batch
	var texts []string
	var numbers []int64
	for range count {
		names := make([]string, partitions)
		for i, n := range random.Perm(partitions) {
			names[i] = fmt.Sprintf("user %d", n)
		}
		entries, err := batch.FromStrings(arrow.BinaryTypes.String, names, nil)
		require.NoError(t, err)
		codes, valid, values := make([]int32, batch.Rows), arrowdata.FullValidity(batch.Rows), make([]int64, batch.Rows)
		for i := range codes {
			codes[i], values[i] = int32(random.IntN(partitions)), random.Int64N(1000)-500
			text := names[codes[i]]
			if random.IntN(50) == 0 {
				arrowdata.ClearBit(valid, i)
				text = "NULL"
			}
			texts, numbers = append(texts, text), append(numbers, values[i])
		}
		batches = append(batches, &batch.Batch{Len: batch.Rows, Columns: []batch.Vector{
			{Array: batch.FromCodes(codes, valid, entries)}, {Array: batch.FromValues(arrow.PrimitiveTypes.Int64, values, nil)}}})
	}
	partition := map[string]int{}
	for _, text := range texts {
		if _, isKnown := partition[text]; !isKnown {
			partition[text] = len(partition)
		}
	}
	want := iota32(len(texts))
	slices.SortStableFunc(want, func(a, b int32) int {
		if c := partition[texts[a]] - partition[texts[b]]; c != 0 {
			return c
		}
		return int(numbers[a] - numbers[b])
	})
	columns := []*plan.Column{{Type: types.VarcharType}, {Type: types.BigIntType}, {Type: types.IntegerType}}
	keys := []sortKey{{position: 2, valueType: types.IntegerType}, {position: 1, valueType: types.BigIntType}}
	for _, workers := range []int{1, 2, 7} {
		if testing.Short() && workers < 7 {
			continue
		}
		pool := memory.NewPool(0)
		p := &partitionedRows{columns: columns[:2], orderBy: keys[1:], pieceRows: manyRows,
			partitions: newPartitioner(&givenBatches{slices.Clone(batches)}, []int{0}, columnTypes(columns[:1]), nil, &account{pool.Account("partitions")}, nil),
			newRuns: func() *sortedRuns {
				return &sortedRuns{columns: columns, keys: keys, gathering: gathering{workers: workers}, memory: &account{pool.Account("rows")}}
			}}
		has, err := p.beginRound(t.Context())
		require.NoError(t, err)
		require.True(t, has)
		require.Equal(t, want, p.order)
		joined := p.table.columns[0].(*array.Dictionary)
		require.Equal(t, partitions, joined.Dictionary().Len())
		next, end := int32(0), 0
		for i := range p.pieces {
			piece := p.piece(i)
			require.True(t, len(piece.rows) >= manyRows || i == len(p.pieces)-1)
			from := int32(0)
			for _, to := range piece.ends {
				for _, row := range piece.rows[from:to] {
					require.Equal(t, end, partition[texts[row]])
					text := "NULL"
					if !joined.IsNull(int(row)) {
						text = joined.Dictionary().(*array.String).Value(joined.GetValueIndex(int(row)))
					}
					require.Equal(t, texts[row], text)
				}
				from, end = to, end+1
			}
			require.Len(t, piece.rows, int(from))
			next += from
		}
		require.Equal(t, len(partition), end)
		require.Len(t, texts, int(next))
		p.close()
		require.Zero(t, pool.UsedBytes())
	}
}
