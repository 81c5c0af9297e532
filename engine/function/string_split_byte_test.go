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

// TestSplitAtByte: the pieces of texts between single bytes are those that strings.Split finds, wherever in a text the bytes stand.
func TestSplitAtByte(t *testing.T) {
	const rows = 2000
	values, valid := make([]string, rows), arrowdata.FullValidity(rows)
	for i := range values {
		text := make([]byte, rand.IntN(30))
		for k := range text {
			text[k] = ",,,+-\x00\x01\x80\xac\xff"[rand.IntN(10)] // neighbours of the byte, and bytes that differ from it by their high bit
			if rand.IntN(3) > 0 {
				text[k] = 'a' + byte(rand.IntN(26))
			}
		}
		if values[i] = string(text); rand.IntN(10) == 0 {
			arrowdata.ClearBit(valid, i)
		}
	}
	all, err := batch.FromStrings(arrow.BinaryTypes.String, values, valid)
	require.NoError(t, err)
	split := kernelOf(t, "split", types.VarcharType, types.VarcharType)
	for _, row := range []struct {
		name  string
		first int
		texts arrow.Array
	}{{"all", 0, all}, {"from 7 on", 7, array.NewSlice(all, 7, rows)}, {"one", rows - 1, array.NewSlice(all, rows-1, rows)}, {"none", 0, array.NewSlice(all, 0, 0)}} {
		for _, by := range []string{",", "\x00", "\xff", "a", ",a"} {
			got, err := split(nil, []batch.Vector{{Array: row.texts}, constantText(t, by)}, nil, row.texts.Len())
			require.NoError(t, err)
			offsets, pieces := batch.Lists(got.Array)
			texts := batch.Strings(pieces)
			for i := range row.texts.Len() {
				require.Equal(t, row.texts.IsNull(i), got.Array.IsNull(i), row.name)
				if !row.texts.IsNull(i) {
					require.Equal(t, strings.Split(values[row.first+i], by), texts[offsets[i]:offsets[i+1]], "%s: %q between %q", row.name, values[row.first+i], by)
				}
			}
		}
	}
}
