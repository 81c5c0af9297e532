package exec

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// TestMembersAreOrdered orders the rows with one key, few and many, by numbers and by texts: equal ones stay as they were, and
// those without a value go.
func TestMembersAreOrdered(t *testing.T) {
	for _, rows := range []int{0, 1, membersSortedAlone, 5 * membersSortedAlone, 100 * membersSortedAlone} {
		for by, valueType := range map[int]*types.Type{1: types.VarcharType, 2: types.DoubleType} {
			t.Run(fmt.Sprintf("%d rows by column %d", rows, by), func(t *testing.T) {
				from := sample(rows, rand.New(rand.NewPCG(1, uint64(rows))))
				table, err := gathering{}.newJoinTable(context.Background(), from, []int{0}, unlimited())
				require.NoError(t, err)
				values := from.columns[by]
				missing, compare := missingIn(values), batch.Ordering(valueType, values, values)
				var want [][]int32
				for id := range table.ids.groups {
					members := slices.DeleteFunc(slices.Clone(table.matches(int32(id))), func(row int32) bool { return missing(int(row)) })
					slices.SortStableFunc(members, func(a, b int32) int { return compare(int(a), int(b)) })
					want = append(want, members)
				}
				require.NoError(t, table.orderBy(context.Background(), valueType, values, unlimited()))
				for id, members := range want {
					require.Equal(t, append([]int32{}, members...), append([]int32{}, table.matches(int32(id))...))
				}
			})
		}
	}
}

// TestSortedMembersAreGivenUp cancels a statement before the rows with each key are sorted.
func TestSortedMembersAreGivenUp(t *testing.T) {
	from := sample(100, rand.New(rand.NewPCG(1, 2)))
	table, err := gathering{}.newJoinTable(context.Background(), from, []int{0}, unlimited())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, table.orderBy(ctx, types.VarcharType, from.columns[1], unlimited()), context.Canceled)
}
