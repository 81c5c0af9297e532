package processors

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestBesideWork: there are threads beside work while two things are at work, and for a while after it; Count stays.
func TestBesideWork(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	defer func() {
		beside.processors = 0
		runtime.GOMAXPROCS(before)
	}()
	threads := func(want int) {
		require.Eventually(t, func() bool { return runtime.GOMAXPROCS(0) == want }, 10*time.Second, time.Millisecond)
		require.Equal(t, before, Count())
	}
	t.Setenv("GOMAXPROCS", "1")
	BesideWork()
	Begin()()
	first, second := Begin(), Begin()
	widen()
	require.False(t, beside.isWide, "the environment says how many")
	second()
	t.Setenv("GOMAXPROCS", "")
	for range 2 { // the second time it is done already
		BesideWork()
	}
	threads(before)
	widen()
	require.False(t, beside.isWide, "one thing is at work")
	second = Begin() // which stays
	threads(threadsBeside * before)
	require.False(t, narrow(time.Now()), "a moment later the next may come")
	require.False(t, narrow(time.Now().Add(2*crowdedFor)), "two are at work")
	second()
	first()
	require.False(t, narrow(time.Now().Add(2*crowdedFor)), "the crowd was seen after now")
	require.True(t, narrow(time.Now().Add(4*crowdedFor)))
	threads(before)
}
