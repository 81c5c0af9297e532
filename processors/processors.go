// Package processors says among how many goroutines long work is divided, and lets a server answer beside that work.
package processors

import (
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// beside is what BesideWork and Begin know.
var beside struct {
	working atomic.Int32 // what has begun and not ended
	crowded atomic.Int64 // when there last was more than one, in nanoseconds since 1970

	mu         sync.Mutex
	processors int  // mu: that long work is divided among; 0: BesideWork did nothing
	isWide     bool // mu: there are threads beside work, or a goroutine is about to make them
}

// Count returns the goroutines that long work is divided among: as many as the processors that the process may use.
func Count() int {
	beside.mu.Lock()
	defer beside.mu.Unlock()
	if beside.processors > 0 {
		return beside.processors
	}
	return runtime.GOMAXPROCS(0)
}

const (
	// threadsBeside is how many threads run Go code at once for each processor while more than one thing is at work:
	// one for a query, one for a worker of an import and one for what it writes, and one to spare.
	threadsBeside = 4
	// overlap is how long more than one thing is at work before threads are made for them: who asks one question
	// after the other begins the next while what is left of the last one is put away.
	overlap = 2 * time.Millisecond
	// crowdedFor is how long the threads stay after there was more than one thing at work.
	crowdedFor = 5 * time.Second
)

// BesideWork has the process run more threads at once than there are processors while more than one thing is at work,
// as Begin says, for as long as the process lives. With a thread for each processor alone, a request that comes while
// others compute waits for their time slices, of ten milliseconds each; with threads to spare the operating system
// runs it at once. A question that is asked alone has no use for them: each goroutine that is woken then wakes a
// thread more, and takes longer. Count stays as it is. Nothing changes where GOMAXPROCS in the environment says how
// many threads there are, but that threads take turns more often, as shortenSlices says.
func BesideWork() {
	shortenSlices()
	beside.mu.Lock()
	defer beside.mu.Unlock()
	if beside.processors == 0 && os.Getenv("GOMAXPROCS") == "" {
		beside.processors = runtime.GOMAXPROCS(0)
	}
}

// Begin says that work has begun, such as a statement, an import or a push, and the function that it returns that it
// has ended. The function is called once.
func Begin() (end func()) {
	if beside.working.Add(1) > 1 {
		time.AfterFunc(overlap, widen)
	}
	return func() { beside.working.Add(-1) }
}

// widen makes the threads of BesideWork if more than one thing is at work, unless they are there.
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

// narrow lets the threads go if there was no more than one thing at work for crowdedFor, and reports whether it did.
func narrow(now time.Time) bool {
	if beside.working.Load() > 1 {
		beside.crowded.Store(now.UnixNano())
	}
	if now.UnixNano()-beside.crowded.Load() < int64(crowdedFor) {
		return false
	}
	runtime.GOMAXPROCS(Count()) // without the lock, which statements take: the runtime may first end a garbage collection
	beside.mu.Lock()
	defer beside.mu.Unlock()
	beside.isWide = false
	return true
}
