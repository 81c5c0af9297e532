package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestTimeLeft: the estimate goes by the last half minute, and a stall is called one.
func TestTimeLeft(t *testing.T) {
	now := time.Unix(0, 0)
	left := newTimeLeft(func() time.Time { return now })
	at := func(second int, done int64) string {
		now = time.Unix(int64(second), 0)
		return left.describe(done, 1000)
	}
	require.Empty(t, at(0, 0))
	require.Empty(t, at(1, 10), "too early")
	require.Equal(t, "1m37s left", at(3, 30))
	require.Equal(t, "1m33s left", at(7, 70))
	require.Equal(t, "2m26s left", at(11, 70))
	require.Equal(t, "nothing for 5.0 s", at(12, 70))
	require.Equal(t, "nothing for 1h0m0s", at(7+3600, 70))
	require.Empty(t, at(3608, 80), "it has just gone on")
	require.Equal(t, "1.0 s left", at(3609, 999))
	require.Empty(t, at(3610, 1000))
	now = time.Unix(0, 0)
	slow := newTimeLeft(func() time.Time { return now })
	slow.describe(0, 1<<40)
	now = time.Unix(4, 0)
	require.Empty(t, slow.describe(1, 1<<40), "nobody knows")
}
