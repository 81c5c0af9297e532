package function

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// TestPositionsInColumns: one text is found where it stands in each text of a slice of a column with NULLs, whether few or
// most have it, and not where it begins in one text and ends in the next.
func TestPositionsInColumns(t *testing.T) {
	strpos := kernelOf(t, "strpos", types.VarcharType, types.VarcharType)
	random := rand.New(rand.NewPCG(3, 9))
	for _, letters := range []string{"ab", "abé日", "abcdefghijklmnop"} {
		runes := []rune(letters)
		word := func(length int) string {
			var text strings.Builder
			for range length {
				text.WriteRune(runes[random.IntN(len(runes))])
			}
			return text.String()
		}
		texts, valid := make([]string, 500), arrowdata.FullValidity(500)
		for i := range texts {
			texts[i] = word(random.IntN(90)) // some are longer than the standard library searches fastest
			if i%11 == 3 {
				arrowdata.ClearBit(valid, i)
			}
		}
		whole, err := batch.FromStrings(arrow.BinaryTypes.String, texts, valid)
		require.NoError(t, err)
		for range 60 {
			first := random.IntN(len(texts))
			part := array.NewSlice(whole, int64(first), int64(first+random.IntN(len(texts)-first+1)))
			wanted, err := batch.FromStrings(arrow.BinaryTypes.String, []string{word(random.IntN(5))}, nil)
			require.NoError(t, err)
			v, err := strpos(nil, []batch.Vector{{Array: part}, {Array: wanted, Const: true}}, nil, part.Len())
			require.NoError(t, err)
			for i := range part.Len() {
				require.Equal(t, part.IsNull(i), v.Array.IsNull(i))
				if !part.IsNull(i) {
					require.Equal(t, position(texts[first+i], wanted.ValueStr(0)), batch.Values[int64](v.Array)[i], "%q in %q", wanted.ValueStr(0), texts[first+i])
				}
			}
		}
	}
}
