package process

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPeakBytes(t *testing.T) {
	if runtime.GOOS != "linux" {
		require.Zero(t, PeakBytes())
		return
	}
	held := make([]byte, 32<<20)
	for i := range held {
		held[i] = 1
	}
	require.Greater(t, PeakBytes(), int64(len(held)))
	runtime.KeepAlive(held)
}

func TestPrinted(t *testing.T) {
	long := strings.Repeat("more than a pipe holds ", 10_000)
	require.Equal(t, "a\n"+long, Printed(t, func() { fmt.Println("a"); fmt.Print(long) }))
	require.Empty(t, Printed(t, func() {}))
}

func TestCollectRarely(t *testing.T) {
	percent, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(-1)
	defer func() { debug.SetGCPercent(percent); debug.SetMemoryLimit(limit) }()
	CollectRarely()
	require.EqualValues(t, rareCollectPercent, debug.SetGCPercent(percent))
	require.EqualValues(t, maxRareBytes, debug.SetMemoryLimit(limit))
}
