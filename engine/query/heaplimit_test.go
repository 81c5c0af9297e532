package query

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

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

func TestHeldAtMost(t *testing.T) {
	const mib = 1 << 20
	for _, c := range []struct {
		name                 string
		running              int
		granted, limit, lake int64
		wanted               int64
	}{
		{"one that holds nothing", 1, 0, 64 * mib, 1024 * mib, 64 * mib},
		{"one at its limit", 1, 64 * mib, 64 * mib, 1024 * mib, 64 * mib},
		{"one at its limit and one that holds nothing", 2, 64 * mib, 64 * mib, 1024 * mib, 80 * mib},
		{"two at their limits", 2, 128 * mib, 64 * mib, 1024 * mib, 128 * mib},
		{"a dozen that hold little", 12, 12 * mib, 64 * mib, 1024 * mib, 64 * mib},
		{"a dozen that hold much", 12, 400 * mib, 64 * mib, 1024 * mib, 500 * mib},
		{"all that a lake has", 12, 128 * mib, 64 * mib, 128 * mib, 128 * mib},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.EqualValues(t, c.wanted, heapRoom{queryBytes: c.limit, lakeBytes: c.lake}.heldAtMost(c.running, c.granted))
		})
	}
}

// TestHeapLimit: the soft limit of Go's heap follows what the queries that run may hold, a second one adds what queries are granted,
// and it is as before after them.
func TestHeapLimit(t *testing.T) {
	const query, lake, uncounted = 64 << 20, 120 << 20, 64 << 20
	cached := int64(1 << 30)
	room := func() heapRoom { return heapRoom{query, lake, cached} }
	before := debug.SetMemoryLimit(-1)
	now := func() int64 { return debug.SetMemoryLimit(-1) }
	t.Setenv("GOMEMLIMIT", "1GiB")
	h := &heapLimit{}
	h.begin(room)()
	require.Zero(t, h.running, "who runs the program has said")
	t.Setenv("GOMEMLIMIT", "")
	h.begin(func() heapRoom { return heapRoom{} })()
	first := h.begin(room)
	require.Equal(t, h.baseBytes+uncounted+query, now())
	second := h.begin(room)
	require.Equal(t, h.baseBytes+uncounted+query, now(), "the second holds nothing")
	h.follow(80 << 20)
	require.Equal(t, h.baseBytes+uncounted+100<<20, now())
	h.follow(110 << 20)
	require.Equal(t, h.baseBytes+uncounted+lake, now(), "no more than the lake's")
	h.follow(8 << 20)
	require.Equal(t, h.baseBytes+uncounted+query, now())
	cached += 10 << 20
	first()
	require.Equal(t, h.baseBytes+uncounted+query+10<<20, now(), "the cache has grown meanwhile")
	second()
	require.Equal(t, before, now())
}

// TestHeapLimitLeavesRoom: what is in use and not accounted for does not have garbage collected again and again, as long as queries run.
func TestHeapLimitLeavesRoom(t *testing.T) {
	t.Setenv("GOMEMLIMIT", "")
	before := debug.SetMemoryLimit(-1)
	h := &heapLimit{}
	end := h.begin(func() heapRoom { return heapRoom{queryBytes: 1 << 20, lakeBytes: 1 << 20} })
	held := make([]byte, 300<<20)
	const least = 300<<20 + 300<<20/32
	require.Eventually(t, func() bool {
		runtime.GC()
		return debug.SetMemoryLimit(-1) > least
	}, 10*time.Second, time.Millisecond)
	require.Less(t, debug.SetMemoryLimit(-1), before)
	runtime.KeepAlive(held)
	held = nil
	require.Eventually(t, func() bool {
		runtime.GC()
		return debug.SetMemoryLimit(-1) < least
	}, 10*time.Second, time.Millisecond, "what was in use is not for long")
	end()
	require.Equal(t, before, debug.SetMemoryLimit(-1))
	require.Eventually(t, func() bool {
		runtime.GC()
		h.mu.Lock()
		defer h.mu.Unlock()
		return !h.watches
	}, 10*time.Second, time.Millisecond)
	require.Equal(t, before, debug.SetMemoryLimit(-1), "no query runs")
}

// TestHeapLimitWithoutQueriesThatEnded: what the last collection found in use of queries that have ended since is not live before the next.
func TestHeapLimitWithoutQueriesThatEnded(t *testing.T) {
	const granted = 300 << 20
	t.Setenv("GOMEMLIMIT", "")
	t.Setenv("GOGC", "")
	h := &heapLimit{}
	room := func() heapRoom { return heapRoom{queryBytes: 1 << 30, lakeBytes: 1 << 30} }
	end := h.begin(room)
	base := h.baseBytes
	held := make([]byte, granted)
	h.follow(granted)
	found := func() int64 {
		runtime.GC()
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.foundBytes
	}
	require.Eventually(t, func() bool { return found() == granted }, 10*time.Second, time.Millisecond)
	runtime.KeepAlive(held)
	h.follow(0)
	end()
	end = h.begin(room)
	require.Less(t, h.baseBytes, base+granted/2)
	end()
	require.Eventually(t, func() bool { return found() == 0 }, 10*time.Second, time.Millisecond, "of no query")
}
