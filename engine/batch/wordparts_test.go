package batch_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
)

// TestWordParts: each word gets one number, other words others, and whoever fills which part first does not matter.
func TestWordParts(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, parts := range []int{1, 2, 7} {
		w := batch.NewWordParts(parts)
		missing := []int32{5}
		w.FindAll([]uint64{3}, missing)
		require.Equal(t, []int32{-1}, missing, "in no words at all")
		numberOf, wordOf := map[uint64]int32{}, map[int32]uint64{}
		for _, rows := range []int{0, 1, 3, 127, 128, 129, 1000, 20_000} {
			words, numbers := make([]uint64, rows), make([]int32, rows)
			for i := range words {
				words[i], numbers[i] = random.Uint64N(uint64(rows))*0x100000001, -7
			}
			for part := parts - 1; part >= 0; part-- {
				w.InsertPart(part, words, numbers)
			}
			for i, word := range words {
				if known, ok := numberOf[word]; ok {
					require.Equal(t, known, numbers[i])
				}
				if known, ok := wordOf[numbers[i]]; ok {
					require.Equal(t, known, word)
				}
				numberOf[word], wordOf[numbers[i]] = numbers[i], word
				require.Less(t, int(numbers[i]), w.Len())
				require.GreaterOrEqual(t, numbers[i], int32(0))
			}
			found := make([]int32, rows)
			w.FindAll(words, found)
			require.Equal(t, numbers, found)
		}
		others := make([]int32, 3)
		w.FindAll([]uint64{1, 0x100000000, 1<<63 + 5}, others)
		require.Equal(t, []int32{-1, -1, -1}, others)
	}
}
