package exec

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/plan"
)

// TestProbesAhead: rows that are joined with themselves, and are looked up ahead since they were computed for the right side, give what
// one goroutine gives, in its order.
func TestProbesAhead(t *testing.T) {
	kinds := []plan.JoinKind{plan.InnerJoin, plan.LeftJoin, plan.RightJoin, plan.FullJoin, plan.CrossJoin}
	everySize(t, func(t *testing.T, input func(*table) *feed, random *rand.Rand) {
		for _, kind := range kinds {
			for _, keys := range [][]int{{0}, {1}, {0, 1, 2}, {}} {
				from := sample(40, random)
				var want []string
				for _, workers := range []int{1, 2, 7} {
					source := input(from)
					_, both := readers(source, 2, maxReusedBytes)
					j := &hashJoin{kind: kind, left: both[0], right: both[1], leftColumns: sampleColumns(1), rightColumns: sampleColumns(5),
						leftKeys: keys, rightKeys: keys, memory: unlimited(), out: unlimited(), condition: onlyDifferent, gathering: gathering{workers: workers}}
					got := rowsOf(t, j)
					require.Equal(t, workers > 1, j.ahead != nil)
					require.True(t, source.closed)
					if want == nil {
						require.Equal(t, sorted(naiveJoin(kind, from, from, pairsOf(from, from, keys, true))), sorted(got))
						want = got
					}
					require.Equal(t, want, got, "%d workers", workers)
				}
			}
		}
	})
}

// TestProbesAheadEnd: a join that is closed early leaves nobody at work, and holds nothing.
func TestProbesAheadEnd(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	_, both := readers(&feed{reader: &tableReader{table: sample(300, random)}, size: 3, random: random}, 2, maxReusedBytes)
	j := &hashJoin{kind: plan.InnerJoin, left: both[0], right: both[1], leftColumns: sampleColumns(1), rightColumns: sampleColumns(5),
		leftKeys: []int{0}, rightKeys: []int{0}, memory: unlimited(), out: unlimited(), gathering: gathering{workers: 3}}
	b, err := j.Next(t.Context())
	require.NoError(t, err)
	require.NotNil(t, b)
	require.NotEmpty(t, j.ahead.work.begun)
	j.Close()
	require.Empty(t, j.ahead.work.begun)
	require.Zero(t, j.out.UsedBytes())
}
