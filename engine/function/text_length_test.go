package function

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
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

// TestLengthsOfColumns: slices of columns with NULLs have the lengths that their texts have one by one.
func TestLengthsOfColumns(t *testing.T) {
	length := kernelOf(t, "length", types.VarcharType)
	valid := arrowdata.FullValidity(8)
	arrowdata.ClearBit(valid, 3)
	whole := batch.FromText(arrow.BinaryTypes.String, []int32{0, 1, 1, 3, 5, 9, 9, 10, 11}, []byte("aéxx😀bc"), valid) // row 3 is NULL and has bytes
	for first := range whole.Len() {
		for end := first; end <= whole.Len(); end++ {
			part := array.NewSlice(whole, int64(first), int64(end))
			v, err := length(nil, []batch.Vector{{Array: part}}, nil, part.Len())
			require.NoError(t, err)
			for i := range part.Len() {
				require.Equal(t, part.IsNull(i), v.Array.IsNull(i))
				if !part.IsNull(i) {
					require.EqualValues(t, utf8.RuneCountInString(part.ValueStr(i)), batch.Values[int64](v.Array)[i])
				}
			}
		}
	}
	v, err := length(nil, []batch.Vector{{Array: array.NewSlice(whole, 4, 5), Const: true}}, nil, 7)
	require.NoError(t, err)
	require.True(t, v.Const)
	require.Equal(t, []int64{1}, batch.Values[int64](v.Array))
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
