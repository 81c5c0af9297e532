package processors

import (
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// slice is the least that Linux takes.
const slice = 100 * time.Microsecond

// shortenSlices has Linux (since 6.12) run a thread of this process that is woken, such as the one that reads a
// request, as soon as the one at work has had a slice of 0.1 ms, instead of some milliseconds. What a thread has of
// the processors in the long run stays. Threads that are made later have the slices of who makes them. What the
// system does not allow stays as it is.
func shortenSlices() {
	for known, threads := 0, threadsOfProcess(); len(threads) > known; threads = threadsOfProcess() {
		known = len(threads) // one of those not asked yet may have made another
		for _, thread := range threads {
			shortenSlice(thread)
		}
	}
}

// threadsOfProcess are the numbers of the threads that there are now.
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

// shortenSlice leaves alone what the system does not share by slices, and the niceness.
func shortenSlice(thread int) {
	attr, err := unix.SchedGetAttr(thread, 0)
	if err != nil || attr.Policy != unix.SCHED_NORMAL {
		return
	}
	attr.Runtime = uint64(slice)
	_ = unix.SchedSetAttr(thread, attr, 0) // a thread may have ended, a sandbox may forbid it
}
