package query

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestGarbageIsCollectedBeforeTheHeapLeaps: what would pass the soft limit waits for a collection, what fits does not.
func TestGarbageIsCollectedBeforeTheHeapLeaps(t *testing.T) {
	forced := func() uint32 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.NumForcedGC
	}
	limit := debug.SetMemoryLimit(-1)
	t.Cleanup(func() { debug.SetMemoryLimit(limit) })
	before := forced()
	debug.SetMemoryLimit(math.MaxInt64)
	processHeap.makeRoom(1 << 40)
	require.Equal(t, before, forced())
	debug.SetMemoryLimit(1 << 40)
	processHeap.makeRoom(1 << 20)
	require.Equal(t, before, forced())
	processHeap.makeRoom(1 << 40)
	require.Equal(t, before+1, forced())
}
