package batch_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

// someTexts are n of so many texts, one in nulls of them NULL, as a slice of a longer array.
func someTexts(t *testing.T, random *rand.Rand, n, distinct, nulls int) *array.String {
	values, valid := make([]string, n+6), arrowdata.FullValidity(n+6)
	for i := range values {
		if k := random.IntN(distinct); k > 0 {
			values[i] = fmt.Sprint(strings.Repeat("é", k%40), k)
		}
		if nulls > 0 && random.IntN(nulls) == 0 {
			arrowdata.ClearBit(valid, i)
		}
	}
	all, err := batch.FromStrings(arrow.BinaryTypes.String, values, valid)
	require.NoError(t, err)
	return array.NewSlice(all, 3, int64(n+3)).(*array.String)
}

// textRowsOf inserts a column in some blocks.
func textRowsOf(column *array.String, parts, block int) (*batch.TextRows, []int32) {
	rows, codes := batch.NewTextRows(column, parts), make([]int32, column.Len())
	batch.Divide(batch.AllAtOnce).Rows(column.Len(), func(_, from, to int) { rows.Hash(from, to) })
	rows.MakeRoom()
	for from := 0; from < len(codes); from += block {
		batch.AllAtOnce(parts, func(part int) { rows.InsertPart(part, from, min(len(codes), from+block), codes) })
	}
	rows.EndInsert()
	return rows, codes
}

// TestTextRows: codes are those of a map, whatever the parts, and whatever arrays are looked up.
func TestTextRows(t *testing.T) {
	for name, c := range map[string]struct{ rows, distinct, nulls int }{
		"mostly distinct": {5000, 50_000, 0},
		"with NULL":       {5000, 20_000, 9},
		"a few":           {3000, 40, 5},
		"one row":         {1, 2, 0},
		"all NULL":        {300, 20, 1},
	} {
		for _, parts := range []int{1, 2, 7} {
			t.Run(fmt.Sprintf("%s, %d parts", name, parts), func(t *testing.T) {
				random := rand.New(rand.NewPCG(1, uint64(c.rows+parts)))
				column := someTexts(t, random, c.rows, c.distinct, c.nulls)
				rows, codes := textRowsOf(column, parts, 700)
				want := map[string]int32{}
				for row, code := range codes {
					if column.IsNull(row) {
						require.Zero(t, code)
						continue
					}
					first, isKnown := want[column.Value(row)]
					if !isKnown {
						first = int32(row) + 1
						want[column.Value(row)] = first
					}
					require.Equal(t, first, code)
				}
				asked := someTexts(t, random, 4000, c.distinct+c.distinct/4, 30)
				expected := make([]int32, asked.Len())
				for row := range expected {
					if asked.IsNull(row) {
						continue
					}
					expected[row] = batch.Absent
					if code, isKnown := want[asked.Value(row)]; isKnown {
						expected[row] = code
					}
				}
				entries := make([]int32, asked.Len())
				for i := range entries {
					entries[i] = int32(i)
				}
				found := make([]int32, asked.Len())
				for _, a := range []arrow.Array{asked, batch.FromCodes(entries, arrowdata.Validity(asked), batch.Take(asked, entries))} {
					rows.Codes(batch.Vector{Array: a}, found)
					require.Equal(t, expected, found)
				}
				for row := range 5 {
					one := array.NewSlice(asked, int64(row), int64(row)+1)
					rows.Codes(batch.Vector{Array: one, Const: true}, found[:3])
					require.Equal(t, []int32{expected[row], expected[row], expected[row]}, found[:3])
				}
				rows.Codes(batch.Vector{Array: array.NewNull(3)}, found[:3])
				require.Equal(t, []int32{0, 0, 0}, found[:3])
			})
		}
	}
}

func TestEndsOfTexts(t *testing.T) {
	for name, c := range map[string]struct {
		texts, ends []string // "NULL" is that
	}{
		"ascending":  {[]string{"", "a", "b"}, []string{"", "b"}},
		"descending": {[]string{"é", "b", "NULL", "a"}, []string{"a", "é"}},
		"one":        {[]string{"NULL", "x"}, []string{"x", "x"}},
		"none":       {[]string{"NULL", "NULL"}, []string{"NULL", "NULL"}},
	} {
		t.Run(name, func(t *testing.T) {
			valid := arrowdata.FullValidity(len(c.texts))
			for i, text := range c.texts {
				if text == "NULL" {
					arrowdata.ClearBit(valid, i)
				}
			}
			texts, err := batch.FromStrings(arrow.BinaryTypes.String, c.texts, valid)
			require.NoError(t, err)
			ends := batch.EndsOfTexts(texts.(*array.String), batch.InTurn)
			for i, want := range c.ends {
				require.Equal(t, want == "NULL", ends.IsNull(i))
				if want != "NULL" {
					require.Equal(t, want, ends.(*array.String).Value(i))
				}
			}
		})
	}
}
