package batch_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
)

// TestWordsAtOnce: words that are inserted and found many at once have the numbers that they have one by one.
func TestWordsAtOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var one, many batch.WordTable
	require.Equal(t, []int32{-1, -1}, foundAll(&many, []uint64{0, 7}))
	for _, rows := range []int{0, 1, 3, 127, 128, 129, 1000, 20_000, 5, 100_000} {
		words, want := make([]uint64, rows), make([]int32, rows)
		for i := range words {
			words[i] = random.Uint64N(uint64(rows)) * 0x100000001
			want[i] = one.Insert(words[i])
		}
		numbers := make([]int32, rows)
		many.InsertAll(words, numbers)
		require.Equal(t, want, numbers)
		require.Equal(t, one.Words(), many.Words())
		require.Equal(t, want, foundAll(&many, words))
		others := []uint64{1, 0x100000000, 1<<63 + 5}
		require.Equal(t, []int32{-1, -1, -1}, foundAll(&many, others))
	}
}

func foundAll(t *batch.WordTable, words []uint64) []int32 {
	numbers := make([]int32, len(words))
	t.FindAll(words, numbers)
	return numbers
}
