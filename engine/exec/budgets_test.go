package exec_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/internal/process"
)

// leastBudgetBytes is the memory with which any statement of these tests is answered, however much more it would take: a few times the
// rows of the largest batch that one operator gives another, and the batches that a scan and an aggregation have underway. With less, it is answered or ends with the error of memory.
const leastBudgetBytes = 1_800_000

// TestBudgets asks every tenth of the statements of all operators within parts of the memory that they take if they have enough. The answers
// are the same. With AUDITLAKE_BUDGETS it asks each statement within many more parts.
func TestBudgets(t *testing.T) {
	t.Parallel() // its memory and its disk are its own
	if process.UnderRace {
		t.Skip("it takes minutes; other tests spill the same statements")
	}
	source := grouped(t, 6000)
	source.GroupRows, source.Dictionaries = 60, true
	statements := slices.Concat(spilling, spillingJoins)
	for _, operator := range slices.Sorted(maps.Keys(spillingOperators)) {
		statements = append(statements, spillingOperators[operator]...)
	}
	many, step := exec.TriesAll(), 20
	if many {
		step = 1
	}
	for i := 0; i < len(statements); i += step {
		sql := statements[i]
		q := limitedQuery{workers: 2, memory: memory.NewPool(1 << 40)}
		want, _, err := q.run(t.Context(), t, source, sql)
		require.NoError(t, err, sql)
		peak := q.memory.PeakBytes()
		budgets := []int64{peak / 10 * 9, max(min(peak, leastBudgetBytes), peak/2), peak / 4}
		for budget := peak / 20 * 19; many && budget > 300_000; budget = budget / 20 * 19 {
			budgets = append(budgets, budget)
		}
		for _, budget := range budgets {
			got, _, err := limitedQuery{workers: 2, memory: memory.NewPool(budget), inScans: budget%2 == 0}.run(t.Context(), t, source, sql)
			if memory.IsFull(err) && budget < leastBudgetBytes {
				continue
			}
			require.NoError(t, err, "%s: %d of %d bytes", sql, budget, peak)
			require.Equal(t, want, got, "%s: %d of %d bytes", sql, budget, peak)
		}
	}
}
