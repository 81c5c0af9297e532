package query

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// heapLimit sets the process's soft heap limit while queries run.
//
// The garbage collector then works harder, so that memory which queries have released does not pile up in addition
// to what they hold. The limit leaves room for one running query to hold all that it may, and grows as queries are
// granted more together. If much memory is live before the first query, garbage is also collected sooner than by
// Go's default.
type heapLimit struct {
	mu        sync.Mutex
	running   int
	baseBytes int64 // live before the first running query
	before    int64 // the soft limit before the first running query

	grantedBytes int64    // to all queries, see follow
	cacheBefore  int64    // size of the lake's cache before the first running query
	room         heapRoom // as of the last start or end of a query

	watches    bool  // afterCollection will be called
	leastBytes int64 // the soft limit that leaves some room above what the last collection found in use
	foundBytes int64 // the part granted to queries of what the last collection found in use

	percent int // the collector's while queries run; 0: unchanged

	collecting sync.Mutex
}

var processHeap heapLimit

// heapRoom is how much queries may add to the heap.
type heapRoom struct {
	queryBytes int64 // one query; 0 or less: no limit
	lakeBytes  int64 // all together
	cacheBytes int64 // size of the lake's cache
}

// uncountedBytes is room for memory that no account holds: row groups being read, stacks, the runtime itself. It is
// also what can be allocated between two collections while queries hold all that they may. With less than a
// sixteenth the collector would run all the time.
func uncountedBytes(bytes float64) float64 { return max(64<<20, bytes/16) }

// heapLeapBytes is the size from which a single allocation needs room beforehand: the collector runs concurrently
// and cannot foresee such a step.
const heapLeapBytes = 16 << 20

// collectorPercent returns the garbage collector's percentage (GOGC) for some live bytes. The size of a lake's
// cache should not decide it: with a gigabyte of cache, a query would touch a gigabyte of fresh memory. Getting
// that from the kernel, page by page, takes longer than most queries.
func collectorPercent(liveBytes int64) int {
	const wantedBytes, least = 256 << 20, 25
	return int(min(defaultPercent, max(least, wantedBytes*100/max(1, liveBytes))))
}

// setPercent sets the collector's percentage. It does nothing if the environment sets one, or if the process delays
// its first collection and there is no need to hurry.
func (h *heapLimit) setPercent(percent int) {
	h.percent = 0
	if os.Getenv("GOGC") != "" || percent == defaultPercent && metricBytes(percentMetric) >= defaultPercent {
		return
	}
	h.percent = percent
	debug.SetGCPercent(percent)
}

// resetPercent undoes setPercent, unless the percentage was changed since, as imports do.
func (h *heapLimit) resetPercent() {
	if h.percent != 0 && metricBytes(percentMetric) == int64(h.percent) {
		debug.SetGCPercent(defaultPercent)
	}
}

const (
	defaultPercent = 100 // of Go's runtime
	percentMetric  = "/gc/gogc:percent"
)

// begin makes room for another query; end removes it. room is called at both times.
func (h *heapLimit) begin(room func() heapRoom) (end func()) {
	first := room()
	if os.Getenv("GOMEMLIMIT") != "" || first.queryBytes <= 0 {
		return func() {}
	}
	h.change(first, 1)
	return func() { h.change(room(), -1) }
}

func (h *heapLimit) change(room heapRoom, by int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.running == 0 {
		h.baseBytes = max(0, liveHeapBytes()-h.foundBytes) // queries that have ended hold nothing
		h.before, h.cacheBefore = debug.SetMemoryLimit(-1), room.cacheBytes
		h.setPercent(collectorPercent(h.baseBytes))
	}
	h.running += by
	if h.running == 0 {
		debug.SetMemoryLimit(h.before)
		h.leastBytes = 0
		h.resetPercent()
		return
	}
	h.watchLocked()
	h.room = room
	h.setLimitLocked()
}

// heapStepBytes is the least growth of what queries are granted between two changes of the soft limit.
const heapStepBytes = 8 << 20

// follow takes the bytes now granted to all queries together.
func (h *heapLimit) follow(grantedBytes int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.grantedBytes = grantedBytes
	if h.running > 1 { // one alone already has room for all that it may hold
		h.setLimitLocked()
	}
}

func (h *heapLimit) setLimitLocked() {
	most := h.room.heldAtMost(h.running, h.grantedBytes)
	cached := float64(max(0, h.room.cacheBytes-h.cacheBefore)) // since the first query began
	wanted := max(float64(h.baseBytes)+cached+most+uncountedBytes(most), float64(h.leastBytes))
	debug.SetMemoryLimit(int64(min(wanted, math.MaxInt64/2)))
}

// watchLocked arranges for afterCollection to be called after the next garbage collection.
func (h *heapLimit) watchLocked() {
	if h.watches {
		return
	}
	h.watches = true
	type garbage struct{ _ *int } // a pointer, so that it does not share memory with longer-lived values
	runtime.AddCleanup(new(garbage), (*heapLimit).afterCollection, h)
}

// afterCollection leaves some room above what the collection found in use. Accounts are not exact. If queries held
// more than they report, and all that they may, the soft limit alone would make the collector run all the time.
// Every client would wait for it.
func (h *heapLimit) afterCollection() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.watches = false
	if h.running == 0 {
		h.foundBytes = 0
		return
	}
	h.watchLocked()
	h.foundBytes = h.grantedBytes
	h.leastBytes = leastSoftLimit(liveHeapBytes(), besideHeapBytes())
	h.setLimitLocked()
}

// leastSoftLimit allows 16 MiB, or a thirty-second of what is in use, to be allocated between two collections. Go's
// runtime keeps 3 % of its goal free below its limit.
func leastSoftLimit(liveBytes, besideBytes int64) int64 {
	return (liveBytes+max(16<<20, liveBytes/32))*100/97 + besideBytes
}

// besideHeapBytes returns what the soft limit counts in addition to objects and free memory: stacks, the runtime's
// own memory, gaps between objects.
func besideHeapBytes() int64 {
	const classes = "/memory/classes/"
	return metricBytes(classes+"total:bytes") - metricBytes(classes+"heap/released:bytes") -
		metricBytes(classes+"heap/free:bytes") - metricBytes(classes+"heap/objects:bytes")
}

// heldAtMost estimates what the running queries will hold until the next change of the soft limit. What they may
// hold but do not is not left to garbage: a short query next to one at its limit would double the resident memory.
func (r heapRoom) heldAtMost(running int, grantedBytes int64) float64 {
	soon := float64(grantedBytes) + max(heapStepBytes, float64(grantedBytes)/4)
	return min(max(soon, float64(r.queryBytes)), float64(r.queryBytes)*float64(running), float64(r.lakeBytes))
}

// makeRoom collects garbage if an allocation of bytes would exceed the soft limit. The runtime itself checks only
// afterwards, so garbage would stay in addition to the allocation. There must be room for twice the bytes, because
// another worker of the query may allocate as much at the same time.
func (h *heapLimit) makeRoom(bytes int64) {
	most := debug.SetMemoryLimit(-1) - 2*bytes
	if heapBytes() <= most {
		return
	}
	h.collecting.Lock() // a second caller finds what the first has freed
	defer h.collecting.Unlock()
	if heapBytes() > most {
		runtime.GC()
	}
}

// heapBytes returns the bytes of allocated objects, in use or not collected yet.
func heapBytes() int64 { return metricBytes("/memory/classes/heap/objects:bytes") }

// liveHeapBytes returns what the last garbage collection found in use.
func liveHeapBytes() int64 { return metricBytes("/gc/heap/live:bytes") }

func metricBytes(name string) int64 {
	sample := []metrics.Sample{{Name: name}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return int64(sample[0].Value.Uint64())
}
