package exec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/enginetest/conformance"
	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/planner/types"
)

// TestJoinsInScans joins, and spreads lists, in the workers of the left scan, as its stage, and above it, as
// where operators are measured: rows and their order are the same, however many workers
// there are, with any row groups, and whether or not texts of keys are told apart by their numbers.
func TestJoinsInScans(t *testing.T) {
	t.Parallel() // its memory and its disk are its own
	const rows = 120
	source := grouped(t, rows)
	groups, workers := []int{3, 64, rows}, []int{1, 2, 7}
	if testing.Short() {
		groups, workers = []int{7}, []int{1, 7}
	}
	for _, sql := range []string{
		"SELECT g.id, h.id FROM grouped g JOIN grouped h ON g.many = h.many",
		"SELECT h.some, g.x FROM grouped g JOIN grouped h ON g.some = h.some AND g.id <= h.id",
		"SELECT g.id, h.some FROM grouped g LEFT JOIN grouped h ON g.n = h.n AND h.id BETWEEN g.id AND g.id + 9 AND h.b",
		"SELECT g.id, h.few, h.id FROM grouped g LEFT JOIN (SELECT * FROM grouped WHERE id < 0) h ON g.some = h.some",
		"SELECT g.id FROM grouped g JOIN (SELECT * FROM grouped WHERE id < 0) h ON g.some = h.some",
		"SELECT g.d, h.d, g.few FROM grouped g JOIN grouped h ON g.d = h.d AND g.few = h.few WHERE h.id < 40",
		"SELECT count(*) FROM grouped g CROSS JOIN grouped h",
		"SELECT count(*), count(DISTINCT h.many), max(h.few) FROM grouped g JOIN grouped h ON g.few = h.few",
		"SELECT g.few, count(*), count(DISTINCT h.some) FROM grouped g JOIN grouped h ON g.n = h.n GROUP BY g.few",
		"SELECT g.id, h.id, i.some FROM grouped g JOIN grouped h ON g.many = h.many JOIN grouped i ON h.id = i.id AND i.n > 0",
		"SELECT g.id, h.id, i.some FROM grouped g JOIN grouped h ON g.some = h.some LEFT JOIN grouped i ON h.id = i.id - 1 WHERE g.id < 50",
		"SELECT upper(h.few), g.id + h.id FROM grouped g JOIN grouped h ON g.id = h.n WHERE g.b OR h.b",
		"SELECT g.id, h.id FROM grouped g RIGHT JOIN grouped h ON g.many = h.many AND g.b",
		"SELECT g.some, h.id FROM grouped g FULL JOIN grouped h ON g.many = h.many AND g.n = h.id",
		"SELECT id FROM grouped g WHERE EXISTS (SELECT 1 FROM grouped h WHERE h.many = g.many AND h.b)",
		"SELECT id FROM grouped g WHERE NOT EXISTS (SELECT 1 FROM grouped h WHERE h.d = g.d AND h.few = g.few AND h.n = 1)",
		"SELECT id, some FROM grouped g WHERE EXISTS (SELECT 1 FROM grouped h WHERE h.some = g.some AND h.id > g.id)",
		"SELECT id FROM grouped WHERE many IN (SELECT many FROM grouped WHERE n = 2)",
		"SELECT id, many NOT IN (SELECT many FROM grouped WHERE id < 9), d IN (SELECT d FROM grouped WHERE d IS NOT NULL) FROM grouped",
		"SELECT id FROM grouped WHERE row(few, n) IN (SELECT few, n FROM grouped WHERE id < 30)",
		"SELECT few, count(*) FROM grouped WHERE some NOT IN (SELECT some FROM grouped WHERE id < 3 AND some IS NOT NULL) GROUP BY few",
		"SELECT count(*) FROM grouped WHERE EXISTS (SELECT 1 FROM grouped WHERE id = 7)",
		"SELECT g.id, h.id FROM grouped g JOIN grouped h ON g.few = h.few LIMIT 1000",
		"SELECT id, e, o FROM grouped CROSS JOIN UNNEST(sequence(0, id % 5)) WITH ORDINALITY AS u(e, o) WHERE e <> 2",
		"SELECT id, e, f FROM grouped LEFT JOIN UNNEST(filter(sequence(1, 9), i -> i < n), ARRAY[few, some]) AS u(e, f) ON TRUE",
		"SELECT e, count(*), count(DISTINCT many) FROM grouped CROSS JOIN UNNEST(sequence(0, id % 9)) AS u(e) GROUP BY e",
		"SELECT id, w, o FROM grouped LEFT JOIN UNNEST(split(some, '1')) WITH ORDINALITY AS u(w, o) ON TRUE",
		"SELECT w, length(w), count(*), count(DISTINCT few) FROM grouped CROSS JOIN UNNEST(split(upper(many), '1')) AS u(w) GROUP BY w",
		"SELECT parts, w, cardinality(parts), count(*) FROM (SELECT few, split(many, '2') parts FROM grouped) CROSS JOIN UNNEST(parts, ARRAY[few]) AS u(w, f) GROUP BY parts, w",
		"SELECT parts, w FROM (SELECT split(some, '2') parts, split(some, '2')[1] part FROM grouped) CROSS JOIN UNNEST(parts) AS u(w) WHERE w <> part ORDER BY parts, w DESC",
		"SELECT p, q FROM (SELECT split(some, '1') parts FROM grouped) CROSS JOIN UNNEST(parts) AS u(p) CROSS JOIN UNNEST(parts) AS v(q) WHERE p < q",
		"SELECT g.id, e, h.some FROM grouped g CROSS JOIN UNNEST(ARRAY[g.id, g.id + 1]) AS u(e) JOIN grouped h ON h.id = e",
		"SELECT count(*), sum(e) FROM grouped CROSS JOIN UNNEST(sequence(1, 3000)) AS u(e)",
		"SELECT count(*), max(id), sum(e) FROM (SELECT id, e FROM grouped CROSS JOIN UNNEST(sequence(1, 4500 * (id % 3))) AS u(e) LIMIT 20000)",
	} {
		var everyRow []string
		for _, groupRows := range groups {
			for _, dictionaries := range []bool{false, true} {
				source.GroupRows, source.Dictionaries = groupRows, dictionaries
				var want []string
				for _, workers := range workers {
					for _, c := range []struct {
						measured bool // the join is no stage of the scan
						numbers  *batch.TextNumbers
					}{{true, nil}, {false, nil}, {false, textNumbers}} {
						r := &conformance.Runner{Source: source, Env: func(env *exec.Env) {
							env.Workers, env.Stats, env.Numbers = workers, exec.NewStats(c.measured), c.numbers
						}}
						answer, err := r.Run(t.Context(), sql)
						require.NoError(t, err, sql)
						got := rowTexts(answer)
						if want == nil {
							want = got
						}
						require.Equal(t, want, got, "%s: row groups of %d, %d workers, measured: %t, numbers: %t", sql, groupRows, workers, c.measured, c.numbers != nil)
					}
				}
				if everyRow == nil {
					everyRow = want
				}
				require.Equal(t, everyRow, want, "%s: row groups of %d", sql, groupRows)
			}
		}
	}
}

// TestJoinErrorsInScans fails where the condition of a join cannot be computed for a pair of rows,
// after the rows that come before, and not where a LIMIT has enough before.
func TestJoinErrorsInScans(t *testing.T) {
	for _, c := range []struct {
		name, sql, want string
	}{
		{"pair", "SELECT count(*) FROM grouped g JOIN grouped h ON g.id = h.id AND 1 / (g.id - 150 + h.id - 150) < 9", types.DivisionByZero},
		{"above", "SELECT sum(1 / (g.id - 150)) FROM grouped g JOIN grouped h ON g.id = h.id", types.DivisionByZero},
		{"exists", "SELECT count(*) FROM grouped g WHERE EXISTS (SELECT 1 FROM grouped h WHERE g.id = h.id AND 1 / (g.id - 150 + h.id - 150) < 9)", types.DivisionByZero},
		{"not reached", "SELECT g.id FROM grouped g JOIN grouped h ON g.id = h.id AND 1 / (g.id - 150 + h.id - 150) < 9 LIMIT 100", ""},
		{"right side", "SELECT count(*) FROM grouped g JOIN (SELECT 1 / (id - 150) q FROM grouped) h ON g.id = h.q", types.DivisionByZero},
	} {
		for _, workers := range []int{1, 2, 7} {
			source := grouped(t, 300)
			source.GroupRows = 10
			r := &conformance.Runner{Source: source, Env: func(env *exec.Env) { env.Workers = workers }}
			_, err := r.Run(t.Context(), c.sql)
			if c.want == "" {
				require.NoError(t, err, "%s, %d workers", c.name, workers)
				continue
			}
			require.Equal(t, c.want, types.ErrorName(err), "%s, %d workers: %v", c.name, workers, err)
		}
	}
}

// TestJoinNeedsNoLeftRows reads nothing of the left side where the right one of an inner join is empty.
func TestJoinNeedsNoLeftRows(t *testing.T) {
	for _, c := range []struct {
		sql  string
		read bool
	}{
		{"SELECT g.text FROM numbers g JOIN (SELECT digit FROM numbers WHERE id < 0 AND digit < 3) h ON g.id = h.digit", false},
		{"SELECT g.text FROM numbers g LEFT JOIN (SELECT digit FROM numbers WHERE id < 0 AND digit < 3) h ON g.id = h.digit", true},
	} {
		source := numbers(t, 1000, 10)
		_, _, err := (&runner{source: source, optimize: true}).stats(t, c.sql, 2, 0)
		require.NoError(t, err)
		require.Equal(t, c.read, source.ReadsOf("text") > 0, c.sql)
	}
}
