package function

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
)

// TestNthOfNumbers: the n-th is that of a stable sort, however many values there are and however many are equal.
func TestNthOfNumbers(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var order wordsInOrder
	for _, c := range []struct {
		name  string
		value func() float64
	}{
		{"few values", func() float64 { return float64(random.IntN(5) - 2) }},
		{"small numbers", func() float64 { return float64(random.IntN(4000)) }},
		{"signs", func() float64 { return random.NormFloat64() * 1e9 }},
		{"all there are", func() float64 { return math.Float64frombits(random.Uint64()) }},
		{"zeros", func() float64 { return math.Copysign(0, random.NormFloat64()) }},
	} {
		for _, number := range []int{1, 2, fewCandidates, fewCandidates + 1, 1000, 20_000} {
			values, rows := make([]float64, number), make([]int, number)
			for i := range values {
				values[i], rows[i] = c.value(), i
			}
			slices.SortStableFunc(rows, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
			words := numberWords(batch.FromValues(arrow.PrimitiveTypes.Float64, values, nil), batch.InTurn)
			order.set(words)
			for range 20 {
				n := random.IntN(number)
				require.Equal(t, rows[n], order.nth(n), "%s: %d of %d", c.name, n, number)
			}
		}
	}
}
