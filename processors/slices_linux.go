package processors

import (
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// slice is the least that Linux accepts.
const slice = 100 * time.Microsecond

// shortenSlices shortens the time slices of this process's threads to 0.1 ms, from some milliseconds (Linux 6.12 or
// later). A thread that is woken, such as one that reads a request, then runs sooner. Long-run shares of the
// processors stay the same. Threads that are created later inherit their creator's slice. Where the system forbids
// it, nothing changes.
func shortenSlices() {
	for known, threads := 0, threadsOfProcess(); len(threads) > known; threads = threadsOfProcess() {
		known = len(threads) // one of those not handled yet may have made another
		for _, thread := range threads {
			shortenSlice(thread)
		}
	}
}

// threadsOfProcess returns the ids of the current threads.
func threadsOfProcess() (threads []int) {
	entries, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return nil
	}
	for _, entry := range entries {
		if thread, err := strconv.Atoi(entry.Name()); err == nil {
			threads = append(threads, thread)
		}
	}
	return threads
}

// shortenSlice keeps the thread's niceness, and skips a thread that the system does not schedule by slices.
func shortenSlice(thread int) {
	attr, err := unix.SchedGetAttr(thread, 0)
	if err != nil || attr.Policy != unix.SCHED_NORMAL {
		return
	}
	attr.Runtime = uint64(slice)
	_ = unix.SchedSetAttr(thread, attr, 0) // a thread may have ended, a sandbox may forbid it
}
