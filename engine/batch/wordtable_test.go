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

// TestWordsInOrder: words that ascend, up to one that does not, have the numbers of their first appearance, and are found.
func TestWordsInOrder(t *testing.T) {
	for _, c := range []struct {
		name    string
		batches [][]uint64
	}{
		{"ascending", [][]uint64{{1, 1, 4, 9}, {9, 10, 1 << 63}, {1<<63 + 1}}},
		{"out of order within a batch", [][]uint64{{1, 4, 4, 2, 9, 1}, {9, 3, 2}}},
		{"out of order at once", [][]uint64{{5}, {4, 5, 6, 6}, {4, 7}}},
		{"an empty batch", [][]uint64{{}, {7}, {}, {7, 3}}},
		{"none but zeros", [][]uint64{{0, 0}, {0}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var one, many batch.WordTable
			numbers := map[uint64]int32{}
			for _, words := range c.batches {
				want := make([]int32, len(words))
				for i, word := range words {
					if _, seen := numbers[word]; !seen {
						numbers[word] = int32(len(numbers))
					}
					want[i] = numbers[word]
					require.Equal(t, want[i], one.Insert(word))
				}
				got := make([]int32, len(words))
				done := many.InsertAscending(words, got)
				for i, word := range words[done:] {
					got[done+i] = many.Insert(word)
				}
				require.Equal(t, want, got)
				for _, table := range []*batch.WordTable{&one, &many} {
					require.Equal(t, want, foundAll(table, words))
					require.Equal(t, []int32{-1, -1}, foundAll(table, []uint64{8, 1<<64 - 1}))
					for i, word := range words {
						require.Equal(t, want[i], table.Find(word))
					}
				}
			}
			require.Equal(t, one.Words(), many.Words())
			require.Len(t, numbers, many.Len())
		})
	}
}

func foundAll(t *batch.WordTable, words []uint64) []int32 {
	numbers := make([]int32, len(words))
	t.FindAll(words, numbers)
	return numbers
}
