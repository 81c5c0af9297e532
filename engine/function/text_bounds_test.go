package function

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEscapeColor: the terminal's own colors, then the corners of the cube, black first.
func TestEscapeColor(t *testing.T) {
	for color, want := range map[int32]string{-1: "0", -8: "7", 0: "16", 0x0000FF: "21", 0x00FF00: "46", 0xFF0000: "196", 0xFFFFFF: "231"} {
		require.Equal(t, "\x1b[38;5;"+want+"m", escapeColor(color), "%#x", color)
	}
}

// TestHamming: places that differ are counted, in characters.
func TestHamming(t *testing.T) {
	for texts, want := range map[[2]string]int64{{"", ""}: 0, {"abc", "abc"}: 0, {"abc", "xbc"}: 1, {"äbc", "xyz"}: 3} {
		got, err := hamming(texts[0], texts[1])
		require.NoError(t, err)
		require.Equal(t, want, got, texts)
	}
	_, err := hamming("a", "ab")
	require.ErrorContains(t, err, "must have the same length")
}
