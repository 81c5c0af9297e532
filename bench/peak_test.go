package main

import (
	"os"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPeak: a peak before forgetPeak does not count, one after it does.
func TestPeak(t *testing.T) {
	touched := func() {
		pages := make([]byte, 64<<20)
		for i := 0; i < len(pages); i += 4096 {
			pages[i] = 1
		}
	}
	touched()
	before := peakBytes(os.Getpid())
	debug.FreeOSMemory()
	if !forgetPeak(os.Getpid()) {
		t.Skip("this system forgets no peak")
	}
	small := peakBytes(os.Getpid())
	require.Less(t, small, before-32<<20)
	touched()
	require.Greater(t, peakBytes(os.Getpid()), small+32<<20)
	require.Equal(t, "64", mibText(64<<20))
}

// TestNoPeak: a contender without a process of its own has no peak, nor has one that ended.
func TestNoPeak(t *testing.T) {
	require.False(t, forgetPeak((&library{}).pid()))
	require.Zero(t, peakBytes(1<<30))
	require.Equal(t, "–", mibText(0))
}
