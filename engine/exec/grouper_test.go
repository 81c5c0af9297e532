package exec

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
)

// TestGroupsAreNumberedByFirstRows: groups have numbers in the order of their first rows, are found again, and give their keys back, also when
// their lookups are forgotten; NULL is a key like any other, wherever it comes first.
func TestGroupsAreNumberedByFirstRows(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 5))
	for columns := range 5 {
		for _, nulls := range []int{0, 1, 3} { // of ten values
			t.Run(fmt.Sprintf("%d columns, %d NULLs of ten", columns, nulls), func(t *testing.T) {
				var types []arrow.DataType
				for i := range columns {
					types = append(types, []arrow.DataType{arrow.PrimitiveTypes.Int64, arrow.BinaryTypes.String}[i%2])
				}
				g := newGrouper(types)
				var keys []string // by group
				seen := map[string]int32{}
				for range 4 {
					rows := 1 + random.IntN(2*combinedAtOnce)
					vectors := randomKeys(random, types, rows, nulls)
					out := make([]int32, rows)
					require.NoError(t, g.insert(vectors, rows, out))
					for row, key := range keyTexts(vectors, rows) {
						group := out[row]
						if _, known := seen[key]; !known {
							seen[key] = int32(len(keys))
							keys = append(keys, key)
						}
						if seen[key] != group {
							require.Equal(t, seen[key], group, "row %d", row)
						}
					}
					require.Equal(t, len(keys), g.groups)
				}
				rows := 1000
				others := randomKeys(random, types, rows, 2)
				found := make([]int32, rows)
				require.NoError(t, g.finder().find(others, rows, found))
				for row, key := range keyTexts(others, rows) {
					wanted, known := seen[key]
					if !known {
						wanted = batch.Absent
					}
					require.Equal(t, wanted, found[row])
				}
				g.forgetLookups()
				given := make([]batch.Vector, columns)
				for i := range given {
					given[i] = batch.Vector{Array: g.column(i, batch.InTurn)}
				}
				require.Equal(t, keys, keyTexts(given, len(keys)))
			})
		}
	}
}

// randomKeys are columns of a few values.
func randomKeys(random *rand.Rand, types []arrow.DataType, rows, nulls int) []batch.Vector {
	vectors := make([]batch.Vector, len(types))
	for i, dataType := range types {
		values := array.NewBuilder(memory.DefaultAllocator, dataType)
		for range rows {
			switch value := random.IntN(12); {
			case random.IntN(10) < nulls:
				values.AppendNull()
			case i%2 == 0:
				values.(*array.Int64Builder).Append(int64(value))
			default:
				values.(*array.StringBuilder).Append(fmt.Sprint("text ", value))
			}
		}
		vectors[i] = batch.Vector{Array: values.NewArray()}
	}
	return vectors
}

// keyTexts are the keys of each row as text.
func keyTexts(keys []batch.Vector, rows int) []string {
	texts := make([]string, rows)
	for _, key := range keys {
		values := batch.Decode(key.Array)
		for row := range texts {
			texts[row] += values.ValueStr(row) + "|"
		}
	}
	return texts
}

// TestCombinationsOfManyCodes: combinations keep their numbers and their codes while codes need more and more bits of a word, and when they
// need more than it has; and codes that were never inserted are not found, however many bits they have.
func TestCombinationsOfManyCodes(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine does it all; the unit stage runs it")
	}
	random := rand.New(rand.NewPCG(11, 4))
	for _, columns := range []int{2, 3, 5, 9, 33, 70} {
		for _, mostBits := range []int{3, 9, 20, 31} {
			t.Run(fmt.Sprintf("%d columns, up to %d bits", columns, mostBits), func(t *testing.T) {
				c := newCombinations(columns)
				var combined [][]int32 // by number
				numbers := map[string]int32{}
				for step := range 12 {
					rows := 1 + random.IntN(2*combinedAtOnce)
					all := randomCodes(random, columns, rows, 1+mostBits*step/12, len(combined) > 0 && step%2 == 0)
					out := make([]int32, rows)
					c.insert(all, out)
					for row := range rows {
						codes := codesOf(all, row)
						number, isKnown := numbers[fmt.Sprint(codes)]
						if !isKnown {
							number = int32(len(combined))
							numbers[fmt.Sprint(codes)], combined = number, append(combined, codes)
						}
						if number != out[row] {
							require.Equal(t, number, out[row])
						}
					}
					require.Equal(t, len(combined), c.count())
				}
				others := randomCodes(random, columns, 3000, 4, false)
				for row := range others[0] {
					if row%3 > 0 {
						others[random.IntN(columns)][row] = []int32{batch.Absent, 1 << 30, 1<<31 - 1}[random.IntN(3)]
					}
				}
				found := make([]int32, len(others[0]))
				c.find(others, found)
				for row, number := range found {
					wanted, isKnown := numbers[fmt.Sprint(codesOf(others, row))]
					if !isKnown {
						wanted = batch.Absent
					}
					require.Equal(t, wanted, number)
				}
				c.forgetLookups()
				for i := range columns {
					from := len(combined) / 3
					for n, code := range c.codes(i, from, len(combined)) {
						require.Equal(t, combined[from+n][i], code)
					}
				}
			})
		}
	}
}

// randomCodes are codes of so many bits at most by column; if they are narrow, only one column has codes of more than two.
func randomCodes(random *rand.Rand, columns, rows, mostBits int, isNarrow bool) [][]int32 {
	all, wide := make([][]int32, columns), random.IntN(columns)
	for i := range all {
		all[i] = make([]int32, rows)
		for row := range all[i] {
			if all[i][row] = random.Int32N(4); i == wide || !isNarrow {
				all[i][row] = int32(random.Int64N(1 << mostBits))
			}
		}
	}
	return all
}

func codesOf(all [][]int32, row int) []int32 {
	codes := make([]int32, len(all))
	for i := range all {
		codes[i] = all[i][row]
	}
	return codes
}
