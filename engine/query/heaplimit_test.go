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

// TestCollectorPercentWhileQueriesRun: what the environment, or an import meanwhile, says stays, and a first collection that is put off is.
func TestCollectorPercentWhileQueriesRun(t *testing.T) {
	before := debug.SetGCPercent(100)
	t.Cleanup(func() { debug.SetGCPercent(before) })
	now := func() int { return int(metricBytes(percentMetric)) }
	t.Setenv("GOGC", "100")
	h := &heapLimit{}
	h.setPercent(25)
	require.Equal(t, 100, now())
	h.resetPercent()

	t.Setenv("GOGC", "")
	h.setPercent(25)
	require.Equal(t, 25, now())
	h.resetPercent()
	require.Equal(t, 100, now())

	debug.SetGCPercent(2000)
	h.setPercent(100)
	require.Equal(t, 2000, now(), "put off")
	h.resetPercent()
	require.Equal(t, 2000, now())

	h.setPercent(25)
	debug.SetGCPercent(60)
	h.resetPercent()
	require.Equal(t, 60, now(), "set by somebody else meanwhile")

	h.setPercent(100)
	require.Equal(t, 100, now(), "what another one left")
	h.resetPercent()
	require.Equal(t, 100, now())
}
