package function

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/memory"
)

// TestListsThatGrowAreCounted adds texts one by one: what is counted is the list's room, whatever it grows by, and a list that
// is short moves seldom.
func TestListsThatGrowAreCounted(t *testing.T) {
	m := memory.NewPool(1 << 24).Account("an expression").Meter(0)
	var list []int32
	moves, shortMoves := 0, 0
	for n := range 400_000 {
		before := cap(list)
		var err error
		list, err = withRoom(m, list, 1)
		require.NoError(t, err)
		list = append(list, int32(n))
		if cap(list) != before {
			moves++
			require.EqualValues(t, 4*cap(list), m.Used())
			if 4*cap(list) <= shortList {
				shortMoves++
			} else if 4*before >= shortList {
				require.LessOrEqual(t, cap(list), before+before/4)
			}
		}
	}
	require.Equal(t, 17, shortMoves, "by doubling from one number to 65,536")
	require.Less(t, moves, 30)
	require.EqualValues(t, 399_999, list[399_999])
}

// TestListsThatGrowKeepTheLimit: what the memory has no room for is not allocated.
func TestListsThatGrowKeepTheLimit(t *testing.T) {
	m := memory.NewPool(1000).Account("an expression").Meter(0)
	list, err := withRoom(m, []int64(nil), 100)
	require.NoError(t, err)
	_, err = withRoom(m, list[:100], 1)
	require.Error(t, err)
}
