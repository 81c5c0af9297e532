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

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/engine/spill"
	"github.com/auditlake/auditlake/internal/process"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// naiveFirsts are the rows of each partition, in the order in which partitions first
// appear, whose rank is no more than count. The columns of partitionBy that are unread are NULL.
func naiveFirsts(from *table, partitionBy []int, keys []sortKey, ranking plan.Ranking, count int64, unread ...int) []string {
	var names []string
	shown := from.vectors()
	for _, i := range unread {
		shown[partitionBy[i]] = batch.Vector{Array: array.NewNull(from.rows)}
	}
	parts := map[string][]int32{}
	sortedRows := iota32(from.rows)
	if len(keys) > 0 {
		sortedRows = stableRows(from, keys)
	}
	name := func(row int32) string {
		var values []batch.Vector
		for _, at := range partitionBy {
			values = append(values, batch.Vector{Array: from.columns[at]})
		}
		return rowText(values, int(row))
	}
	for row := range int32(from.rows) {
		if n := name(row); parts[n] == nil {
			names, parts[n] = append(names, n), []int32{}
		}
	}
	for _, row := range sortedRows {
		parts[name(row)] = append(parts[name(row)], row)
	}
	order := func(i, j int32) int { return 0 }
	if len(keys) > 0 {
		order = orderBy(from, keys)
	}
	out := []string{}
	for _, n := range names {
		rank, dense := int64(0), int64(0)
		for i, row := range parts[n] {
			if i == 0 || order(parts[n][i-1], row) != 0 {
				rank, dense = int64(i)+1, dense+1
			}
			if number := map[plan.Ranking]int64{plan.RowNumber: int64(i) + 1, plan.Rank: rank, plan.DenseRank: dense}[ranking]; number <= count {
				out = append(out, rowText(shown, int(row)))
			}
		}
	}
	return out
}

// someUnread are some of partitionBy that no key sorts by, by their number.
func someUnread(partitionBy []int, keys []sortKey, random *rand.Rand) (unread []int) {
	for i, at := range partitionBy {
		if random.IntN(2) == 0 && !slices.ContainsFunc(keys, func(k sortKey) bool { return k.position == at }) {
			unread = append(unread, i)
		}
	}
	return unread
}

func newPartitionTopN(input Operator, partitionBy []int, keys []sortKey, ranking plan.Ranking, count int64, workers int, pool *memory.Pool, q *spill.Query) *partitionTopN {
	columns := sampleColumns(1)
	var by []*plan.Column
	for _, at := range partitionBy {
		by = append(by, columns[at])
	}
	held := &account{pool.Account("partitions")}
	return &partitionTopN{columns: columns, keys: keys, ranking: ranking, count: count, gathering: gathering{workers: workers}, memory: &account{pool.Account("rows")},
		words:      newPartitionBars(keys, ranking, count),
		partitions: newPartitioner(input, partitionBy, columnTypes(by), nil, held, q.NewSpiller(held.Account))}
}

func TestPartitionTopN(t *testing.T) {
	orders := [][]sortKey{
		nil, {sampleKey(3, true, false)}, {sampleKey(2, false, true)}, {sampleKey(1, true, true), sampleKey(2, true, false)}, {sampleKey(0, false, false), sampleKey(3, true, false)},
	}
	everySize(t, func(t *testing.T, input func(*table) *feed, random *rand.Rand) {
		for range 60 {
			from := sample([]int{0, 1, 40, 120}[random.IntN(4)], random)
			partitionBy := [][]int{{}, {0}, {1, 0}, {3}}[random.IntN(4)]
			keys, ranking := orders[random.IntN(len(orders))], plan.Ranking(random.IntN(3))
			count := []int64{1, 3, 1000}[random.IntN(3)]
			unread := someUnread(partitionBy, keys, random)
			want := naiveFirsts(from, partitionBy, keys, ranking, count, unread...)
			for _, workers := range []int{1, 2, 7} {
				pool := memory.NewPool(0)
				p := newPartitionTopN(input(from), partitionBy, keys, ranking, count, workers, pool, nil)
				p.unread = unread
				require.Equal(t, want, rowsOf(t, p), "%s <= %d by %v", ranking, count, partitionBy)
				require.Zero(t, pool.UsedBytes())
			}
		}
	})
}

// TestPartitionTopNCuts has so many rows that they are cut while they come, and more than the memory can hold.
func TestPartitionTopNCuts(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	const rows, limitBytes = 120_000, 3 << 20
	from := sample(rows, random)
	require.Greater(t, tableBytes(&batch.Batch{Columns: from.vectors(), Len: rows}), int64(limitBytes))
	keys := []sortKey{sampleKey(1, false, true), sampleKey(3, true, false)}
	for _, ranking := range []plan.Ranking{plan.RowNumber, plan.Rank, plan.DenseRank} {
		if process.UnderRace && ranking != plan.Rank {
			continue // rankings differ in what is counted, not in who does it
		}
		pool := memory.NewPool(limitBytes)
		p := newPartitionTopN(&feed{reader: &tableReader{table: from}, size: batch.Rows, random: random}, []int{0}, keys, ranking, 5, 2, pool, nil)
		require.Equal(t, naiveFirsts(from, []int{0}, keys, ranking, 5), rowsOf(t, p), fmt.Sprint(ranking))
		require.Zero(t, pool.UsedBytes())
	}
}

func TestPartitionTopNEnds(t *testing.T) {
	from := sample(5000, rand.New(rand.NewPCG(1, 1)))
	input := func() Operator {
		return &feed{reader: &tableReader{table: from}, size: 100, random: rand.New(rand.NewPCG(1, 1))}
	}
	pool := memory.NewPool(20_000)
	p := newPartitionTopN(input(), []int{3}, []sortKey{sampleKey(0, false, false)}, plan.RowNumber, 1, 1, pool, nil)
	_, err := p.Next(context.Background())
	require.Equal(t, types.ExceededMemoryLimit, types.ErrorName(err))
	p.Close()
	require.Zero(t, pool.UsedBytes())

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	p = newPartitionTopN(input(), []int{3}, []sortKey{sampleKey(0, false, false)}, plan.RowNumber, 1, 1, memory.NewPool(0), nil)
	_, err = p.Next(ctx)
	require.ErrorIs(t, err, context.Canceled)
	p.Close()
}

// TestPartitionTopNSpills: with more partitions than there is memory for, of few rows and of many, and with ties.
func TestPartitionTopNSpills(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 2))
	const rows, limitBytes = 8_000, 300_000
	from := sample(rows, random)
	ids := make([]int64, rows)
	for i := range ids { // the same partitions come again and again, and new ones until the end
		ids[i] = random.Int64N(int64(i)/3 + 1)
	}
	from.columns[3] = batch.FromValues(arrow.PrimitiveTypes.Int64, ids, nil)
	for _, partitionBy := range [][]int{{3}, {3, 1}, {0}} {
		for _, ranking := range []plan.Ranking{plan.RowNumber, plan.Rank, plan.DenseRank} {
			if process.UnderRace && ranking == plan.DenseRank {
				continue // rankings differ in what is counted, not in who does it
			}
			keys := []sortKey{sampleKey(1, false, true), sampleKey(2, true, false)}
			unread := someUnread(partitionBy, keys, random)
			want := naiveFirsts(from, partitionBy, keys, ranking, 3, unread...)
			for _, workers := range []int{1, 2, 7} {
				if process.UnderRace && workers == 1 {
					continue
				}
				pool, q := spilling(t, limitBytes)
				input := &feed{reader: &tableReader{table: from}, size: []int{100, 333, 1000}[workers%3], random: random}
				p := newPartitionTopN(input, partitionBy, keys, ranking, 3, workers, pool, q)
				p.unread = unread
				require.Equal(t, want, rowsOf(t, p), "%v %s %v", partitionBy, ranking, unread)
				require.Zero(t, pool.UsedBytes())
				require.Equal(t, len(partitionBy) == 2 || partitionBy[0] == 3, q.SpilledBytes() > 0)
			}
		}
	}
}

// TestPartitionTopNStopsAhead: where there is no memory for the rows of a batch that was read ahead, because something else has it, they are put
// off, and those of the batches after it are told apart from them.
func TestPartitionTopNStopsAhead(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	const rows, limitBytes = 12_000, 1 << 20
	from := sample(rows, random)
	ids := make([]int64, rows)
	for i := range ids {
		ids[i] = random.Int64N(int64(i)/2 + 1)
	}
	from.columns[3] = batch.FromValues(arrow.PrimitiveTypes.Int64, ids, nil)
	keys := []sortKey{sampleKey(1, false, true), sampleKey(2, true, false)}
	for _, partitionBy := range [][]int{{3}, {3, 1}} {
		want := naiveFirsts(from, partitionBy, keys, plan.Rank, 2)
		pool, q := spilling(t, limitBytes)
		input := &feed{reader: &tableReader{table: from}, size: 500, random: random}
		p := newPartitionTopN(input, partitionBy, keys, plan.Rank, 2, 2, pool, q)
		ahead := &topNPipeline{top: p, combining: &account{pool.Account("combinations")}}
		ahead.ctx, ahead.out = t.Context(), make(chan *pipelinedBatch, 1)
		other := pool.Account("other")
		for after := 0; after < 3; {
			b, err := input.Next(t.Context())
			require.NoError(t, err)
			require.NotNil(t, b, "nothing stopped")
			if p.memory.UsedBytes() > limitBytes/8 && !ahead.hasStopped {
				require.NoError(t, other.Reserve(limitBytes/4*3-pool.UsedBytes()))
			}
			next := ahead.newBatch(b, 0, 1)
			next.sets = next.sets[:1]
			ahead.code(next)
			require.NoError(t, next.err)
			if !ahead.hasStopped {
				ahead.keep(next)
			} else {
				after++
			}
			ahead.underway++
			ahead.out <- next
			require.NoError(t, ahead.takeNext(t.Context()))
			if ahead.hasStopped {
				other.Close()
			}
		}
		require.NoError(t, ahead.drain(t.Context()))
		ahead.close()
		require.Equal(t, want, rowsOf(t, p), "%v", partitionBy)
		require.Positive(t, q.SpilledBytes())
		require.Zero(t, pool.UsedBytes())
	}
}
