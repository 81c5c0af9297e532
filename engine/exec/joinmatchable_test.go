package exec

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/planner/plan"
)

// TestRightRowsThatMatchNothing looks at which right rows a join keeps: those without a key only where they are given out.
func TestRightRowsThatMatchNothing(t *testing.T) {
	right := sample(1000, rand.New(rand.NewPCG(1, 2)))
	withKey := 0
	for row := range right.rows {
		if !arrowdata.IsNull(right.columns[1], row) {
			withKey++
		}
	}
	require.Less(t, withKey, right.rows)
	everySize(t, func(t *testing.T, input func(*table) *feed, random *rand.Rand) {
		for kind, want := range map[plan.JoinKind]int{plan.InnerJoin: withKey, plan.LeftJoin: withKey, plan.RightJoin: right.rows, plan.FullJoin: right.rows} {
			j := &hashJoin{kind: kind, left: input(sample(1, random)), right: input(right), leftColumns: sampleColumns(1), rightColumns: sampleColumns(5),
				leftKeys: []int{1}, rightKeys: []int{1}, memory: unlimited(), out: unlimited()}
			_, err := j.Next(context.Background())
			require.NoError(t, err)
			require.Equal(t, want, j.build.table.rows.rows, kind)
			j.Close()
		}
	})
}
