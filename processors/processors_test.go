package processors

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBesideWork(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	defer func() {
		beside.added = 0
		runtime.GOMAXPROCS(before)
	}()
	t.Setenv("GOMAXPROCS", "1")
	BesideWork()
	require.Equal(t, before, runtime.GOMAXPROCS(0), "the environment says how many")
	t.Setenv("GOMAXPROCS", "")
	require.Equal(t, before, Count())
	for range 2 { // the second time it is done already
		BesideWork()
		require.Equal(t, threadsBeside*before, runtime.GOMAXPROCS(0))
		require.Equal(t, before, Count())
	}
}
