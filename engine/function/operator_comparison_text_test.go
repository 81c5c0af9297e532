package function

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
)

// TestTextsAndConstant: texts compare with a constant as with a column that has it in all rows.
func TestTextsAndConstant(t *testing.T) {
	const rows = 1003
	words := []string{"", "\x00", "a", "a\x00", "ab", "abcdefgh", "abcdefgh\x00", "abcdefgha", "abcdefgi", "b", "ü", "\xff\xff"}
	values := make([]string, rows)
	for i := range values {
		values[i] = words[rand.IntN(len(words))]
		if rand.IntN(8) == 0 {
			values[i] = strings.Repeat(values[i], 1+rand.IntN(4))
		}
	}
	values[rows-1] = "abcdefgh" // of which nothing follows
	all, err := batch.FromStrings(arrow.BinaryTypes.String, values, nil)
	require.NoError(t, err)
	for _, column := range []arrow.Array{all, array.NewSlice(all, 5, rows)} {
		for _, word := range words {
			texts, constant := batch.Vector{Array: column}, constantText(t, word)
			repeated := batch.Vector{Array: batch.Expand(constant, column.Len())}
			for _, rel := range []relation{equal, less, lessOrEqual} {
				for _, side := range []struct {
					of                 string
					x, y, fullX, fullY batch.Vector
				}{
					{"right", texts, constant, texts, repeated},
					{"left", constant, texts, repeated, texts},
				} {
					want := batch.FromBits(compareColumns[string](rel, side.fullX, side.fullY, column.Len()), column.Len(), nil)
					got := batch.FromBits(compareTexts(rel, side.x, side.y, column.Len()), column.Len(), nil)
					require.Equal(t, want.String(), got.String(), "%q on the %s, relation %d", word, side.of, rel)
				}
			}
		}
	}
}
