package exec

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/internal/process"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// TestBarWordsOrderLikeRows: of rows of different arrays, the one with the lesser word comes first.
func TestBarWordsOrderLikeRows(t *testing.T) {
	if process.UnderRace {
		t.Skip("one goroutine does it all; the unit stage runs it")
	}
	random := rand.New(rand.NewPCG(3, 3))
	columns := sampleColumns(0)
	coded := func(texts arrow.Array) arrow.Array {
		codes := make([]int32, 200)
		for i := range codes {
			codes[i] = random.Int32N(int32(texts.Len()))
		}
		entries := batch.Take(texts, iota32(texts.Len()))
		values, err := batch.FromStrings(arrow.BinaryTypes.String, textsOf(entries), nil)
		require.NoError(t, err)
		return batch.FromCodes(codes, []byte{0xf7, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
			0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, values)
	}
	for position, column := range columns {
		arrays := []arrow.Array{sample(200, random).columns[position], sample(150, random).columns[position], batch.Nulls(arrowtype.Of(column.Type), 3), array.NewNull(2)}
		if column.Type == types.VarcharType {
			some, err := batch.FromStrings(arrow.BinaryTypes.String, []string{"x"}, nil)
			require.NoError(t, err)
			arrays = append(arrays, coded(arrays[0]), batch.FromCodes(make([]int32, 3), []byte{0}, some)) // the last has NULLs alone
		}
		for _, key := range []sortKey{sampleKey(position, false, false), sampleKey(position, true, false), sampleKey(position, false, true), sampleKey(position, true, true)} {
			differ := false
			for _, a := range arrays {
				for _, b := range arrays {
					wordA, wordB := barWords(a, key), barWords(b, key)
					order := orderBetween([]arrow.Array{a}, []arrow.Array{b}, []sortKey{key})
					isWrong := false
					for range 2000 {
						i, j := random.Int32N(int32(a.Len())), random.Int32N(int32(b.Len()))
						switch {
						case wordA(i) < wordB(j):
							isWrong = isWrong || order(i, j) >= 0
							differ = true
						case wordA(i) > wordB(j):
							isWrong = isWrong || order(i, j) <= 0
						}
						isWrong = isWrong || wordA(i) >= noWord
					}
					require.False(t, isWrong, "%s %v", column.Name, key)
				}
			}
			require.True(t, differ)
		}
	}
}

func textsOf(a arrow.Array) []string {
	texts := make([]string, a.Len())
	for i := range texts {
		if !a.IsNull(i) {
			texts[i] = a.(*array.String).Value(i)
		}
	}
	return texts
}

func TestPartitionBars(t *testing.T) {
	keys := []sortKey{sampleKey(3, false, false)}
	require.Nil(t, newPartitionBars(nil, plan.RowNumber, 3))
	require.Nil(t, newPartitionBars(keys, plan.RowNumber, maxBarWords+1))
	require.Nil(t, newPartitionBars([]sortKey{{valueType: types.ArrayOf(types.BigIntType)}}, plan.RowNumber, 1), "arrays have no words")
	bars := newPartitionBars(keys, plan.RowNumber, 2)
	distinct := newPartitionBars(keys, plan.DenseRank, 2)
	for _, p := range []*partitionBars{bars, distinct} {
		p.reach(2)
		require.Equal(t, uint64(noWord), p.bar(1))
		p.add(1, 7)
		require.Equal(t, uint64(noWord), p.bar(1))
		p.add(1, 7)
	}
	require.EqualValues(t, 7, bars.bar(1))
	require.Equal(t, 2, bars.known)
	require.Equal(t, uint64(noWord), distinct.bar(1), "equal rows count once")
	bars.add(1, 3)
	require.EqualValues(t, 7, bars.bar(1))
	bars.add(1, 5)
	require.EqualValues(t, 5, bars.bar(1))
	bars.knowOnly(1)
	require.Zero(t, bars.known)
}

// TestPartitionTopNDropsRowsAsTheyCome: rows that come after as many as are wanted of their partition are not kept.
func TestPartitionTopNDropsRowsAsTheyCome(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	const rows, count = 50_000, 3
	from := sample(rows, random)
	keys := []sortKey{sampleKey(3, false, false), sampleKey(1, false, false)} // rows come in this order
	p := newPartitionTopN(&feed{reader: &tableReader{table: from}, size: batch.Rows, random: random}, []int{0}, keys, plan.RowNumber, count, 1, memory.NewPool(0), nil)
	most := 0
	p.partitions.input = &watched{Operator: p.partitions.input, before: func() { most = max(most, len(p.keptOf)+len(p.arrivedOf)) }}
	require.Equal(t, naiveFirsts(from, []int{0}, keys, plan.RowNumber, count), rowsOf(t, p))
	require.LessOrEqual(t, most, 7*count, "partitions have a number or NULL")
}

// watched calls a function before each batch of an operator.
type watched struct {
	Operator
	before func()
}

func (w *watched) Next(ctx context.Context) (*batch.Batch, error) {
	w.before()
	return w.Operator.Next(ctx)
}
