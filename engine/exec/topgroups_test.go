package exec

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
)

// TestTopGroups: those chosen are the wanted ones by the aggregate, with all that equal the last of these, in their order.
func TestTopGroups(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, spread := range []int64{3, 1000, math.MaxInt64} {
		for _, wanted := range []int{1, 2, 100, 512} {
			for _, descending := range []bool{false, true} {
				values := make([]int64, minTopGroups)
				for i := range values {
					values[i] = random.Int64N(spread) - spread/2
				}
				values[7], values[8] = math.MinInt64, math.MaxInt64
				sorted := slices.Sorted(slices.Values(values))
				if descending {
					slices.Reverse(sorted)
				}
				last := sorted[wanted-1]
				var want []int32
				for i, v := range values {
					if v == last || (v > last) == descending {
						want = append(want, int32(i))
					}
				}
				if len(want) > len(values)/2 {
					want = nil
				}
				top := &topGroups{descending: descending, wanted: wanted}
				require.Equal(t, want, top.of(batch.FromValues(arrow.PrimitiveTypes.Int64, values, nil)), "%d of %d, %t", wanted, spread, descending)
			}
		}
	}
}

func TestTopGroupsAreAllWhereNoneIsToBeChosen(t *testing.T) {
	values := make([]int64, minTopGroups)
	for i := range values {
		values[i] = int64(i)
	}
	all := batch.FromValues(arrow.PrimitiveTypes.Int64, values, nil)
	require.Len(t, (&topGroups{wanted: 5}).of(all), 5)
	valid := slices.Repeat([]byte{0xff}, len(values)/8)
	valid[3] = 0
	for name, c := range map[string]struct {
		values arrow.Array
		wanted int
	}{
		"few groups":      {batch.FromValues(arrow.PrimitiveTypes.Int64, values[1:], nil), 5},
		"many are wanted": {all, len(values)/8 + 1},
		"none is wanted":  {all, 0},
		"NULL":            {batch.FromValues(arrow.PrimitiveTypes.Int64, values, valid), 5},
		"other numbers":   {batch.FromValues(arrow.PrimitiveTypes.Float64, make([]float64, len(values)), nil), 5},
		"all are alike":   {batch.FromValues(arrow.PrimitiveTypes.Int64, make([]int64, len(values)), nil), 5},
	} {
		t.Run(name, func(t *testing.T) { require.Nil(t, (&topGroups{wanted: c.wanted}).of(c.values)) })
	}
}
