package exec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/internal/process"
	"github.com/auditlake/auditlake/planner/types"
)

// TestStagesOfGroups: what is computed above the groups of an aggregation is the same, in the same order, however many workers do it and however little
// memory there is for doing it ahead.
func TestStagesOfGroups(t *testing.T) {
	source := grouped(t, 18_000)
	source.GroupRows, source.Dictionaries = 3000, true
	type limits struct {
		workers int
		bytes   int64
	}
	ways := []limits{{2, 0}, {7, 0}, {2, 16 << 20}, {2, 8 << 20}}
	if process.UnderRace {
		ways = []limits{{7, 0}, {2, 8 << 20}}
	}
	for _, sql := range []string{
		"SELECT id * 2, upper(max(few)), count(*) + 1 FROM grouped GROUP BY id",
		"SELECT id, s + 1 FROM (SELECT id, sum(n) s FROM grouped GROUP BY id) WHERE s % 3 = 1",
		"SELECT id, max(n) FROM grouped GROUP BY id HAVING max(n) > 1 ORDER BY 2 DESC, 1 LIMIT 700",
		"SELECT id, f FROM (SELECT id, min(few) f FROM grouped GROUP BY id) WHERE id < 0",
		"SELECT coalesce(id, -1) + 1, coalesce(lower(few), 'none'), c * 10 FROM (SELECT id, few, count(*) c FROM grouped GROUP BY GROUPING SETS ((id), (id, few), (few), ()))",
		"SELECT q, count(*), sum(c) FROM (SELECT id % 10 q, c FROM (SELECT id, count(*) c FROM grouped GROUP BY id)) GROUP BY q",
		"SELECT rpad(cast(id AS varchar), 200, 'x'), c FROM (SELECT id, count(*) c FROM grouped GROUP BY id)",
	} {
		want, _, err := limitedQuery{memory: memory.NewPool(0), workers: 1}.run(t.Context(), t, source, sql)
		require.NoError(t, err, sql)
		for _, q := range ways {
			got, _, err := limitedQuery{memory: memory.NewPool(q.bytes), workers: q.workers, inScans: true}.run(t.Context(), t, source, sql)
			require.NoError(t, err, "%s: %+v", sql, q)
			require.Equal(t, want, got, "%s: %+v", sql, q)
		}
	}
}

// TestStagesOfGroupsWithinMemory: where there is no memory for what is made ahead, that is given up, and the answer is the same, if there is memory for one.
func TestStagesOfGroupsWithinMemory(t *testing.T) {
	source := grouped(t, 18_000)
	source.GroupRows = 3000
	const sql = "SELECT rpad(cast(id AS varchar), 200, 'x'), c FROM (SELECT id, count(*) c FROM grouped GROUP BY id)"
	want := answerText(t, source, sql, 1)
	answered, step := 0, int64(1<<19)
	if testing.Short() {
		step = 1 << 20
	}
	for limitBytes := int64(2 << 20); limitBytes <= 10<<20; limitBytes += step {
		got, _, err := limitedQuery{memory: memory.NewPool(limitBytes), workers: 2, inScans: true}.run(t.Context(), t, source, sql)
		if memory.IsFull(err) {
			continue
		}
		require.NoError(t, err, "within %d bytes", limitBytes)
		require.Equal(t, want, got, "within %d bytes", limitBytes)
		answered++
	}
	require.Greater(t, answered, 4)
}

// TestErrorsOfStagesOfGroups: what cannot be computed of a group is an error when its turn comes, and none where a LIMIT ends before it.
func TestErrorsOfStagesOfGroups(t *testing.T) {
	source := grouped(t, 20_000)
	source.GroupRows = 5000
	const quotients = "SELECT 1 / (id - 15000) q FROM (SELECT id, count(*) c FROM grouped GROUP BY id)"
	for _, workers := range []int{1, 2, 7} {
		q := limitedQuery{memory: memory.NewPool(0), workers: workers, inScans: true}
		_, _, err := q.run(t.Context(), t, source, quotients)
		require.Equal(t, types.DivisionByZero, types.ErrorName(err), "%d workers: %v", workers, err)
		rows, _, err := q.run(t.Context(), t, source, quotients+" LIMIT 9000")
		require.NoError(t, err, "%d workers", workers)
		require.Len(t, rows, 9000, "%d workers", workers)
	}
}
