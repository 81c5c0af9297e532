package exec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
)

// TestStatementsWithinMemory runs statements that must keep much with too small
// a budget, and ones that need not with the same.
func TestStatementsWithinMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	for _, c := range []struct {
		name, sql string
		fits      bool
	}{
		{"collected values", "SELECT array_agg(text) FROM numbers", false},
		{"distinct values", "SELECT count(DISTINCT text) FROM numbers", false},
		{"many groups", "SELECT text, count(*) FROM numbers GROUP BY text", false},
		{"histogram", "SELECT histogram(text) FROM numbers", false},
		{"ordered aggregate", "SELECT array_agg(id ORDER BY text) FROM numbers", false},
		{"window", "SELECT text, row_number() OVER (ORDER BY id) FROM numbers", false},
		{"sort", "SELECT text FROM numbers ORDER BY text", false},
		{"set operation", "SELECT text FROM numbers INTERSECT SELECT text FROM numbers", false},
		{"self join", "SELECT count(*) FROM numbers a JOIN numbers b ON a.text = b.text", false},
		{"few groups", "SELECT digit, count(*), max(text) FROM numbers GROUP BY digit", true},
		{"top-N", "SELECT text FROM numbers ORDER BY id DESC LIMIT 3", true},
		{"correlated subquery in a join's condition", "SELECT count(*) FROM (SELECT id FROM numbers WHERE id < 511) a JOIN (SELECT id FROM numbers WHERE id < 511) b " +
			"ON a.id = b.id AND (SELECT count(*) FROM (VALUES 1, 500) AS v (x) WHERE v.x < a.id) = 1", true},
		{"rows passed on", "SELECT upper(text) FROM numbers WHERE digit < 9", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			pool := memory.NewPool(600_000)
			r := &runner{source: numbers(t, 20_000, 100), optimize: true, memory: pool}
			_, err := r.run(c.sql)
			if c.fits {
				require.NoError(t, err)
			} else {
				require.Equal(t, types.ExceededMemoryLimit, types.ErrorName(err))
			}
			require.Zero(t, pool.UsedBytes())
		})
	}
}
