package function

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A few texts that come in turns are each converted once; many are converted again, and give the same.
func TestMemo(t *testing.T) {
	times := map[string]int{}
	length := memo(func(text string) (int, error) {
		times[text]++
		if text == "bad" {
			return 0, argumentError("bad")
		}
		return len(text), nil
	})
	long, other := strings.Repeat("x", maxMemoBytes+1), strings.Repeat("y", maxMemoBytes+1)
	for range 3 {
		for _, text := range []string{"a", "ab", "bad", long, other} {
			got, err := length(text)
			if text == "bad" {
				require.Error(t, err)
				continue
			}
			require.NoError(t, err)
			require.Equal(t, len(text), got)
		}
	}
	require.Equal(t, map[string]int{"a": 1, "ab": 1, "bad": 1, long: 3, other: 3}, times)
	for range 2 {
		for i := range 2 * maxMemoTexts {
			text := fmt.Sprint("text ", i)
			got, err := length(text)
			require.NoError(t, err)
			require.Equal(t, len(text), got)
		}
	}
	require.Equal(t, 1, times["text 0"])
	require.Equal(t, 2, times[fmt.Sprint("text ", 2*maxMemoTexts-1)])
}

// Of conversions that take much a few are kept, and one that fails is kept, too.
func TestMemoizedBytes(t *testing.T) {
	times := map[string]int{}
	m := &memoized[int64]{bytesOf: func(size int64) int64 { return size }}
	of := func(text string, size int64) {
		got, err := m.of(text, func(string) (int64, error) {
			times[text]++
			if size < 0 {
				return 0, argumentError("bad")
			}
			return size, nil
		})
		require.Equal(t, size < 0, err != nil)
		require.Equal(t, max(0, size), got)
	}
	for range 3 {
		of("a", maxMemoizedBytes/2)
		of("bad", -1)
		of("b", maxMemoizedBytes/2)
		of("c", 1)
		of("large", maxMemoizedBytes+1)
	}
	require.Equal(t, map[string]int{"a": 1, "bad": 1, "b": 1, "c": 3, "large": 3}, times)
}
