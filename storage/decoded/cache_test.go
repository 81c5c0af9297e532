package decoded

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

const kilobyte = 1000

func TestCacheKeepsWithinItsLimit(t *testing.T) {
	c := New(100 * kilobyte)
	for i := range 1000 {
		c.Put(i, i, 10*kilobyte-entryBytes, Data)
		require.LessOrEqual(t, c.UsedBytes(), int64(100*kilobyte))
	}
	require.Equal(t, 10, c.Stats().Entries)
	value, ok := c.Get(999)
	require.True(t, ok)
	require.Equal(t, 999, value)

	c.Put("too large for the rest to have room", 1, 51*kilobyte, Data)
	_, ok = c.Get("too large for the rest to have room")
	require.False(t, ok)
	c.Put(999, "another", 1, Data)
	value, _ = c.Get(999)
	require.Equal(t, 999, value, "the first one stays")

	c.Forget(999)
	c.Forget("what is not kept")
	_, ok = c.Get(999)
	require.False(t, ok)
	require.EqualValues(t, 90*kilobyte, c.UsedBytes())
	require.Equal(t, Stats{LimitBytes: 100 * kilobyte, UsedBytes: 90 * kilobyte, Entries: 9, Hits: 2, Misses: 2}, c.Stats())
}

func TestStructureStaysLonger(t *testing.T) {
	c := New(100 * kilobyte)
	for i := range 5 {
		c.Put(i, i, 10*kilobyte-entryBytes, Structure)
	}
	for i := 5; i < 100; i++ {
		c.Put(i, i, 10*kilobyte-entryBytes, Data)
	}
	for i := range 5 {
		_, ok := c.Get(i)
		require.True(t, ok, "data went, though it was used more")
	}
	for i := 100; i < 200; i++ {
		c.Put(i, i, 10*kilobyte-entryBytes, Structure)
	}
	require.LessOrEqual(t, c.UsedBytes(), int64(100*kilobyte))
	c.Put("data", 1, 10*kilobyte-entryBytes, Data)
	_, ok := c.Get("data")
	require.True(t, ok, "structure has half of the cache at most where data want the rest")
}

// TestScanLargerThanCache: what is asked in a circle that does not fit is found in part.
func TestScanLargerThanCache(t *testing.T) {
	c := New(100 * kilobyte)
	for range 20 {
		for i := range 20 {
			if _, ok := c.Get(i); !ok {
				c.Put(i, i, 10*kilobyte-entryBytes, Data)
			}
		}
	}
	require.Greater(t, c.Stats().Hits, int64(40), "of 400")
}

func TestCacheShrinks(t *testing.T) {
	c := New(100 * kilobyte)
	fill := func() {
		for i := range 10 {
			c.Put(i, i, 10*kilobyte-entryBytes, Worth(i%2))
		}
	}
	fill()
	c.ShrinkTo(35 * kilobyte)
	require.EqualValues(t, 30*kilobyte, c.UsedBytes())
	room := int64(20 * kilobyte)
	c.SetRoom(func() int64 { return room })
	fill()
	require.EqualValues(t, 20*kilobyte, c.UsedBytes())
	room = 0
	c.Put("no room", 1, 1, Data)
	_, ok := c.Get("no room")
	require.False(t, ok)
	c.ShrinkTo(0)
	require.Zero(t, c.UsedBytes())
	require.Zero(t, c.Stats().Entries)
}

func TestAskedBefore(t *testing.T) {
	c := New(kilobyte)
	require.False(t, c.AskedBefore(1))
	require.True(t, c.AskedBefore(1))
	for i := 2; i < rememberedAsks; i++ {
		require.False(t, c.AskedBefore(i))
	}
	require.True(t, c.AskedBefore(1))
	for i := range 2 * rememberedAsks {
		c.AskedBefore(-i - 1)
	}
	require.False(t, c.AskedBefore(2), "long ago")
	require.LessOrEqual(t, len(c.askedLately)+len(c.askedEarlier), 2*rememberedAsks)
}

func TestNoCache(t *testing.T) {
	c := New(0)
	c.Put(1, 1, 1, Data)
	_, ok := c.Get(1)
	require.False(t, ok)
	require.False(t, c.AskedBefore(1))
	require.False(t, c.AskedBefore(1))
	c.Forget(1)
	c.ShrinkTo(0)
	c.SetRoom(nil)
	require.Equal(t, Stats{}, c.Stats())
}

func TestCacheOfManyGoroutines(t *testing.T) {
	c := New(50 * kilobyte)
	var users sync.WaitGroup
	for range 4 {
		users.Go(func() {
			for i := range 3000 {
				key := i * 7919 % 100
				if v, ok := c.Get(key); ok {
					if v != key {
						panic("another's value")
					}
					continue
				}
				if c.AskedBefore(key) {
					c.Put(key, key, kilobyte, Worth(key%2))
				}
				if i%100 == 0 {
					c.ShrinkTo(20 * kilobyte)
				}
			}
		})
	}
	users.Wait()
	require.LessOrEqual(t, c.UsedBytes(), int64(50*kilobyte))
}
