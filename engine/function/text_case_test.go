package function

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// TestTextCase compares lower and upper of columns, slices of columns and dictionaries' values with what they are of each code point.
func TestTextCase(t *testing.T) {
	random := rand.New(rand.NewPCG(123, 124))
	for round := range 200 {
		points := []rune("@AMZ[`amz{09 \x00\x7f")
		if round%2 == 0 {
			points = append(points, 'É', 'ſ', 'K', 'İ', '😀', 'ß')
		}
		texts := make([]string, 1+random.IntN(9))
		for i := range texts {
			for range random.IntN(20) {
				texts[i] += string(points[random.IntN(len(points))])
			}
		}
		valid := arrowdata.FullValidity(len(texts))
		if random.IntN(2) == 0 {
			arrowdata.ClearBit(valid, 0)
		}
		all, err := batch.FromStrings(arrow.BinaryTypes.String, texts, valid)
		require.NoError(t, err)
		from := random.IntN(len(texts))
		for name, convert := range map[string]func(rune) rune{"lower": unicode.ToLower, "upper": unicode.ToUpper} {
			v, err := kernelOf(t, name, types.VarcharType)(&Env{}, []batch.Vector{{Array: array.NewSlice(all, int64(from), int64(len(texts)))}}, make([]Lambda, 1), len(texts)-from)
			require.NoError(t, err)
			for i, got := range batch.Strings(v.Array) {
				require.Equal(t, all.IsNull(from+i), v.Array.IsNull(i))
				if !v.Array.IsNull(i) {
					require.Equal(t, strings.Map(convert, texts[from+i]), got)
				}
			}
		}
	}
}

// TestTextCaseStrangers: no other code point beyond ASCII becomes a letter of it.
func TestTextCaseStrangers(t *testing.T) {
	for name, c := range textCases {
		var strangers []string
		for r := rune(utf8.RuneSelf); r <= unicode.MaxRune; r++ {
			if c.convert(r) < utf8.RuneSelf {
				strangers = append(strangers, string(r))
			}
		}
		require.Equal(t, c.strangers, strangers, name)
	}
}
