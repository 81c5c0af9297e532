package processors

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"weak"

	"github.com/stretchr/testify/require"
)

// TestLingering: work is done once each, whether it is given to who lingers or to a new goroutine, and no permit is left out at the end.
func TestLingering(t *testing.T) {
	g := NewGate(4)
	c := g.NewClaim(context.Background())
	leave := c.Enter(context.Background())
	var all sync.WaitGroup
	var done atomic.Int32
	for i := range 1000 {
		all.Add(1)
		work := func() {
			defer all.Done()
			done.Add(1)
		}
		switch {
		case i%3 > 0:
			c.Go(func() func() { return c.Enter(context.Background()) }, work)
		case !c.GoWhereFree(work):
			work()
		}
		if i%100 == 0 {
			time.Sleep(2 * soonFor) // nobody lingers any more
		}
	}
	all.Wait()
	leave()
	require.Equal(t, int32(1000), done.Load())
	require.Eventually(t, func() bool {
		g.mu.Lock()
		defer g.mu.Unlock()
		return g.inUse == 0 && len(g.claims) == 0
	}, 10*time.Second, time.Millisecond)
	require.Empty(t, c.lingering.idle)
}

// TestWhoLingersIsGivenWork: work is done by the goroutine that did some before, where that is awake.
func TestWhoLingersIsGivenWork(t *testing.T) {
	c := NewGate(2).NewClaim(context.Background())
	require.Eventually(t, func() bool {
		done := make(chan bool)
		made := false
		enter := func() func() {
			made = true
			return c.Enter(context.Background())
		}
		c.Go(enter, func() {})
		for begun := time.Now(); c.lingering.number.Load() == 0 && time.Since(begun) < time.Second; {
			runtime.Gosched()
		}
		made = false
		c.Go(enter, func() { done <- made })
		return !<-done
	}, 30*time.Second, time.Millisecond, "there was always a goroutine made for it")
}

// TestWithoutClaimNobodyLingers: work is done there all the same.
func TestWithoutClaimNobodyLingers(t *testing.T) {
	var c *Claim
	require.Nil(t, c.linger())
	done := make(chan struct{})
	c.Go(func() func() { return c.Enter(context.Background()) }, func() { close(done) })
	<-done
	done = make(chan struct{})
	require.True(t, c.GoWhereFree(func() { close(done) }))
	<-done
}

// TestWorkThatWasGivenIsForgotten: a claim, which others know for as long as a context, does not keep what was done for it.
func TestWorkThatWasGivenIsForgotten(t *testing.T) {
	c := NewGate(2).NewClaim(context.Background())
	var held weak.Pointer[[1 << 16]byte]
	require.Eventually(t, func() bool {
		var both sync.WaitGroup
		both.Add(2)
		for range 2 {
			c.Go(func() func() { return c.Enter(context.Background()) }, func() {
				both.Done()
				both.Wait()
			})
		}
		for begun := time.Now(); c.lingering.number.Load() < 2 && time.Since(begun) < time.Second; {
			runtime.Gosched()
		}
		memory, isLast := new([1 << 16]byte), make(chan bool)
		held = weak.Make(memory)
		wasGiven := c.offer(func() {
			memory[0] = 1
			<-isLast
		})
		for c.lingering.number.Load() > 0 { // who was given nothing lingers no more
			runtime.Gosched()
		}
		close(isLast)
		return wasGiven
	}, 10*time.Second, time.Millisecond)
	require.Eventually(t, func() bool {
		runtime.GC()
		return held.Value() == nil
	}, 10*time.Second, time.Millisecond)
	runtime.KeepAlive(c)
}
