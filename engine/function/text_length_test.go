package function

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// TestCodePoints: every text has as many code points as Go counts, whatever bytes of it come to stand in one word.
func TestCodePoints(t *testing.T) {
	letters := []string{"a", "\x00", "\x7f", "é", "߿", "ࠀ", "日", "\uffff", "😀", "\U0010ffff"}
	for length := range 40 {
		for shift := range letters {
			var text strings.Builder
			for i := range length {
				text.WriteString(letters[(i*i+shift)%len(letters)])
			}
			require.EqualValues(t, utf8.RuneCountInString(text.String()), codePoints(text.String()), "%q", text.String())
		}
	}
}

func BenchmarkLength(b *testing.B) {
	texts := make([]string, batch.Rows)
	for i := range texts {
		texts[i] = strings.Repeat("parameter", 100)
	}
	array, err := batch.FromStrings(arrow.BinaryTypes.String, texts, nil)
	require.NoError(b, err)
	b.SetBytes(int64(len(texts) * len(texts[0])))
	benchmarkRows(b, kernelOf(b, "length", types.VarcharType), batch.Vector{Array: array})
}
