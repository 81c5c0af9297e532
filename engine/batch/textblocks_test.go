package batch

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"
)

// TestTextBlocks: texts of all lengths are kept as they are, and no more memory is taken than was said before.
func TestTextBlocks(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	for _, c := range []struct {
		name    string
		texts   int
		longest []int // of which one is chosen for each text
	}{
		{"none", 0, []int{1}},
		{"one", 1, []int{1}},
		{"short", 40_000, []int{0, 1, 60}},
		{"some long", 2_000, []int{0, 100, 2_000, maxSharingBytes, maxSharingBytes + 1}},
		{"longer than a block", 100, []int{10, textBlockBytes - 1, textBlockBytes, textBlockBytes + 1, 3 * textBlockBytes}},
		{"longer than a place says", 12, []int{10, 2 * maxPlacedBytes}},
		{"long ones only", 40, []int{2 * textBlockBytes}},
	} {
		t.Run(c.name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, uint64(c.texts)))
			var blocks textBlocks
			for range 2 { // once with memory of before
				testTextBlocks(t, random, &blocks, c.texts, c.longest)
				blocks.forget()
			}
		})
	}
}

func testTextBlocks(t *testing.T, random *rand.Rand, blocks *textBlocks, n int, longest []int) {
	var want [][]byte
	for len(want) < n {
		var some [][]byte
		size := int64(0)
		for range min(n-len(want), 1+random.IntN(300)) {
			text := bytes.Repeat([]byte{byte('a' + random.IntN(26))}, random.IntN(longest[random.IntN(len(longest))]+1))
			some, size = append(some, text), size+int64(len(text))
		}
		before, growth := blocks.sizeBytes(), blocks.growthBytes(len(some), size)
		for _, text := range some {
			blocks.add(text)
		}
		const headers = 1 << 13 // of blocks
		require.LessOrEqual(t, blocks.sizeBytes(), before+growth+headers)
		want = append(want, some...)
	}
	require.Equal(t, n, blocks.count())
	values := blocks.values(arrow.BinaryTypes.String, InTurn).(*array.String)
	require.True(t, values.IsNull(0))
	codes := make([]int32, 0, n+1)
	for i, text := range want {
		require.True(t, bytes.Equal(text, blocks.at(int32(i))), "text %d", i)
		require.True(t, string(text) == values.Value(i+1), "value %d", i)
		codes = append(codes, int32(n-i))
	}
	codes = append(codes, 0)
	backwards := textsOf(arrow.BinaryTypes.String, codes, func(code int32) []byte { return blocks.at(code - 1) }, AllAtOnce).(*array.String)
	require.Equal(t, n+1, backwards.Len())
	require.True(t, backwards.IsNull(n))
	for i, text := range want {
		require.True(t, string(text) == backwards.Value(n-1-i), "text %d", i)
	}
}
