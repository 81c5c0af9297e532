package exec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
)

// distinctBelow are statements that read all rows of a DISTINCT, or of the first input of EXCEPT or INTERSECT, which may so be read ahead.
var distinctBelow = []string{
	"SELECT array_agg(row(many, d, id)) FROM (SELECT DISTINCT many, d, id FROM grouped)",
	"SELECT array_agg(row(some, d)), count(DISTINCT s) FROM (SELECT DISTINCT some, d, CAST(d AS varchar) s FROM grouped)",
	"SELECT some, array_agg(many), array_agg(id) FROM (SELECT DISTINCT some, many, id / 3 AS id FROM grouped) WHERE id % 7 > 0 GROUP BY some",
	"SELECT many, n, count(*) FROM (SELECT DISTINCT many, n, at FROM grouped) GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 30",
	"SELECT DISTINCT few, many, id FROM grouped ORDER BY id, many",
	"SELECT DISTINCT few, many, id FROM grouped ORDER BY id DESC LIMIT 20",
	"SELECT few, many, sum(id) OVER (PARTITION BY few ORDER BY id, many) FROM (SELECT DISTINCT few, many, id FROM grouped)",
	"SELECT count(*), count(a), array_agg(b) FROM (SELECT many a, some b FROM grouped UNION SELECT some, many FROM grouped)",
	"SELECT array_agg(row(id, many)) FROM (SELECT DISTINCT id, many FROM grouped WHERE id % 2000 < 100 OR id > 9000)",
	"SELECT count(*), min(a), max(b) FROM (SELECT DISTINCT * FROM (VALUES (1, 'a'), (1, 'a'), (2, 'b')) AS v (a, b))",
	"SELECT count(*) FROM (SELECT DISTINCT many, id FROM grouped WHERE id < 0)",
	"WITH w AS (SELECT DISTINCT many, some, d FROM grouped) SELECT array_agg(row(a.many, a.d, b.d)) FROM w a JOIN w b ON a.many = b.many AND a.some = b.some AND a.d < b.d",
	"WITH w AS (SELECT DISTINCT many, id / 5 AS id FROM grouped) (SELECT id, many FROM w LIMIT 40) UNION ALL SELECT max(a.id), a.many FROM w a JOIN w b ON a.id = b.id + 1 GROUP BY 2",
	"SELECT array_agg(row(id, many IN (SELECT many FROM (SELECT DISTINCT many, some FROM grouped WHERE id % 3 = 0)))) FROM (SELECT DISTINCT id, many FROM grouped)",
	"SELECT many, d, id FROM grouped EXCEPT SELECT many, d, id FROM grouped WHERE id % 3 = 0",
	"SELECT array_agg(row(some, many, id)) FROM (SELECT some, many, id FROM grouped INTERSECT SELECT some, many, id FROM grouped WHERE id % 5 > 1)",
	"SELECT some, d FROM grouped INTERSECT SELECT few, d FROM grouped",
	"SELECT id, many FROM grouped WHERE id % 2000 < 100 OR id > 9000 EXCEPT SELECT id, many FROM grouped WHERE id > 11000 EXCEPT SELECT id + 1, many FROM grouped",
	"SELECT id, many FROM grouped WHERE id < 0 EXCEPT SELECT id, many FROM grouped",
}

// readAhead is one way to ask a statement whose operators read ahead.
type readAhead struct {
	groupRows    int
	dictionaries bool
	workers      int
	limitBytes   int64
}

// TestDistinctReadAhead: the first rows of a DISTINCT whose rows are all read are those of one worker, and come in their order, also when it soon
// has to take one batch after another, or to spill, for lack of memory.
func TestDistinctReadAhead(t *testing.T) {
	source := grouped(t, 12_000)
	ways := []readAhead{{2000, false, 7, 0}, {1200, true, 2, 24 << 20}, {1500, true, 2, 3 << 20}, {1500, true, 2, 0}, {300, true, 2, 0}, {4000, true, 2, 64 << 20},
		{1500, false, 2, 6 << 20}}
	if testing.Short() {
		ways = ways[:3] // with room for all, for some batches, and only for spilling
	}
	for _, sql := range distinctBelow {
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

// TestDistinctReadAheadErrors: an error of what is read ahead comes after those of what is done with the rows before it.
func TestDistinctReadAheadErrors(t *testing.T) {
	repeats, numbersOfWorkers := 5, []int{7, 2, 1}
	if testing.Short() {
		repeats, numbersOfWorkers = 2, numbersOfWorkers[:2]
	}
	source := grouped(t, 24_000)
	source.GroupRows, source.Dictionaries = 2000, true
	for _, c := range []struct{ name, sql, want string }{
		{"of a row that is passed on before one of the input", "SELECT array_agg(1 / (id - 4000)) FROM (SELECT DISTINCT id, many FROM grouped WHERE CAST(if(id = 9000, 'x', '1') AS bigint) = 1)",
			types.DivisionByZero},
		{"of the input before one of a row that is passed on", "SELECT array_agg(1 / (id - 9000)) FROM (SELECT DISTINCT id, many FROM grouped WHERE CAST(if(id = 4000, 'x', '1') AS bigint) = 1)",
			types.InvalidCastArgument},
		{"of the first input of EXCEPT", "SELECT id, many FROM grouped WHERE CAST(if(id = 9000, 'x', '1') AS bigint) = 1 EXCEPT SELECT 1 / (id - 4000), many FROM grouped",
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
