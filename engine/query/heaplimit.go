package query

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// heapLimit makes the garbage collector work harder while queries run, so that what they have let go does not pile up
// beside what they hold: the runtime's soft limit leaves room for one query of those that run to hold all that it
// may, and for more as they are granted more together. It is the process's. Where much is live before the first of
// them, garbage is collected sooner than the runtime would.
type heapLimit struct {
	mu        sync.Mutex
	running   int
	baseBytes int64 // live before the first of them
	before    int64 // the soft limit then

	grantedBytes int64    // to all queries, see follow
	cacheBefore  int64    // what the lake's cache held before the first of them
	room         heapRoom // when a query began or ended last

	watches    bool  // afterCollection will be called
	leastBytes int64 // the soft limit that leaves some room beside what the last collection found in use
	foundBytes int64 // of what it found in use, what was granted to queries

	percent int // the collector's, as long as queries run; 0: it was left alone

	collecting sync.Mutex
}

var processHeap heapLimit

// heapRoom is what queries may add to the heap.
type heapRoom struct {
	queryBytes int64 // one of them; 0 or less: there is no limit
	lakeBytes  int64 // all together
	cacheBytes int64 // what the lake's cache holds
}

// uncountedBytes is for what queries need that no account holds: row groups being read, stacks, the runtime itself.
// It is also what may be allocated between two collections while queries hold all that they may: with less than a
// sixteenth of that the collector would do nothing but begin anew.
func uncountedBytes(bytes float64) float64 { return max(64<<20, bytes/16) }

// heapLeapBytes may be one allocation: the garbage collector, which runs beside those who allocate, does not see such a
// step coming.
const heapLeapBytes = 16 << 20

// collectorPercent is how much more may be allocated than is live before garbage is collected, in hundredths. What
// the cache of a lake holds should not decide it: with a gigabyte of that a question would touch a gigabyte of fresh
// memory, which takes longer to get from the kernel, page by page, than most questions take.
func collectorPercent(liveBytes int64) int {
	const wantedBytes, least = 256 << 20, 25
	return int(min(defaultPercent, max(least, wantedBytes*100/max(1, liveBytes))))
}

// setPercent has garbage collected at a percentage, unless the environment says at which, or the process puts its first
// collection off and there is no need to hurry.
func (h *heapLimit) setPercent(percent int) {
	h.percent = 0
	if os.Getenv("GOGC") != "" || percent == defaultPercent && metricBytes(percentMetric) >= defaultPercent {
		return
	}
	h.percent = percent
	debug.SetGCPercent(percent)
}

// resetPercent ends what setPercent did. A percentage that somebody else has set since, as imports do, stays.
func (h *heapLimit) resetPercent() {
	if h.percent != 0 && metricBytes(percentMetric) == int64(h.percent) {
		debug.SetGCPercent(defaultPercent)
	}
}

const (
	defaultPercent = 100 // of Go's runtime
	percentMetric  = "/gc/gogc:percent"
)

// begin makes room for another query; the function it returns takes it back, where room is asked for once more.
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
		h.baseBytes = max(0, liveHeapBytes()-h.foundBytes) // queries that have ended since hold nothing
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

// heapStepBytes is how much queries are granted together between two changes of the soft limit.
const heapStepBytes = 8 << 20

// follow notes how much queries are granted together.
func (h *heapLimit) follow(grantedBytes int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.grantedBytes = grantedBytes
	if h.running > 1 { // one alone has room for all that it may hold
		h.setLimitLocked()
	}
}

func (h *heapLimit) setLimitLocked() {
	most := h.room.heldAtMost(h.running, h.grantedBytes)
	cached := float64(max(0, h.room.cacheBytes-h.cacheBefore)) // since the first query began
	wanted := max(float64(h.baseBytes)+cached+most+uncountedBytes(most), float64(h.leastBytes))
	debug.SetMemoryLimit(int64(min(wanted, math.MaxInt64/2)))
}

// watchLocked has afterCollection called when garbage was collected.
func (h *heapLimit) watchLocked() {
	if h.watches {
		return
	}
	h.watches = true
	type garbage struct{ _ *int } // with a pointer, else it would share its memory with what lives longer
	runtime.AddCleanup(new(garbage), (*heapLimit).afterCollection, h)
}

// afterCollection leaves some room beside what was found in use. No account is exact: where queries hold more than
// they say, and all that they may, the soft limit alone would have garbage collected all the time, and every client
// wait for that.
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

// leastSoftLimit lets 16 MiB, or a thirty-second of what is in use, be allocated between two collections. Go's
// runtime keeps three hundredths of its goal free below its limit.
func leastSoftLimit(liveBytes, besideBytes int64) int64 {
	return (liveBytes+max(16<<20, liveBytes/32))*100/97 + besideBytes
}

// besideHeapBytes is what the soft limit counts besides objects and what is free: stacks, the runtime's own, gaps
// between objects.
func besideHeapBytes() int64 {
	const classes = "/memory/classes/"
	return metricBytes(classes+"total:bytes") - metricBytes(classes+"heap/released:bytes") -
		metricBytes(classes+"heap/free:bytes") - metricBytes(classes+"heap/objects:bytes")
}

// heldAtMost is what so many queries will hold before the soft limit is changed again. What several may hold is not
// left for garbage as long as they do not: a short query beside one that is at its limit would let twice of that be
// resident.
func (r heapRoom) heldAtMost(running int, grantedBytes int64) float64 {
	soon := float64(grantedBytes) + max(heapStepBytes, float64(grantedBytes)/4)
	return min(max(soon, float64(r.queryBytes)), float64(r.queryBytes)*float64(running), float64(r.lakeBytes))
}

// makeRoom collects garbage when an allocation of so many bytes would pass the soft limit: the runtime itself looks
// only after it, so that what queries have let go would stay beside what is allocated. There must be room for twice
// as much: another worker of the query may do the same at this moment.
func (h *heapLimit) makeRoom(bytes int64) {
	most := debug.SetMemoryLimit(-1) - 2*bytes
	if heapBytes() <= most {
		return
	}
	h.collecting.Lock() // who comes second finds what the first has freed
	defer h.collecting.Unlock()
	if heapBytes() > most {
		runtime.GC()
	}
}

// heapBytes is what is allocated, in use or not collected yet.
func heapBytes() int64 { return metricBytes("/memory/classes/heap/objects:bytes") }

// liveHeapBytes is what the last garbage collection found in use.
func liveHeapBytes() int64 { return metricBytes("/gc/heap/live:bytes") }

func metricBytes(name string) int64 {
	sample := []metrics.Sample{{Name: name}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return int64(sample[0].Value.Uint64())
}
