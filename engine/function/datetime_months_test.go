package function

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestMonthsBetween: so many months, and no more, can be added to the earlier time until the later one.
func TestMonthsBetween(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	ends := []time.Time{
		time.Date(2024, 1, 31, 0, 0, 0, 0, time.UTC), time.Date(2024, 2, 29, 23, 59, 59, 999e6, time.UTC), time.Date(2023, 2, 28, 0, 0, 0, 0, time.UTC),
		time.Date(2024, 3, 31, 12, 0, 0, 0, time.UTC), time.Date(1969, 12, 31, 12, 0, 0, 1e6, time.UTC), time.Date(-4, 2, 29, 1, 2, 3, 0, time.UTC),
	}
	for range 5000 {
		ends = append(ends, time.UnixMilli(random.Int64N(1<<41)-1<<40).UTC().Truncate(time.Duration(1+random.IntN(2)*86_399_999)*time.Millisecond))
	}
	for i, from := range ends {
		to := ends[random.IntN(len(ends))]
		if i%2 == 0 {
			to = ends[random.IntN(6)]
		}
		months := monthsBetween(from, to)
		require.Equal(t, -months, monthsBetween(to, from))
		if to.Before(from) {
			from, to, months = to, from, -months
		}
		reached, err := addMonths(from, months)
		require.NoError(t, err)
		require.False(t, reached.After(to), "%v %v", from, to)
		next, err := addMonths(from, months+1)
		require.NoError(t, err)
		require.True(t, next.After(to), "%v %v", from, to)
	}
}
