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

// randomTexts returns a column of short texts of some letters, and NULLs.
func randomTexts(t *testing.T, random *rand.Rand, rows int, letters ...string) *array.String {
	texts, valid := make([]string, rows), arrowdata.FullValidity(rows)
	for i := range texts {
		for range random.IntN(9) {
			texts[i] += letters[random.IntN(len(letters))]
		}
		if random.IntN(7) == 0 {
			arrowdata.ClearBit(valid, i)
		}
	}
	a, err := batch.FromStrings(arrow.BinaryTypes.String, texts, valid)
	require.NoError(t, err)
	return a.(*array.String)
}

// TestTranslateColumns compares with strings.Map: letters that stay the same from row to row or not, of ASCII or more, removed or
// named twice.
func TestTranslateColumns(t *testing.T) {
	const rows = 500
	translate := kernelOf(t, "translate", types.VarcharType, types.VarcharType, types.VarcharType)
	random := rand.New(rand.NewPCG(13, 14))
	more := []string{"a", "b", "c", "a", "b", "\x00", "\x7f", "é", "日", "\ufffd", "😀"}
	for name, c := range map[string]struct{ text, from, to batch.Vector }{
		"ASCII":           {from: constantText(t, "abcb"), to: constantText(t, "bax")},
		"ASCII, removed":  {from: constantText(t, "a\x7f"), to: constantText(t, "\x7f")},
		"nothing":         {from: constantText(t, ""), to: constantText(t, "abc")},
		"beyond ASCII":    {from: constantText(t, "aé\ufffd"), to: constantText(t, "éab")},
		"constant text":   {text: constantText(t, "abcaé")},
		"differing":       {},
		"differing, from": {to: constantText(t, "xyz")},
	} {
		t.Run(name, func(t *testing.T) {
			args := []batch.Vector{c.text, c.from, c.to}
			for i, letters := range [][]string{more[:7], more, more} {
				if args[i].Array == nil {
					args[i].Array = array.NewSlice(randomTexts(t, random, rows+i, letters...), int64(i), int64(rows+i))
				}
			}
			v, err := translate(&Env{}, args, nil, rows)
			require.NoError(t, err)
			for i := range rows {
				if isNull(args[0], i) || isNull(args[1], i) || isNull(args[2], i) {
					require.True(t, isNull(v, i))
					continue
				}
				from, to := []rune(args[1].Array.ValueStr(args[1].At(i))), []rune(args[2].Array.ValueStr(args[2].At(i)))
				want := strings.Map(func(r rune) rune {
					for k, f := range from {
						switch {
						case f == r && k < len(to):
							return to[k]
						case f == r:
							return -1
						}
					}
					return r
				}, args[0].Array.ValueStr(args[0].At(i)))
				require.Equal(t, want, v.Array.ValueStr(i), "row %d: %q for %q", i, string(to), string(from))
			}
		})
	}
}
