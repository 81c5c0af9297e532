package batch

import (
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"
)

// TestTextEnds: the codes are those of the least and the greatest text, whether texts have numbers or not, and NULL's where there is none.
func TestTextEnds(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for name, numbers := range map[string]*TextNumbers{"numbered": NewTextNumbers(newKeptHere(), 1<<20), "plain": nil} {
		t.Run(name, func(t *testing.T) {
			in := NewInterner(arrow.BinaryTypes.String)
			in.UseNumbers(numbers)
			low, high := in.TextEnds()
			require.Equal(t, [2]int32{}, [2]int32{low, high})

			least, greatest := "z", ""
			for range 3 {
				v := drawnDictionary(t, random, 400)
				require.NoError(t, in.Insert(v, 300, make([]int32, 300)))
				text := textReader(v.Array)
				for row := range 300 {
					if v.Array.IsValid(row) {
						least, greatest = min(least, text(row)), max(greatest, text(row))
					}
				}
				low, high = in.TextEnds()
				ends := textReader(in.ValuesOf([]int32{low, high}, InTurn))
				require.Equal(t, [2]string{least, greatest}, [2]string{ends(0), ends(1)})
			}
		})
	}
}
