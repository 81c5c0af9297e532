package processors

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// TestShortSlices: after BesideWork all threads of the process have short slices, those made later as well.
func TestShortSlices(t *testing.T) {
	before, err := unix.SchedGetAttr(0, 0)
	if err != nil || before.Runtime == 0 || unix.SchedSetAttr(0, before, 0) != nil {
		t.Skip("this Linux has no slices of threads, or forbids to set them")
	}
	t.Setenv("GOMAXPROCS", "1") // BesideWork does nothing else then
	BesideWork()
	isShort := func(thread int) {
		attr, err := unix.SchedGetAttr(thread, 0)
		if err == unix.ESRCH {
			return // it has ended
		}
		require.NoError(t, err)
		require.Equal(t, uint64(slice), attr.Runtime)
		require.Equal(t, before.Nice, attr.Nice)
	}
	known := threadsOfProcess()
	require.NotEmpty(t, known)
	for _, thread := range known {
		isShort(thread)
	}
	threads, held := make(chan int), make(chan struct{})
	defer close(held)
	for range len(known) + 1 { // one of them at least has a thread that was made since
		go func() {
			runtime.LockOSThread()
			threads <- unix.Gettid()
			<-held
		}()
	}
	for range len(known) + 1 {
		isShort(<-threads)
	}
}
