package sketch

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEntrySet: a set has of each prefix the entry with most zeros, as a map of them would.
func TestEntrySet(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	for _, prefixes := range []uint32{1, 5, 300, 1 << entryPrefixBits} {
		var set entrySet
		want := map[uint32]uint32{}
		for range 2000 {
			prefix := random.Uint32N(prefixes)
			entry := prefix<<entryZeroBits | random.Uint32N(39)
			known, isKnown := want[prefix]
			require.Equal(t, !isKnown, set.raise(entry))
			want[prefix] = max(known, entry)
			require.Equal(t, len(want), set.count)
		}
		sorted := set.sorted()
		require.True(t, slices.IsSorted(sorted))
		require.Len(t, sorted, len(want))
		for _, entry := range sorted {
			require.Equal(t, want[entry>>entryZeroBits], entry)
		}
		copied := set.clone()
		copied.raise(1<<31 | 38)
		require.Equal(t, sorted, set.sorted())
	}
}
