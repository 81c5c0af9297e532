package orc

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestUsageOfFewAndManyBlocks: a block counts once, with the most that is said of its length, however many blocks there are.
func TestUsageOfFewAndManyBlocks(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, blocks := range []int{1, fewBlocks - 1, fewBlocks, fewBlocks + 1, 4 * fewBlocks} {
		want, total := map[int64]int64{}, int64(0)
		one, other, all := &Usage{}, &Usage{}, &Usage{}
		for range 10 * blocks {
			offset, length := int64(rnd.IntN(blocks)), int64(rnd.IntN(100))
			total += max(0, length-want[offset])
			want[offset] = max(want[offset], length)
			[]*Usage{one, other}[rnd.IntN(2)].block(offset, length)
		}
		all.Merge(one)
		all.Merge(other)
		require.Equal(t, total, all.Bytes())
		for offset, length := range all.eachBlock {
			require.Equal(t, want[offset], length)
			delete(want, offset)
		}
		for offset, length := range want {
			require.Zero(t, length, offset)
		}
	}
}
