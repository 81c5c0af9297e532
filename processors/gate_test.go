package processors

import (
	"context"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// old is the claim of a query that has worked for long.
func old(g *Gate) *Claim {
	s := g.NewClaim(context.Background())
	s.worked = g.youngFor
	return s
}

// enters starts a goroutine that enters, and returns what is closed when it has.
func enters(s *Claim, ctx context.Context) chan struct{} {
	entered := make(chan struct{})
	go func() {
		s.Enter(ctx)
		close(entered)
	}()
	return entered
}

// yields starts a goroutine that lets others work where it must, and returns what is closed when it goes on.
func yields(c *Claim) chan struct{} {
	paused := make(chan struct{})
	go func() {
		c.Yield()
		close(paused)
	}()
	return paused
}

func isClosed(c chan struct{}) bool {
	synctest.Wait()
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// requireEmpty: nobody works or waits.
func requireEmpty(t *testing.T, g *Gate) {
	require.Zero(t, g.inUse)
	require.Empty(t, g.waiters)
	require.Empty(t, g.claims)
	require.Zero(t, g.waiting.Load())
}

func TestLongQueriesHaveAsManyPermitsAsThereAre(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGate(2)
		a, b := old(g), old(g)
		first, second := a.Enter(t.Context()), a.Enter(t.Context())
		waits := enters(b, t.Context())
		require.False(t, isClosed(waits))
		first()
		require.True(t, isClosed(waits), "a permit was given back")
		third := enters(a, t.Context())
		require.False(t, isClosed(third))
		b.leave()
		require.True(t, isClosed(third))
		second()
		a.leave()
		requireEmpty(t, g)
	})
}

func TestAQueryAloneDoesNotWait(t *testing.T) {
	g := NewGate(1)
	a := old(g)
	for range 3 {
		defer a.Enter(t.Context())()
	}
	require.Equal(t, 3, g.inUse)
}

func TestYoungQueriesDoNotWaitAndOthersGiveWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGate(1)
		a, b := old(g), old(g)
		a.Enter(t.Context())
		waits := enters(b, t.Context())
		require.False(t, isClosed(waits))

		young := g.NewClaim(t.Context())
		leave := young.Enter(t.Context())
		paused := yields(a)
		require.False(t, isClosed(paused), "there are more than there are processors")
		require.False(t, isClosed(waits))
		leave()
		require.True(t, isClosed(paused) != isClosed(waits), "one of them goes on")
		time.Sleep(defaultLongestWait)
		require.True(t, isClosed(paused) && isClosed(waits))
	})
}

func TestAYoungQueryGrowsOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGate(1)
		a, b := old(g), g.NewClaim(t.Context())
		a.Enter(t.Context())
		b.Enter(t.Context())
		time.Sleep(2*defaultYoungFor - 1)
		require.True(t, isClosed(enters(b, t.Context())), "each had half of the processor")
		b.leave()
		time.Sleep(2 * time.Nanosecond)
		require.False(t, isClosed(enters(b, t.Context())))
		require.True(t, b.isOld)
	})
}

// TestYoungQueriesWaitForYoungOnes: one that may turn out short does not wait for those that are old, and one that has just begun
// waits for nobody; the younger of two goes first.
func TestYoungQueriesWaitForYoungOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGate(1)
		young := func(worked time.Duration) *Claim {
			c := g.NewClaim(t.Context())
			c.worked, c.served = worked, worked
			return c
		}
		a, b, c, d := old(g), young(2*g.freshFor), young(3*g.freshFor), young(0)
		a.Enter(t.Context())
		c.Enter(t.Context())
		ofOld, ofB := enters(old(g), t.Context()), enters(b, t.Context())
		require.False(t, isClosed(ofB), "one young query is at work")
		d.Enter(t.Context())
		d.leave()

		time.Sleep(4 * quantum)
		again := yields(c)
		require.True(t, isClosed(ofB), "it has worked less")
		require.False(t, isClosed(again))
		b.leave()
		require.True(t, isClosed(again))
		c.leave()
		require.False(t, isClosed(ofOld))
		a.leave()
		require.True(t, isClosed(ofOld))
	})
}

// TestAYoungQueryDoesNotWaitForOneThatHasGrownOld: it waited while both were young.
func TestAYoungQueryDoesNotWaitForOneThatHasGrownOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGate(1)
		a, b := g.NewClaim(t.Context()), g.NewClaim(t.Context())
		a.worked = g.youngFor - 2*time.Millisecond
		b.worked = a.worked
		a.served, b.served = a.worked, b.worked
		a.Enter(t.Context())
		ofB := enters(b, t.Context())
		require.False(t, isClosed(ofB))
		time.Sleep(2 * lookEvery)
		go a.Yield()
		require.True(t, isClosed(ofB))
		require.True(t, a.isOld)
		require.False(t, b.isOld)
		b.leave()
		a.leave()
		requireEmpty(t, g)
	})
}

// TestThoseServedLeastGoFirst: one yields to the other once it has had a quantum more.
func TestThoseServedLeastGoFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGate(1)
		a, b, c := old(g), old(g), old(g)
		a.Enter(t.Context())
		time.Sleep(time.Hour)
		ofB := enters(b, t.Context())
		require.False(t, isClosed(ofB))
		a.Yield()
		require.Equal(t, 1, a.held, "b has no claim to what a had before b came")

		ofC := enters(c, t.Context())
		time.Sleep(quantum + lookEvery)
		require.False(t, isClosed(ofC))
		again := yields(a)
		require.True(t, isClosed(ofB), "the first who came of those served least")
		require.False(t, isClosed(ofC))
		require.False(t, isClosed(again))
		time.Sleep(quantum / 2)
		b.leave()
		require.True(t, isClosed(ofC))
		require.False(t, isClosed(again))
		c.leave()
		require.True(t, isClosed(again))
		a.leave()
		requireEmpty(t, g)
	})
}

// TestProcessorTimeIsShared: a query with many goroutines gets no more than one with a single one.
func TestProcessorTimeIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGate(2)
		g.longestWait = math.MaxInt64 // those who wait for others of their query, which never leave, would go on after a second
		ctx, stop := context.WithCancel(t.Context())
		var working sync.WaitGroup
		work := func(goroutines int) *Claim {
			s := old(g)
			for range goroutines {
				working.Go(func() {
					defer s.Enter(ctx)()
					for ctx.Err() == nil {
						time.Sleep(time.Millisecond)
						s.Yield()
					}
				})
			}
			return s
		}
		many, one := work(8), work(1)
		time.Sleep(10 * time.Second)
		stop()
		working.Wait()
		require.InDelta(t, 10*time.Second, one.worked-g.youngFor, float64(time.Second))
		require.InDelta(t, 10*time.Second, many.worked-g.youngFor, float64(2*time.Second))
		requireEmpty(t, g)
	})
}

func TestWaitingEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGate(1)
		a := old(g)
		a.Enter(t.Context())
		ofQuery, cancelQuery := context.WithCancel(t.Context())
		b := g.NewClaim(ofQuery)
		b.worked = g.youngFor
		ctx, cancel := context.WithCancel(t.Context())
		waits := enters(b, ctx)
		require.False(t, isClosed(waits))
		cancel()
		require.True(t, isClosed(waits), "its work has ended")

		waits = enters(b, t.Context())
		cancelQuery()
		b.leave()
		require.True(t, isClosed(waits), "the query has ended")
		b.leave()

		c := old(g)
		waits = enters(c, t.Context())
		require.False(t, isClosed(waits))
		done := c.Hurry()
		require.True(t, isClosed(waits), "somebody waits for it to end")
		c.leave()
		done()
		waits = enters(c, t.Context())
		require.False(t, isClosed(waits))
		time.Sleep(defaultLongestWait)
		require.True(t, isClosed(waits), "nobody waits for ever")
		c.leave()
		a.leave()
		requireEmpty(t, g)
	})
}

func TestAsideGivesThePermitBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGate(1)
		a, b := old(g), old(g)
		a.Enter(t.Context())
		waits := enters(b, t.Context())
		require.False(t, isClosed(waits))
		a.Aside(t.Context(), func() {
			require.True(t, isClosed(waits))
			require.Zero(t, a.held)
			b.leave()
		})
		require.Equal(t, 1, a.held)
		require.PanicsWithValue(t, "of the wait", func() { a.Aside(t.Context(), func() { panic("of the wait") }) })
		require.Equal(t, 1, a.held)
	})
}

func TestWithoutAClaimNothingWaits(t *testing.T) {
	s := ClaimOf(t.Context())
	require.Nil(t, s)
	s.Enter(t.Context())()
	s.Yield()
	s.Hurry()()
	s.Aside(t.Context(), func() {})
	g := NewGate(0)
	claim := g.NewClaim(t.Context())
	require.Same(t, claim, ClaimOf(claim.With(t.Context())))
}

// TestManyQueries: whatever interleaves, all come to their end, and no permit is lost.
func TestManyQueries(t *testing.T) {
	const queries, workers, pieces = 12, 3, 200
	g := NewGate(1)
	g.Strict(2)
	var most, ended atomic.Int64
	var all sync.WaitGroup
	for query := range queries {
		all.Go(func() {
			r := rand.New(rand.NewPCG(7, uint64(query)))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			s := g.NewClaim(ctx)
			leave := s.Enter(ctx)
			work, stop := context.WithCancel(ctx)
			results := make(chan int) // a piece is at hand only when the one before is taken
			var running sync.WaitGroup
			for worker := range workers {
				seed := r.Uint64()
				running.Go(func() {
					r := rand.New(rand.NewPCG(seed, uint64(worker)))
					for range pieces {
						leave := s.Enter(work)
						for range r.IntN(4) {
							s.look.Store(0)
							s.Yield()
						}
						if held := int64(g.holding()); held > most.Load() {
							most.Store(held)
						}
						leave()
						select {
						case results <- 1:
						case <-work.Done():
							return
						}
					}
				})
			}
			wanted := workers * pieces
			if query%4 == 0 { // ends early, by itself or by others
				wanted = r.IntN(wanted)
			}
			for range wanted {
				s.Aside(work, func() { <-results })
				s.look.Store(0)
				s.Yield()
			}
			if query%8 == 0 {
				cancel()
			}
			stop()
			done := s.Hurry()
			running.Wait()
			done()
			leave()
			ended.Add(1)
		})
	}
	all.Wait()
	require.EqualValues(t, queries, ended.Load())
	require.Positive(t, most.Load())
	requireEmpty(t, g)
}

func (g *Gate) holding() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.inUse
}

func BenchmarkEnter(b *testing.B) {
	s := NewGate(2).NewClaim(b.Context())
	for b.Loop() {
		s.Enter(b.Context())()
	}
}

func BenchmarkYield(b *testing.B) {
	s := NewGate(2).NewClaim(b.Context())
	for b.Loop() {
		s.Yield()
	}
}

func TestTryEnter(t *testing.T) {
	leave, isFree := (*Claim)(nil).TryEnter()
	require.True(t, isFree, "nobody shares anything")
	leave()

	synctest.Test(t, func(t *testing.T) {
		g := NewGate(2)
		a, b, young := old(g), old(g), g.NewClaim(t.Context())
		first, isFree := a.TryEnter()
		require.True(t, isFree)
		second, isFree := a.TryEnter()
		require.True(t, isFree)
		_, isFree = young.TryEnter()
		require.False(t, isFree, "all permits are out, though a young query need not wait for one")
		waits := enters(b, t.Context())
		require.False(t, isClosed(waits))
		first()
		require.True(t, isClosed(waits))
		_, isFree = a.TryEnter()
		require.False(t, isFree, "who waited has the permit")
		second()
		third, isFree := a.TryEnter()
		require.True(t, isFree)
		third()
		b.leave()
		requireEmpty(t, g)
	})
}
