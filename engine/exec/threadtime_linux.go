package exec

import (
	"time"

	"golang.org/x/sys/unix"
)

// threadTime returns the processor time that the thread has used so far, 0 on failure.
func threadTime() time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t) != nil {
		return 0
	}
	return time.Duration(t.Nano())
}
