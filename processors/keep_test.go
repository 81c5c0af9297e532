package processors

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// yields starts a goroutine that lets others work where it must, and returns what is closed when it goes on.
func yields(c *Claim) chan struct{} {
	paused := make(chan struct{})
	go func() {
		c.Yield()
		close(paused)
	}()
	return paused
}

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
