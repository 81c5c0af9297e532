// Package processors says among how many goroutines long work is divided, and lets a server answer beside that work.
package processors

import (
	"os"
	"runtime"
	"sync"
)

// beside is what BesideWork added.
var beside struct {
	sync.Mutex
	added int // Mutex
}

// Count returns the goroutines that long work is divided among: as many as the processors that the process may use.
func Count() int {
	beside.Lock()
	defer beside.Unlock()
	return max(1, runtime.GOMAXPROCS(0)-beside.added)
}

// threadsBeside is how many threads run Go code at once for each processor after BesideWork: one for a query, one for a worker of an
// import and one for what it writes, and one to spare.
const threadsBeside = 4

// BesideWork multiplies the threads that run Go code at once, but not Count, for as long as the process lives. With a thread for each
// processor alone, a request that comes while queries or an import compute waits for their time slices, of ten milliseconds each; with
// threads to spare the operating system runs it at once. It changes nothing where GOMAXPROCS in the environment says how many there are.
func BesideWork() {
	beside.Lock()
	defer beside.Unlock()
	if beside.added > 0 || os.Getenv("GOMAXPROCS") != "" {
		return
	}
	processors := runtime.GOMAXPROCS(0)
	beside.added = (threadsBeside - 1) * processors
	runtime.GOMAXPROCS(threadsBeside * processors)
}
