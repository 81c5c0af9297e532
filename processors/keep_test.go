package processors

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// TestAProcessorIsKeptForFreshQueries: a query that has all permits gives one back at its next look and has it again soon after the last fresh one.
func TestAProcessorIsKeptForFreshQueries(t *testing.T) {
	for name, age := range map[string]time.Duration{"from an old query": 2 * defaultYoungFor, "from a young query": 2 * defaultFreshFor} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewGate(2)
				a, fresh := g.NewClaim(t.Context()), g.NewClaim(t.Context())
				a.worked = age
				a.Enter(t.Context())
				a.Enter(t.Context())
				require.True(t, isClosed(yields(a)), "it is alone")
				leave := fresh.Enter(t.Context())
				paused := yields(a)
				require.False(t, isClosed(paused))
				time.Sleep(lookEvery)
				require.True(t, isClosed(yields(a)), "one is enough")
				leave()
				time.Sleep(keptFor / 2)
				require.False(t, isClosed(paused), "the next one comes soon")
				_, isFree := a.TryEnter()
				require.False(t, isFree)
				fresh.Enter(t.Context())()
				time.Sleep(keptFor - 1)
				require.False(t, isClosed(paused))
				time.Sleep(time.Nanosecond)
				require.True(t, isClosed(paused))
				a.leave()
				a.leave()
				requireEmpty(t, g)
			})
		})
	}
}

// TestNothingIsKeptFromTheOnlyOne: a query that grows old waits for no fresh one but others.
func TestNothingIsKeptFromTheOnlyOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGate(2)
		a := g.NewClaim(t.Context())
		a.worked = g.freshFor - 1
		a.Enter(t.Context())
		time.Sleep(lookEvery)
		a.Enter(t.Context())
		require.True(t, isClosed(yields(a)))
		a.leave()
		a.leave()
		requireEmpty(t, g)
	})
}

// TestOneProcessorIsKeptForNobody: long queries would have none.
func TestOneProcessorIsKeptForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGate(1)
		a := old(g)
		g.NewClaim(t.Context()).Enter(t.Context())()
		a.Enter(t.Context())
		require.True(t, isClosed(yields(a)))
		a.leave()
		requireEmpty(t, g)
	})
}

// TestLongQueriesGoOnBesideFreshOnes: while one short question follows the other, long queries share what is left, and nobody waits for as long as
// those wait who take a permit in spite of others.
func TestLongQueriesGoOnBesideFreshOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const queries, workers, pieces = 4, 3, 100
		g := NewGate(2)
		var long, short sync.WaitGroup
		ctx, stop := context.WithCancel(t.Context())
		short.Go(func() {
			for ctx.Err() == nil {
				leave := g.NewClaim(ctx).Enter(ctx)
				time.Sleep(time.Millisecond)
				leave()
				time.Sleep(time.Millisecond)
			}
		})
		longest := make([]time.Duration, queries)
		for query := range queries {
			c := old(g)
			var longestOf sync.Mutex
			for range workers {
				long.Go(func() {
					for range pieces {
						asked := time.Now()
						leave := c.Enter(t.Context())
						longestOf.Lock()
						longest[query] = max(longest[query], time.Since(asked))
						longestOf.Unlock()
						time.Sleep(3 * time.Millisecond)
						c.Yield()
						leave()
					}
				})
			}
		}
		began := time.Now()
		long.Wait()
		took := time.Since(began)
		stop()
		short.Wait()
		time.Sleep(keptFor)
		requireEmpty(t, g)
		require.Less(t, slices.Max(longest), defaultLongestWait)
		const alone = queries * workers * pieces * 3 * time.Millisecond // on one processor
		require.Less(t, took, alone*11/10)
		require.Greater(t, took, alone*9/10, "one was kept")
	})
}
