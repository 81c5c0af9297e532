package memory

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/types"
)

const mebibyte = 1 << 20

func TestQueriesOfALakeShareItsLimit(t *testing.T) {
	lake := NewLakePool(100 * mebibyte)
	first, second, third := lake.QueryPool(0), lake.QueryPool(0), lake.QueryPool(0)
	sort, join, last := first.Account("sort"), second.Account("hash join"), third.Account("the answer")
	require.NoError(t, sort.Reserve(50*mebibyte))
	require.NoError(t, join.Reserve(40*mebibyte))
	require.NoError(t, last.Reserve(mebibyte*55/8), "what others were granted and do not use is no hindrance")

	err := last.Reserve(1)
	require.Equal(t, types.ClusterOutOfMemory, types.ErrorName(err))
	require.ErrorContains(t, err, "all of the 100.0 MiB that they may hold together (the last 3.1 MiB are kept for small queries)")
	require.ErrorContains(t, err, "the answer needs 1 bytes more")
	require.ErrorContains(t, err, "this query holds 6.9 MiB, 2 others hold 90.0 MiB")
	require.ErrorContains(t, err, "--memory")
	require.EqualValues(t, mebibyte*55/8, third.UsedBytes())
	require.EqualValues(t, mebibyte*55/8, last.UsedBytes())
	require.EqualValues(t, mebibyte*55/8, third.PeakBytes(), "what was refused was never held")

	join.Close()
	require.NoError(t, last.Reserve(40*mebibyte), "what one query gives back others can have")
	first.Close()
	first.Close()
	require.EqualValues(t, mebibyte*375/8, lake.UsedBytes())
	third.Close()
	second.Close()
	require.Zero(t, lake.UsedBytes())
	require.Zero(t, lake.granted.Load())
	require.EqualValues(t, 50*mebibyte, first.PeakBytes())
	require.EqualValues(t, 40*mebibyte, second.PeakBytes())
}

// TestSmallQueriesHaveTheLast: when large queries hold all that they may, small ones have the rest of the lake's memory.
func TestSmallQueriesHaveTheLast(t *testing.T) {
	lake := NewLakePool(128 * mebibyte)
	for _, bytes := range []int64{64, 60} {
		require.NoError(t, lake.QueryPool(0).Account("sort").Reserve(bytes*mebibyte))
	}
	for range 4 {
		small := lake.QueryPool(0).Account("scan")
		require.NoError(t, small.Reserve(mebibyte))
		require.Equal(t, types.ClusterOutOfMemory, types.ErrorName(small.Reserve(2*mebibyte)), "it would be small no longer")
	}
	require.EqualValues(t, 128*mebibyte, lake.UsedBytes())
	require.Equal(t, types.ClusterOutOfMemory, types.ErrorName(lake.QueryPool(0).Account("scan").Reserve(1)), "there is no more")
}

func TestOneQueryHasAtMostHalfOfALake(t *testing.T) {
	for name, c := range map[string]struct {
		own, want int64
		says      string
	}{
		"no limit of its own": {0, 500, "500 bytes, half of what all queries of the lake may hold together (--memory sets that): sort"},
		"more than half":      {600, 500, "half of what all queries"},
		"less than half":      {200, 200, "its memory limit of 200 bytes: sort needs 1 bytes more beside 200 bytes in use"},
	} {
		t.Run(name, func(t *testing.T) {
			lake := NewLakePool(1000)
			pool := lake.QueryPool(c.own)
			a := pool.Account("sort")
			require.NoError(t, a.Reserve(c.want))
			err := a.Reserve(1)
			require.Equal(t, types.ExceededMemoryLimit, types.ErrorName(err))
			require.ErrorContains(t, err, c.says)
			require.EqualValues(t, c.want, pool.PeakBytes())
		})
	}
}

func TestReservationsAfterTheEndFail(t *testing.T) {
	lake := NewLakePool(100 * mebibyte)
	pool := lake.QueryPool(0)
	a := pool.Account("sort")
	require.NoError(t, a.Reserve(10))
	pool.Close()
	require.ErrorContains(t, a.Reserve(10), "has ended")
	require.EqualValues(t, 10, a.UsedBytes())
	a.Close()
	require.Zero(t, pool.UsedBytes())
	require.Zero(t, lake.granted.Load())

	pool = lake.QueryPool(0)
	pool.Stop(context.Canceled)
	require.ErrorIs(t, pool.Account("sort").Reserve(1), context.Canceled)
}

func TestWhatAQueryReleasesOthersCanHave(t *testing.T) {
	lake := NewLakePool(100 * mebibyte)
	big, small := lake.QueryPool(0).Account("sort"), lake.QueryPool(0).Account("join")
	require.NoError(t, big.Reserve(50*mebibyte))
	require.NoError(t, big.Resize(1*mebibyte))
	lake.mu.Lock()
	require.LessOrEqual(t, lake.granted.Load(), int64(3*mebibyte), "given back without being asked")
	lake.mu.Unlock()
	require.NoError(t, small.Reserve(50*mebibyte))
	require.NoError(t, big.Reserve(42*mebibyte))
	require.EqualValues(t, 93*mebibyte, lake.UsedBytes())
}

// TestConcurrentQueriesKeepTheLimit: whatever interleaves, queries never hold more
// than the lake may, no one is refused what is free, and all comes back.
func TestConcurrentQueriesKeepTheLimit(t *testing.T) {
	const limit, queries, workers, steps = 64 * mebibyte, 8, 3, 3000
	lake := NewLakePool(limit)
	var held, refused atomic.Int64
	var running sync.WaitGroup
	for query := range queries {
		running.Go(func() {
			pool := lake.QueryPool(24 * mebibyte)
			defer pool.Close()
			var operators sync.WaitGroup
			for worker := range workers {
				operators.Go(func() {
					r := rand.New(rand.NewPCG(uint64(query), uint64(worker)))
					account := pool.Account("sort")
					defer account.Close()
					for range steps {
						bytes := r.Int64N(3 * mebibyte)
						if err := account.Reserve(bytes); err != nil {
							refused.Add(1)
							give := r.Int64N(account.UsedBytes() + 1)
							held.Add(-give)
							account.Release(give)
							continue
						}
						if now := held.Add(bytes); now > limit {
							t.Errorf("%d bytes are held, %d may be", now, limit)
						}
					}
					held.Add(-account.UsedBytes())
				})
			}
			operators.Wait()
			if pool.UsedBytes() != 0 {
				t.Errorf("%d bytes were not given back", pool.UsedBytes())
			}
			if pool.PeakBytes() > 24*mebibyte {
				t.Errorf("a query held %d bytes", pool.PeakBytes())
			}
		})
	}
	running.Wait()
	require.Zero(t, lake.granted.Load())
	require.Empty(t, lake.queries)
	require.Positive(t, refused.Load(), "the test must reach the limit")
	require.NoError(t, lake.QueryPool(0).Account("sort").Reserve(limit/2))
}

// BenchmarkReserve is an operator that grows in small steps and gives all back at
// its end, with a pool of its own and as one query of a lake.
func BenchmarkReserve(b *testing.B) {
	for name, pool := range map[string]*Pool{
		"alone":          NewPool(1 << 30),
		"lake":           NewLakePool(4 << 30).QueryPool(0),
		"lake-own-limit": NewLakePool(4 << 30).QueryPool(1 << 30),
	} {
		b.Run(name, func(b *testing.B) {
			a := pool.Account("sort")
			for i := 0; b.Loop(); i++ {
				if err := a.Reserve(8 << 10); err != nil {
					b.Fatal(err)
				}
				if i%10_000 == 0 {
					a.Close()
				}
			}
			a.Close()
		})
	}
}

// BenchmarkQueryPool is what a query that holds little pays for its part of the
// lake's pool.
func BenchmarkQueryPool(b *testing.B) {
	lake := NewLakePool(4 << 30)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			pool := lake.QueryPool(0)
			a := pool.Account("the answer")
			if err := a.Reserve(1000); err != nil {
				b.Error(err)
			}
			a.Close()
			pool.Close()
		}
	})
}

// lentMemory is a cache that is as large as it may be.
type lentMemory struct{ bytes int64 }

func (c *lentMemory) UsedBytes() int64 { return c.bytes }

func (c *lentMemory) ShrinkTo(bytes int64) { c.bytes = min(c.bytes, bytes) }

// TestACacheHasWhatQueriesLeave: no query is refused what only a cache holds.
func TestACacheHasWhatQueriesLeave(t *testing.T) {
	lake := NewLakePool(100 * mebibyte)
	cache := &lentMemory{bytes: 25 * mebibyte}
	lake.Lend(cache, lake.SpareBytes)
	require.EqualValues(t, 100*mebibyte, lake.SpareBytes())
	first, second := lake.QueryPool(0), lake.QueryPool(0)
	sort, join := first.Account("sort"), second.Account("hash join")
	require.NoError(t, sort.Reserve(50*mebibyte))
	require.EqualValues(t, 25*mebibyte, cache.bytes, "there is room for both")
	require.NoError(t, join.Reserve(40*mebibyte))
	require.LessOrEqual(t, cache.bytes, int64(10*mebibyte))
	require.Equal(t, lake.SpareBytes(), cache.bytes)
	require.NoError(t, join.Reserve(mebibyte*55/8))
	require.EqualValues(t, mebibyte*25/8, cache.bytes)
	require.EqualValues(t, mebibyte*25/8, lake.SpareBytes(), "for small queries")
	first.Close()
	require.EqualValues(t, mebibyte*425/8, lake.SpareBytes(), "the cache may grow again")
	second.Close()
}

func TestLargeReservationsAreAnnounced(t *testing.T) {
	lake := NewLakePool(100 * mebibyte)
	var large []int64
	lake.BeforeLarge(16*mebibyte, func(bytes int64) { large = append(large, bytes) })
	a := lake.QueryPool(0).Account("sort")
	require.NoError(t, a.Reserve(1*mebibyte))
	require.NoError(t, a.Reserve(20*mebibyte))
	require.Error(t, a.Reserve(40*mebibyte), "what is refused is not allocated")
	require.NoError(t, a.Reserve(-20*mebibyte))
	require.NoError(t, a.Reserve(30*mebibyte))
	require.Equal(t, []int64{20 * mebibyte, 30 * mebibyte}, large)
}

func TestGrantsAreTold(t *testing.T) {
	lake := NewLakePool(100 * mebibyte)
	var told []int64
	lake.OnGrants(8*mebibyte, func(grantedBytes int64) { told = append(told, grantedBytes/mebibyte) })
	first, second := lake.QueryPool(0), lake.QueryPool(0)
	a := first.Account("sort")
	require.NoError(t, a.Reserve(1*mebibyte))
	require.NoError(t, a.Reserve(1*mebibyte))
	require.Empty(t, told)
	require.NoError(t, a.Reserve(20*mebibyte))
	require.NoError(t, second.Account("join").Reserve(2*mebibyte))
	require.NoError(t, a.Reserve(-20*mebibyte))
	second.Close()
	first.Close()
	require.Equal(t, []int64{23, 26, 6}, told, "of 1, 22, 25, 5, 2 and 0 MiB with what the pools keep")
}

// TestSpillFrom: operators spill from there on, while their query may hold more.
func TestSpillFrom(t *testing.T) {
	lake := NewLakePool(100 * mebibyte)
	lake.SpillFrom(1)
	pool := lake.QueryPool(0)
	defer pool.Close()
	sort := pool.Account("sort")
	require.True(t, sort.ShouldSpill(1))
	require.EqualValues(t, 1, sort.LimitBytes())
	require.NoError(t, sort.Reserve(40*mebibyte))
	require.Equal(t, types.ExceededMemoryLimit, types.ErrorName(sort.Reserve(20*mebibyte)))
}
