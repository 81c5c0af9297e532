package exec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
)

// TestPatternsBesideEachOther: workers look for matches in pieces of the partitions at once; the answers, their order and the first error are those
// of one.
func TestPatternsBesideEachOther(t *testing.T) {
	source := grouped(t, 70_000)
	source.GroupRows = 10_000
	for _, c := range []struct{ sql, fails string }{
		{sql: "SELECT id, m, c, ups, l FROM grouped MATCH_RECOGNIZE (PARTITION BY some ORDER BY id MEASURES match_number() AS m, classifier() AS c, count(up.*) AS ups, last(some) AS l " +
			"ALL ROWS PER MATCH AFTER MATCH SKIP PAST LAST ROW PATTERN (start up*) DEFINE up AS up.n >= prev(up.n)) x WHERE id % 50 = 0"},
		{sql: "SELECT some, ups, longest FROM grouped MATCH_RECOGNIZE (PARTITION BY some ORDER BY id MEASURES count(up.*) AS ups, max(up.many) AS longest " +
			"ONE ROW PER MATCH PATTERN (up{2,} down) DEFINE up AS up.b, down AS NOT down.b) x"},
		{sql: "SELECT some, q FROM grouped MATCH_RECOGNIZE (PARTITION BY some ORDER BY id MEASURES 100 / (last(up.n) - 1) AS q ONE ROW PER MATCH PATTERN (up+) DEFINE up AS up.n >= 0) x",
			fails: types.DivisionByZero},
	} {
		var want []string
		for _, workers := range []int{1, 2} {
			got, _, err := limitedQuery{memory: memory.NewPool(0), workers: workers, inScans: true}.run(t.Context(), t, source, c.sql)
			if c.fails != "" {
				require.Equal(t, c.fails, types.ErrorName(err), "%d workers: %s: %v", workers, c.sql, err)
				continue
			}
			require.NoError(t, err, c.sql)
			if workers == 1 {
				require.NotEmpty(t, got, c.sql)
				want = got
			}
			require.Equal(t, want, got, "%d workers: %s", workers, c.sql)
		}
	}
}
