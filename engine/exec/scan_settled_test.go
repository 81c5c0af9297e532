package exec

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/types"
)

// TestImplies compares with all whole numbers near the bounds.
func TestImplies(t *testing.T) {
	holds := map[string]func(x, bound int64) bool{
		types.OpEqual:     func(x, bound int64) bool { return x == bound },
		types.OpLess:      func(x, bound int64) bool { return x < bound },
		types.OpLessEqual: func(x, bound int64) bool { return x <= bound },
		types.OpGreater:   func(x, bound int64) bool { return x > bound },
		types.OpGreaterEq: func(x, bound int64) bool { return x >= bound },
	}
	const far = 20
	ends := []any{nil, int64(-2), int64(-1), int64(0), int64(1), int64(2)}
	implied := 0
	for operator, hold := range holds {
		for _, low := range ends {
			for _, high := range ends {
				for incl := range 4 {
					lowIncl, highIncl := incl&1 != 0, incl&2 != 0
					for bound := int64(-3); bound <= 3; bound++ {
						if !implies(low, high, lowIncl, highIncl, operator, bound) {
							continue
						}
						implied++
						for x := int64(-far); x <= far; x++ {
							if inside(x, low, high, lowIncl, highIncl) {
								require.True(t, hold(x, bound), "%d %s %d between %v and %v", x, operator, bound, low, high)
							}
						}
					}
				}
			}
		}
	}
	require.Greater(t, implied, 500)
	require.False(t, implies(int64(1), int64(1), true, true, types.OpNotEqual, 2))
	require.False(t, implies("a", "b", true, true, types.OpGreaterEq, 0))
}

func inside(x int64, low, high any, lowIncl, highIncl bool) bool {
	if l, ok := low.(int64); ok && (x < l || x == l && !lowIncl) {
		return false
	}
	if h, ok := high.(int64); ok && (x > h || x == h && !highIncl) {
		return false
	}
	return true
}
