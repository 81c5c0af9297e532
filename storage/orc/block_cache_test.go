package orc

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestBlockCache: the last block of each stream is kept, in the place of the one before, as long as all fit.
func TestBlockCache(t *testing.T) {
	var c blockCache
	keep := func(stream, at int64, bytes int) bool {
		return c.put(stream, cachedBlock{at: at, content: make([]byte, bytes)})
	}
	require.True(t, keep(1, 10, 100))
	got, ok := c.get(1, 10)
	require.True(t, ok)
	require.Len(t, got.content, 100)
	_, ok = c.get(1, 20)
	require.False(t, ok, "another block")
	_, ok = c.get(2, 10)
	require.False(t, ok, "another stream")

	require.False(t, keep(2, 10, maxCachedBlockBytes), "both are too much")
	_, ok = c.get(1, 10)
	require.True(t, ok)
	require.True(t, keep(1, 20, maxCachedBlockBytes), "the stream's own block goes")
	_, ok = c.get(1, 10)
	require.False(t, ok)
	require.True(t, keep(1, 30, 0))
	require.True(t, keep(2, 10, maxCachedBlockBytes))
}
