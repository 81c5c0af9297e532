package function

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDistances: texts of ASCII have the distances that they have as code points.
func TestDistances(t *testing.T) {
	random := rand.New(rand.NewPCG(17, 18))
	texts := randomTexts(t, random, 300, "a", "b", "é")
	for i := range texts.Len() - 1 {
		a, b := texts.Value(i), texts.Value(i+1)
		got, err := levenshtein(a, b)
		require.NoError(t, err)
		want, err := edits([]rune(a), []rune(b))
		require.NoError(t, err)
		require.Equal(t, want, got, "%s %s", a, b)
		got, err = hamming(a, b)
		want, wantErr := differing([]rune(a), []rune(b))
		require.Equal(t, wantErr, err)
		require.Equal(t, want, got, "%s %s", a, b)
	}
	long := strings.Repeat("a", 100)
	got, err := levenshtein(long, long[:50]+"b"+long[50:])
	require.NoError(t, err)
	require.EqualValues(t, 1, got)
}
