package access

import (
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var (
	noon     = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	home     = Origin{IP: netip.MustParseAddr("192.0.2.1")}
	loopback = Origin{IP: netip.MustParseAddr("127.0.0.1")}
)

// TestAttempts: ten wrong secrets are free, each further one costs twice the wait of the one before.
func TestAttempts(t *testing.T) {
	for _, from := range []Origin{home, loopback, {}} {
		a, now := newAttempts(maxAttempts), noon
		for range freeAttempts {
			require.NoError(t, a.note("key", from, now, false))
		}
		for _, want := range []int{1, 2, 4, 8, 16, 32, 60, 60} {
			var tooMany *TooManyAttempts
			require.ErrorAs(t, a.note("key", from, now, true), &tooMany, "a refusal says nothing about the secret")
			require.Equal(t, want, tooMany.Seconds())
			require.ErrorIs(t, a.check("key", from, now.Add(tooMany.RetryAfter-1)), ErrTooManyAttempts)
			now = now.Add(tooMany.RetryAfter)
			require.NoError(t, a.note("key", from, now, false))
		}
		require.NoError(t, a.note("key", Origin{IP: netip.MustParseAddr("198.51.100.7")}, now, true), "the right secret from elsewhere")
		require.NoError(t, a.note("other", from, now, true), "another key")
		now = now.Add(longestWait)
		require.NoError(t, a.note("key", from, now, true))
		require.NoError(t, a.note("key", from, now, false), "the right secret begins again")
		require.NoError(t, a.check("key", from, now))
	}
}

// TestAttemptsAreBounded: whoever makes up keys takes no more memory, and a network of IPv6 is one address.
func TestAttemptsAreBounded(t *testing.T) {
	a := newAttempts(50)
	for i := range 1000 {
		require.NoError(t, a.note(fmt.Sprint(i), home, noon.Add(time.Duration(i)), false))
		require.LessOrEqual(t, len(a.byWho), 50)
	}
	require.NotNil(t, a.byWho[keyOfAttempt("999", home)], "the latest is known")
	a = newAttempts(50)
	for i := range freeAttempts {
		require.NoError(t, a.note("key", Origin{IP: netip.MustParseAddr(fmt.Sprintf("2001:db8::%d", i))}, noon, false))
	}
	require.Error(t, a.check("key", Origin{IP: netip.MustParseAddr("2001:db8::ffff")}, noon))
	require.NoError(t, a.check("key", Origin{IP: netip.MustParseAddr("2001:db8::ffff")}, noon.Add(forgetAfter)))
}

// TestAttemptsAtOnce: attempts that are made together are no way around the limit.
func TestAttemptsAtOnce(t *testing.T) {
	a := newAttempts(maxAttempts)
	var answered atomic.Int64
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			if a.note("key", home, noon, false) == nil {
				answered.Add(1)
			}
		})
	}
	all.Wait()
	require.EqualValues(t, freeAttempts, answered.Load())
}
