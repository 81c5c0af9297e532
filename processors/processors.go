// Package processors decides how many goroutines share long work, and lets a server answer requests during that
// work.
package processors

import (
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// beside is the state of BesideWork and Begin.
var beside struct {
	working atomic.Int32 // begun and not ended
	crowded atomic.Int64 // when more than one was last at work, in nanoseconds since 1970

	mu         sync.Mutex
	processors int  // for long work; 0: BesideWork did nothing
	isWide     bool // mu: the extra threads exist, or a goroutine is about to make them
}

// Count returns the number of goroutines that share long work: one for each processor the process may use.
func Count() int {
	beside.mu.Lock()
	defer beside.mu.Unlock()
	if beside.processors > 0 {
		return beside.processors
	}
	return runtime.GOMAXPROCS(0)
}

const (
	// threadsBeside is the number of threads per processor that run Go code at once while more than one thing is at
	// work: one for a query, one for a worker of an import, one for what the import writes, and a spare one.
	threadsBeside = 4
	// overlap is how long more than one thing must be at work before threads are made. A client that asks one query
	// after the other submits the next while the last one is being cleaned up.
	overlap = 2 * time.Millisecond
	// crowdedFor is how long the threads stay after more than one thing was at work.
	crowdedFor = 5 * time.Second
)

// BesideWork lets the process run more threads than processors during concurrent work, see Begin.
//
// With one thread per processor, a request that arrives while others compute waits for their time slices of ten
// milliseconds each. With spare threads the operating system runs it at once. A query that runs alone does not
// benefit: each goroutine it wakes then wakes one more thread, and takes longer. Count stays the same.
//
// If GOMAXPROCS is set in the environment, only the time slices change, see shortenSlices.
func BesideWork() {
	shortenSlices()
	beside.mu.Lock()
	defer beside.mu.Unlock()
	if beside.processors == 0 && os.Getenv("GOMAXPROCS") == "" {
		beside.processors = runtime.GOMAXPROCS(0)
	}
}

// Begin reports the start of work, such as a statement, an import or a push. The caller calls end once, at its end.
func Begin() (end func()) {
	if beside.working.Add(1) > 1 {
		time.AfterFunc(overlap, widen)
	}
	return func() { beside.working.Add(-1) }
}

// widen makes the threads of BesideWork if more than one thing is at work and they do not exist yet.
func widen() {
	if beside.working.Load() <= 1 {
		return
	}
	beside.crowded.Store(time.Now().UnixNano())
	beside.mu.Lock()
	processors, makes := beside.processors, beside.processors > 0 && !beside.isWide
	beside.isWide = beside.isWide || makes
	beside.mu.Unlock()
	if !makes {
		return
	}
	runtime.GOMAXPROCS(threadsBeside * processors)
	for !narrow(time.Now()) {
		time.Sleep(crowdedFor)
	}
}

// narrow removes the threads if at most one thing was at work for crowdedFor, and reports whether it did.
func narrow(now time.Time) bool {
	if beside.working.Load() > 1 {
		beside.crowded.Store(now.UnixNano())
	}
	if now.UnixNano()-beside.crowded.Load() < int64(crowdedFor) {
		return false
	}
	runtime.GOMAXPROCS(Count()) // without the lock, which statements take: the runtime may first end a collection
	beside.mu.Lock()
	defer beside.mu.Unlock()
	beside.isWide = false
	return true
}
