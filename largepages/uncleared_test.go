package largepages

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

func TestUncleared(t *testing.T) {
	type entry struct {
		word uint64
		row  int32
	}
	for _, n := range []int{0, 1, leastBytes / 16, 1 << 16} {
		require.Len(t, Uncleared[byte](n), n)
		require.Len(t, Uncleared[[2]uint64](n), n)
		entries := Uncleared[entry](n)
		require.Len(t, entries, n)
		for i := range entries {
			entries[i] = entry{uint64(i), int32(i)}
		}
		for i, e := range entries {
			if e != (entry{uint64(i), int32(i)}) {
				require.FailNow(t, "values share memory")
			}
		}
		if n > 0 {
			require.Zero(t, uintptr(unsafe.Pointer(&entries[0]))%unsafe.Alignof(entries[0]))
		}
	}
	if isFilled {
		require.Equal(t, int32(-0x5a5a5a5b), Uncleared[int32](leastBytes)[leastBytes-1])
	}
}

func TestPointersAreCleared(t *testing.T) {
	type nested struct {
		Of [2]struct {
			N    int
			Text string
		}
	}
	require.Panics(t, func() { Uncleared[*int](leastBytes) })
	require.Panics(t, func() { Uncleared[string](leastBytes) })
	require.Panics(t, func() { Uncleared[nested](leastBytes) })
}
