package batch

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

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
				c := NewCombinations(columns)
				var combined [][]int32 // by number
				numbers := map[string]int32{}
				for step := range 12 {
					rows := 1 + random.IntN(2*combinedAtOnce)
					all := randomCodes(random, columns, rows, 1+mostBits*step/12, len(combined) > 0 && step%2 == 0)
					out := make([]int32, rows)
					c.Insert(all, out)
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
					require.Equal(t, len(combined), c.Count())
				}
				others := randomCodes(random, columns, 3000, 4, false)
				for row := range others[0] {
					if row%3 > 0 {
						others[random.IntN(columns)][row] = []int32{Absent, 1 << 30, 1<<31 - 1}[random.IntN(3)]
					}
				}
				found := make([]int32, len(others[0]))
				c.Find(others, found)
				for row, number := range found {
					wanted, isKnown := numbers[fmt.Sprint(codesOf(others, row))]
					if !isKnown {
						wanted = Absent
					}
					require.Equal(t, wanted, number)
				}
				c.ForgetLookups()
				for i := range columns {
					from := len(combined) / 3
					for n, code := range c.Codes(i, from, len(combined)) {
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
