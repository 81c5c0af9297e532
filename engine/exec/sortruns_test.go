package exec

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/engine/spill"
	"github.com/auditlake/auditlake/internal/process"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// spilling is a query that may hold limitBytes, and spills what is more.
func spilling(t testing.TB, limitBytes int64) (*memory.Pool, *spill.Query) {
	space, err := spill.Open(spill.Options{Dir: filepath.Join(t.TempDir(), "spill")})
	require.NoError(t, err)
	q := space.NewQuery()
	t.Cleanup(q.Close)
	return memory.NewPool(limitBytes), q
}

// spillingSort sorts a table that it gets in batches of some rows.
func spillingSort(from *table, keys []sortKey, size, workers int, pool *memory.Pool, q *spill.Query) *sorter {
	columns := make([]*plan.Column, len(from.columns))
	for i := range columns {
		columns[i] = &plan.Column{ID: i, Type: types.BigIntType}
	}
	held := &account{pool.Account("ORDER BY")}
	input := &feed{reader: &tableReader{table: from}, size: size, random: rand.New(rand.NewPCG(3, 4))}
	return &sorter{input: input, runs: &sortedRuns{columns: columns, keys: keys, gathering: gathering{workers: workers}, memory: held, spiller: q.NewSpiller(held.Account)}}
}

// TestSpilledRowsAreSortedAlike: every type, as one of two keys and as what is carried, in runs of which most are
// merged twice.
func TestSpilledRowsAreSortedAlike(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	rows := 4000
	columns := orderedColumns(rows, random)
	ids := batch.FromValues(arrow.PrimitiveTypes.Int64, filled(rows, func() int64 { return random.Int64() }), nil)
	for i, c := range columns {
		if process.UnderRace && i%3 > 0 || testing.Short() && i%6 > 0 {
			continue // types differ in what is compared, not in who does it
		}
		t.Run(c.name, func(t *testing.T) {
			other := columns[random.IntN(len(columns))]
			from := &table{rows: rows, columns: []arrow.Array{c.values, other.values, ids}}
			keys := []sortKey{c.order(0, random), other.order(1, random)}
			plainPool, _ := spilling(t, 0)
			want := rowsOf(t, spillingSort(from, keys, 777, 1, plainPool, nil))
			require.Len(t, want, rows)
			for w, workers := range []int{1, 2, 7} {
				if process.UnderRace && workers == 1 || !process.UnderRace && IsLeftOut(i, w) {
					continue
				}
				pool, q := spilling(t, 120_000)
				s := spillingSort(from, keys, []int{1000, 1, 333}[(i+workers)%3], workers, pool, q)
				require.Equal(t, want, rowsOf(t, s), "%d workers", workers)
				require.Positive(t, q.SpilledBytes())
				require.Zero(t, pool.UsedBytes())
				require.LessOrEqual(t, pool.PeakBytes(), int64(120_000))
			}
		})
	}
}

// TestRowKeysOrderLikeRows: keys of rows of different arrays compare as the rows do.
func TestRowKeysOrderLikeRows(t *testing.T) {
	if process.UnderRace {
		t.Skip("one goroutine does it all; the unit stage runs it")
	}
	random := rand.New(rand.NewPCG(8, 8))
	a, b := orderedColumns(200, random), orderedColumns(300, random)
	for i := range a {
		t.Run(a[i].name, func(t *testing.T) {
			key := a[i].order(0, random)
			batchOf := func(c orderedColumn) *batch.Batch {
				return &batch.Batch{Len: c.values.Len(), Columns: []batch.Vector{{Array: c.values}}}
			}
			pool := memory.NewPool(0)
			held := &account{pool.Account("ORDER BY")}
			if !haveRowKeys([]sortKey{key}) {
				require.Contains(t, []string{"array", "row", "unknown"}, a[i].name)
				return
			}
			left, err := newRowKeys(batchOf(a[i]), []sortKey{key}, held)
			require.NoError(t, err)
			right, err := newRowKeys(batchOf(b[i]), []sortKey{key}, held)
			require.NoError(t, err)
			require.LessOrEqual(t, int64(len(left.data)), left.reserved)
			order := orderBetween([]arrow.Array{a[i].values}, []arrow.Array{b[i].values}, []sortKey{key})
			for row := range int32(200) {
				for other := range int32(300) {
					want, got := order(row, other), bytes.Compare(left.key(int(row)), right.key(int(other)))
					if want != got {
						require.Equal(t, want, got, "%d, %d", row, other)
					}
				}
			}
		})
	}
}

// TestSortedRowsAreGatheredAhead: they come in the same order and batches, also when there is memory for some of them only, and leave nothing.
func TestSortedRowsAreGatheredAhead(t *testing.T) {
	from := sample(40_000, rand.New(rand.NewPCG(2, 2)))
	keys := []sortKey{sampleKey(1, false, false), sampleKey(2, true, false)}
	plainPool, _ := spilling(t, 0)
	want := rowsOf(t, spillingSort(from, keys, 5000, 1, plainPool, nil))
	for _, limitBytes := range []int64{0, 5_000_000, 3_300_000} {
		for _, workers := range []int{2, 7} {
			pool := memory.NewPool(limitBytes)
			require.Equal(t, want, rowsOf(t, spillingSort(from, keys, 5000, workers, pool, nil)))
			require.Zero(t, pool.UsedBytes())
			s := spillingSort(from, keys, 5000, workers, pool, nil)
			for range 3 {
				_, err := s.Next(t.Context())
				require.NoError(t, err)
			}
			s.Close()
			require.Zero(t, pool.UsedBytes())
		}
	}
}

// TestSpillingEdges: inputs that are empty, all alike or of one long row.
func TestSpillingEdges(t *testing.T) {
	text := func(values ...string) arrow.Array {
		a, err := batch.FromStrings(arrow.BinaryTypes.String, values, nil)
		require.NoError(t, err)
		return a
	}
	random := rand.New(rand.NewPCG(9, 9))
	alike := make([]string, 20_000)
	long := make([]string, 30)
	for i := range long {
		long[i] = strings.Repeat(fmt.Sprint(random.IntN(3)), 30_000)
	}
	for name, c := range map[string]struct {
		values    arrow.Array
		batchRows int
		spills    bool
	}{
		"no rows": {text(), 100, false}, "one row": {text("a"), 100, false}, "all alike": {text(alike...), 100, true},
		"long rows": {text(long...), 4, true}, "without type": {batch.Nulls(arrow.Null, 50_000), 100, true},
	} {
		t.Run(name, func(t *testing.T) {
			rows := c.values.Len()
			n := int64(0)
			ids := batch.FromValues(arrow.PrimitiveTypes.Int64, filled(rows, func() int64 { n++; return n }), nil)
			from := &table{rows: rows, columns: []arrow.Array{c.values, ids}}
			keys := []sortKey{{position: 0, valueType: types.VarcharType}}
			plainPool, _ := spilling(t, 0)
			want := rowsOf(t, spillingSort(from, keys, c.batchRows, 1, plainPool, nil))
			pool, q := spilling(t, 600_000)
			require.Equal(t, want, rowsOf(t, spillingSort(from, keys, c.batchRows, 2, pool, q)))
			require.Equal(t, c.spills, q.SpilledBytes() > 0)
			require.Zero(t, pool.UsedBytes())
		})
	}
}

// TestASortThatEndsEarlyLeavesNothing: closed after some rows, or cancelled while it writes or merges.
func TestASortThatEndsEarlyLeavesNothing(t *testing.T) {
	from := sample(50_000, rand.New(rand.NewPCG(1, 1)))
	keys := []sortKey{sampleKey(1, false, false)}
	for name, ends := range map[string]func(t *testing.T, s *sorter, pool *memory.Pool){
		"closed after some rows": func(t *testing.T, s *sorter, _ *memory.Pool) {
			_, err := s.Next(t.Context())
			require.NoError(t, err)
		},
		"cancelled while it writes": func(t *testing.T, s *sorter, _ *memory.Pool) {
			ctx, cancel := context.WithCancel(t.Context())
			s.input = &cancelling{Operator: s.input, after: 400, cancel: cancel}
			_, err := s.Next(ctx)
			require.ErrorIs(t, err, context.Canceled)
			require.NotEmpty(t, s.runs.runs)
		},
		"cancelled while it merges": func(t *testing.T, s *sorter, _ *memory.Pool) {
			ctx, cancel := context.WithCancel(t.Context())
			_, err := s.Next(ctx)
			require.NoError(t, err)
			cancel()
			for err == nil {
				_, err = s.Next(ctx)
			}
			require.ErrorIs(t, err, context.Canceled)
		},
		"stopped": func(t *testing.T, s *sorter, pool *memory.Pool) {
			_, err := s.Next(t.Context())
			require.NoError(t, err)
			pool.Stop(context.DeadlineExceeded)
			for err == nil {
				_, err = s.Next(t.Context())
			}
			require.ErrorIs(t, err, context.DeadlineExceeded)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			space, err := spill.Open(spill.Options{Dir: dir})
			require.NoError(t, err)
			pool, q := memory.NewPool(400_000), space.NewQuery()
			s := spillingSort(from, keys, 100, 2, pool, q)
			ends(t, s, pool)
			require.Positive(t, q.SpilledBytes())
			s.Close()
			require.Zero(t, pool.UsedBytes())
			require.Zero(t, space.UsedBytes())
			entries, err := os.ReadDir(dir)
			require.NoError(t, err)
			require.Empty(t, entries)
		})
	}
}

// cancelling cancels a context after some batches.
type cancelling struct {
	Operator
	after  int
	cancel func()
}

func (c *cancelling) Next(ctx context.Context) (*batch.Batch, error) {
	if c.after--; c.after == 0 {
		c.cancel()
	}
	return c.Operator.Next(ctx)
}

// TestTheLimitOfSpillingEndsASort with Trino's error, as a row does that there is no memory for.
func TestTheLimitOfSpillingEndsASort(t *testing.T) {
	from := sample(50_000, rand.New(rand.NewPCG(1, 1)))
	space, err := spill.Open(spill.Options{Dir: t.TempDir(), LimitBytes: 100_000})
	require.NoError(t, err)
	pool, q := memory.NewPool(400_000), space.NewQuery()
	s := spillingSort(from, []sortKey{sampleKey(1, false, false)}, 100, 2, pool, q)
	_, err = s.Next(t.Context())
	require.Equal(t, types.ExceededSpillLimit, types.ErrorName(err))
	s.Close()
	require.Zero(t, pool.UsedBytes())
	require.Zero(t, space.UsedBytes())
}

// BenchmarkSpillingSort is a sort of three columns, in memory and in runs.
func BenchmarkSpillingSort(b *testing.B) {
	from := sample(1_000_000, rand.New(rand.NewPCG(1, 1)))
	for name, limitBytes := range map[string]int64{"memory": 0, "spilled": 16 << 20} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				pool, q := spilling(b, limitBytes)
				s := spillingSort(from, []sortKey{sampleKey(1, false, false), sampleKey(3, true, false)}, batch.Rows, 2, pool, q)
				for rows, err := s.Next(b.Context()); rows != nil; rows, err = s.Next(b.Context()) {
					require.NoError(b, err)
				}
				s.Close()
				b.ReportMetric(float64(q.SpilledBytes())/float64(from.rows), "spilled-B/row")
			}
		})
	}
}
