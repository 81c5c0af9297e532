package awsapi

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// TestThrottle: calls one after the other wait for their turn, and are never refused; too many at the same time are.
func TestThrottle(t *testing.T) {
	afterFunc := func(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop }
	synctest.Test(t, func(t *testing.T) {
		bucket := newThrottle(2, time.Now, afterFunc)
		began := time.Now()
		for range 30 {
			require.NoError(t, bucket.enter(t.Context(), "a"))
		}
		require.Equal(t, 14*time.Second, time.Since(began), "two at once, then one each half second")
		require.NoError(t, bucket.enter(t.Context(), "b"))
		require.Equal(t, 14*time.Second, time.Since(began), "each account has a bucket of its own")

		time.Sleep(time.Minute)
		began = time.Now()
		results := make(chan error, 10)
		for range cap(results) {
			go func() { results <- bucket.enter(t.Context(), "a") }()
		}
		refused := 0
		for range cap(results) {
			if err := <-results; err != nil {
				require.ErrorContains(t, err, "Rate exceeded: 2 requests a second.")
				refused++
			}
		}
		require.Equal(t, 4, refused, "two at once, four within the two seconds that a call waits")
		require.Equal(t, maxThrottleWait, time.Since(began))

		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, bucket.enter(ctx, "a"), context.Canceled)
	})
	require.NoError(t, newThrottle(0, time.Now, afterFunc).enter(t.Context(), "a"), "without a rate")
}

// TestThrottleClockSetBack: a clock that is set back does not shut an account out.
func TestThrottleClockSetBack(t *testing.T) {
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	bucket := newThrottle(2, func() time.Time { return now }, nil)
	require.LessOrEqual(t, bucket.reserve("a"), time.Duration(0))
	now = now.Add(-time.Hour)
	require.LessOrEqual(t, bucket.reserve("a"), time.Duration(0))
}
