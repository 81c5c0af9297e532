package batch

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAppend(t *testing.T) {
	for _, length := range []int{0, 1, pieceBytes - 1, pieceBytes, pieceBytes + 1, 3*pieceBytes + 7} {
		text := strings.Repeat("abcdefg", length/7+1)[:length]
		for _, room := range []int{0, 1, length, 10 * length} {
			start := append(make([]byte, 0, room+2), "^"...)
			require.Equal(t, "^"+text, string(AppendText(start, text)), "%d bytes, room for %d", length, room)
			require.Equal(t, "^"+text, string(AppendText(start, []byte(text))))
			require.Equal(t, "^"+text, string(Append(start, []byte(text))))
		}
		numbers := make([]int64, length)
		for i := range numbers {
			numbers[i] = int64(i)
		}
		require.True(t, slices.Equal(append([]int64{-1}, numbers...), Append([]int64{-1}, numbers)))
	}
}
