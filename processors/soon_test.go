package processors

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestReceiveSoon: what is closed at once, and what is closed long after the last look, both are received.
func TestReceiveSoon(t *testing.T) {
	for _, after := range []time.Duration{0, 50 * time.Millisecond} {
		done := make(chan struct{})
		begun := time.Now()
		go func() {
			time.Sleep(after)
			close(done)
		}()
		ReceiveSoon(done)
		require.GreaterOrEqual(t, time.Since(begun), after)
	}
}

// TestLockSoon: a mutex is held by one at a time, also where it is held for longer than anybody looks.
func TestLockSoon(t *testing.T) {
	var mu sync.Mutex
	var all sync.WaitGroup
	count := 0
	for range 8 {
		all.Go(func() {
			for i := range 100 {
				LockSoon(&mu)
				before := count
				if i%50 == 0 {
					time.Sleep(time.Millisecond)
				}
				count = before + 1
				mu.Unlock()
			}
		})
	}
	all.Wait()
	require.Equal(t, 800, count)
}

// TestPassOn: who passes on loses nothing of what it made or woke.
func TestPassOn(t *testing.T) {
	var all sync.WaitGroup
	var done atomic.Int32
	for range 100 {
		all.Go(func() { done.Add(1) })
		PassOn()
	}
	all.Wait()
	require.Equal(t, int32(100), done.Load())
}
