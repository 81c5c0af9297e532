package function

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

// The first rows are those that sorting all of them gives, whatever the order of
// arrival and however many are equal.
func TestFirstRows(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	arrivals := map[string]func(row, number int) int{
		"rising":   func(row, _ int) int { return row },
		"falling":  func(row, number int) int { return number - row },
		"equal":    func(int, int) int { return 7 },
		"repeated": func(int, int) int { return random.IntN(5) },
		"random":   func(int, int) int { return random.Int() },
	}
	for name, key := range arrivals {
		for _, number := range []int{1, 3, fewestSorted - 1, fewestSorted, 2*fewestSorted + 1, 1000} {
			keys, rows := make([]int, number), make([]int32, number)
			for i := range keys {
				keys[i], rows[i] = key(i, number), int32(i)
			}
			order := func(a, b int32) int { return cmp.Or(cmp.Compare(keys[a], keys[b]), cmp.Compare(a, b)) }
			sorted := slices.SortedFunc(slices.Values(rows), order)
			for _, n := range []int{1, 2, fewestSorted / 2, fewestSorted, 400, 5000} {
				got := firstRows(slices.Clone(rows), n, order)
				if want := sorted[:min(n, number)]; !slices.Equal(got, want) {
					t.Errorf("%s: the first %d of %d rows are %v, not %v", name, n, number, got, want)
				}
			}
		}
	}
}
