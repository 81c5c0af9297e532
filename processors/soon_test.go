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

// BenchmarkBeginsBeside is how long it takes until another goroutine begins, while the one that made it goes on.
func BenchmarkBeginsBeside(b *testing.B) {
	for _, way := range []struct {
		name   string
		passOn func()
	}{{"left to its processor", func() {}}, {"passed on", PassOn}} {
		b.Run(way.name, func(b *testing.B) {
			took := time.Duration(0)
			for range b.N {
				time.Sleep(time.Millisecond) // the other processor has gone idle
				var began atomic.Int64
				begun := time.Now()
				go func() { began.Store(int64(time.Since(begun))) }()
				way.passOn()
				for began.Load() == 0 && time.Since(begun) < time.Second {
				}
				took += time.Duration(began.Load())
			}
			b.ReportMetric(float64(took.Microseconds())/float64(b.N), "µs/begun")
		})
	}
}
