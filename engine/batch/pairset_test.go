package batch

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPairSet holds pairs against a map: numbers of one group, of some and of many, in batches of all lengths.
func TestPairSet(t *testing.T) {
	for _, c := range []struct {
		name            string
		groups, numbers int
	}{
		{"numbers of one group", 1, 5000},
		{"numbers mostly new", 40, 100_000},
		{"few numbers of many groups", 5000, 3},
		{"many groups of one number", 100_000, 40},
		{"some of both", 100, 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(9, uint64(c.numbers)))
			set, known := &PairSet{}, map[[2]int32]bool{}
			limit := 0 // below which numbers have been
			for _, rows := range []int{0, 1, 300, pairsAtOnce, pairsAtOnce + 1, 5 * pairsAtOnce, 7} {
				groups, numbers, want := make([]int32, rows), make([]int32, rows), []int32{}
				for row := range rows {
					groups[row], numbers[row] = random.Int32N(int32(c.groups)), random.Int32N(int32(min(c.numbers, limit+1)))
					limit = max(limit, int(numbers[row])+1)
					pair := [2]int32{groups[row], numbers[row]}
					if !known[pair] {
						known[pair], want = true, append(want, int32(row))
					}
				}
				room := set.SizeBytes() + set.GrowthBytes(groups)
				require.Equal(t, want, set.Insert(groups, numbers, limit, []int32{}))
				const small = 1 << 12 // tables of a few pairs
				require.LessOrEqual(t, set.SizeBytes(), room+small)
			}
			for group := range int32(min(c.groups, 50)) + 1 {
				for number := range int32(min(limit, 500)) + 2 {
					require.Equal(t, known[[2]int32{group, number}], set.Has(group, number), "%d, %d", group, number)
				}
			}
		})
	}
}
