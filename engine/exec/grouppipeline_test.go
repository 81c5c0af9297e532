package exec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
)

// TestPipelinedGroups: batches of many rows are added to groups in several steps at once; the answers, which have the order of the groups, are those of
// one worker, as are those of a query that soon has to add one batch after another, or to spill, for lack of memory.
func TestPipelinedGroups(t *testing.T) {
	source := grouped(t, 12_000)
	ways := []readAhead{{2000, false, 7, 0}, {1200, true, 2, 24 << 20}, {1500, true, 2, 0}, {4000, true, 2, 64 << 20}}
	if testing.Short() {
		ways = ways[:2]
	}
	for _, sql := range groupings {
		source.GroupRows, source.Dictionaries = 12_000, false
		want, _, err := limitedQuery{memory: memory.NewPool(0), workers: 1}.run(t.Context(), t, source, sql)
		require.NoError(t, err, sql)
		for _, q := range ways {
			source.GroupRows, source.Dictionaries = q.groupRows, q.dictionaries
			got, _, err := limitedQuery{memory: memory.NewPool(q.limitBytes), workers: q.workers, inScans: true}.run(t.Context(), t, source, sql)
			require.NoError(t, err, "%s: %+v", sql, q)
			require.Equal(t, want, got, "%s: %+v", sql, q)
		}
	}
}

// TestPipelinedErrors: an error is that of the first rows that have one, though rows after them, which another step of the pipeline or the scan
// has at that time, have others.
func TestPipelinedErrors(t *testing.T) {
	repeats, numbersOfWorkers := 5, []int{7, 2, 1}
	if testing.Short() {
		repeats, numbersOfWorkers = 2, numbersOfWorkers[:2]
	}
	source := grouped(t, 24_000)
	source.GroupRows, source.Dictionaries = 2000, true
	for _, c := range []struct{ name, sql, want string }{
		{"of a state before one of an argument", "SELECT many, sum(CASE id WHEN 4100 THEN 9223372036854775807 WHEN 4200 THEN 9223372036854775807 ELSE 1 END), max(1 / (id - 8000)) " +
			"FROM (SELECT id, 'same' AS many FROM grouped) GROUP BY many", types.NumericValueOutOfRange},
		{"of an argument before one of a state", "SELECT many, sum(CASE id WHEN 8100 THEN 9223372036854775807 WHEN 8200 THEN 9223372036854775807 ELSE 1 END), " +
			"array_agg(1 / (id - 4000)) FROM (SELECT id, id % 1200 = 0 AS many FROM grouped) GROUP BY many", types.DivisionByZero},
		{"of an argument before one of the scan", "SELECT many, array_agg(1 / (id - 4000)) FROM (SELECT id, many FROM grouped WHERE CAST(if(id = 9000, 'x', '1') AS bigint) = 1) GROUP BY many",
			types.DivisionByZero},
		{"of the scan before one of an argument", "SELECT many, array_agg(1 / (id - 9000)) FROM (SELECT id, many FROM grouped WHERE CAST(if(id = 4000, 'x', '1') AS bigint) = 1) GROUP BY many",
			types.InvalidCastArgument},
	} {
		for range repeats {
			for _, workers := range numbersOfWorkers {
				_, _, err := limitedQuery{memory: memory.NewPool(0), workers: workers, inScans: true}.run(t.Context(), t, source, c.sql)
				require.Equal(t, c.want, types.ErrorName(err), "%s: %d workers: %v", c.name, workers, err)
			}
		}
	}
}
