package decoded

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAHeldCacheStandsOnAnother: it finds what that one has, keeps the rest itself, and hands over what was asked for more than once, and the rest where there is room.
func TestAHeldCacheStandsOnAnother(t *testing.T) {
	under := New(100 * kilobyte)
	under.Put("below", 1, kilobyte, Data)
	held := Hold(under, 200*kilobyte)
	require.True(t, held.Holds())
	require.False(t, under.Holds())
	value, ok := held.Get("below")
	require.True(t, ok)
	require.Equal(t, 1, value)

	held.Put("again", 2, kilobyte, Data)
	held.Put("index", 3, kilobyte, Structure)
	held.Put("once", 4, 49*kilobyte, Data)
	held.Put("once, without room", 4, 49*kilobyte, Data)
	held.Put("as before", 5, kilobyte, Data)
	under.AskedBefore("as before") // by an earlier statement
	for _, key := range []string{"again", "index"} {
		_, ok = held.Get(key)
		require.True(t, ok, key)
		_, ok = under.Get(key)
		require.False(t, ok, key)
	}
	held.End()
	require.Zero(t, held.UsedBytes())
	for _, key := range []string{"below", "again", "index", "as before", "once"} {
		_, ok = under.Get(key)
		require.True(t, ok, key)
	}
	_, ok = under.Get("once, without room")
	require.False(t, ok)
	held.Put("late", 6, kilobyte, Data)
	_, ok = held.Get("late")
	require.False(t, ok, "it has ended")
}

func TestHoldWithoutACacheBelow(t *testing.T) {
	held := Hold(nil, 100*kilobyte)
	held.Put("a", 1, kilobyte, Data)
	_, ok := held.Get("a")
	require.True(t, ok)
	_, ok = held.Get("b")
	require.False(t, ok)
	held.End()
	require.False(t, Hold(nil, 0).Holds(), "without memory nothing is held")
	Hold(nil, 0).End()
}

// TestLock: of many who want the same value at the same time one reads it.
func TestLock(t *testing.T) {
	held := Hold(nil, 100*kilobyte)
	var reads atomic.Int64
	var readers sync.WaitGroup
	for range 16 {
		for key := range 8 {
			readers.Go(func() {
				defer held.Lock(key)()
				if _, ok := held.Get(key); !ok {
					reads.Add(1)
					held.Put(key, key, kilobyte, Data)
				}
			})
		}
	}
	readers.Wait()
	require.EqualValues(t, 8, reads.Load())
	require.Empty(t, held.loading)
	New(kilobyte).Lock("nothing waits")()
}
