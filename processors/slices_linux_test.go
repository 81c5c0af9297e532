package processors

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// TestShortenSlices: all threads of the process have short slices, those made later as well.
func TestShortenSlices(t *testing.T) {
	before, err := unix.SchedGetAttr(0, 0)
	if err != nil || before.Runtime == 0 || unix.SchedSetAttr(0, before, 0) != nil {
		t.Skip("this Linux has no slices of threads, or forbids to set them")
	}
	shortenSlices()
	held := make(chan struct{})
	defer close(held)
	for range 2 * runtime.GOMAXPROCS(0) {
		go func() {
			runtime.LockOSThread() // a thread of its own
			<-held
		}()
	}
	runtime.Gosched()
	threads := threadsOfProcess()
	require.NotEmpty(t, threads)
	for _, thread := range threads {
		attr, err := unix.SchedGetAttr(thread, 0)
		if err == unix.ESRCH {
			continue
		}
		require.NoError(t, err)
		require.Equal(t, uint64(slice), attr.Runtime)
		require.Equal(t, before.Nice, attr.Nice)
	}
}
