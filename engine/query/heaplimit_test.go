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

func TestCollectorPercent(t *testing.T) {
	for _, c := range []struct {
		name      string
		liveBytes int64
		percent   int
	}{
		{"nothing live", 0, 100},
		{"little", 100 << 20, 100},
		{"a full cache", 512 << 20, 50},
		{"a large one", 1 << 30, 25},
		{"a very large one", 1 << 40, 25},
	} {
		t.Run(c.name, func(t *testing.T) { require.Equal(t, c.percent, collectorPercent(c.liveBytes)) })
	}
}

// TestCollectorPercentWhileQueriesRun: what the environment says stays, and after the queries it is as before.
func TestCollectorPercentWhileQueriesRun(t *testing.T) {
	before := debug.SetGCPercent(77)
	t.Cleanup(func() { debug.SetGCPercent(before) })
	now := func() int {
		percent := debug.SetGCPercent(77)
		debug.SetGCPercent(percent)
		return percent
	}
	h := &heapLimit{}
	t.Setenv("GOGC", "77")
	end := h.begin(1<<20, 1<<20)
	require.Equal(t, 77, now())
	end()
	t.Setenv("GOGC", "")
	first, second := h.begin(1<<20, 1<<20), h.begin(1<<20, 1<<20)
	require.Equal(t, collectorPercent(h.baseBytes), now())
	first()
	require.Equal(t, collectorPercent(h.baseBytes), now())
	second()
	require.Equal(t, 77, now())
}
