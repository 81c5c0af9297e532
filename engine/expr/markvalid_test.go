package expr

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
)

// TestMarkValid: the rows that are valid and have a true value are marked, whatever the codes of the others are.
func TestMarkValid(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	for range 2000 {
		rows, values, nulls := random.IntN(70), 1+random.IntN(5), random.IntN(4)
		truth := make([]byte, values)
		for i := range truth {
			truth[i] = byte(random.IntN(2))
		}
		codes, valid, want := make([]int32, rows), arrowdata.NewBitmap(rows), arrowdata.NewBitmap(rows)
		for i := range codes {
			if random.IntN(4) < nulls {
				codes[i] = []int32{-1, int32(values), math.MaxInt32, math.MinInt32, 0}[random.IntN(5)]
				continue
			}
			codes[i] = int32(random.IntN(values))
			arrowdata.SetBit(valid, i)
			if truth[codes[i]] == 1 {
				arrowdata.SetBit(want, i)
			}
		}
		got := arrowdata.NewBitmap(rows)
		markValid(got, codes, valid, truth)
		require.Equal(t, want, got)
	}
}
