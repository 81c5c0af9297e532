package exec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/enginetest/conformance"
	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/internal/process"
)

// spillingOperators are statements about the table grouped, by the operator that spills with less memory. More of groups and joins are in
// spilling and spillingJoins.
var spillingOperators = map[string][]string{
	"ORDER BY": {
		"SELECT many, x, id FROM grouped ORDER BY some, d DESC, id",
		"SELECT id, ARRAY[many, some] FROM grouped ORDER BY ARRAY[coalesce(many, few, some, '')] NULLS FIRST, n",
	},
	"LIMIT below ORDER BY": {
		"SELECT id, many, x + 1 FROM (SELECT *, n + 1 AS m FROM grouped) ORDER BY x + 1, m LIMIT 400",
		"SELECT id, many, n + 1 FROM grouped ORDER BY n + 1, d + 1 DESC OFFSET 300 LIMIT 20",
	},
	"late columns": {
		"SELECT * FROM grouped ORDER BY many, id DESC LIMIT 300",
		"SELECT id, few, x FROM grouped WHERE n > 0 ORDER BY some LIMIT 170",
	},
	"WITH TIES": {
		"SELECT id, x, many || 'x' FROM grouped ORDER BY some FETCH FIRST 200 ROWS WITH TIES",
		"SELECT id, n + 1, few FROM grouped ORDER BY n + 1, few DESC OFFSET 100 ROWS FETCH FIRST 60 ROWS WITH TIES",
		"SELECT id, d + 1 FROM grouped WHERE b ORDER BY d + 1 FETCH FIRST ROW WITH TIES",
	},
	"windows": {
		"SELECT id, row_number() OVER (PARTITION BY some ORDER BY x), sum(n) OVER (PARTITION BY some ORDER BY id ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) FROM grouped",
		"SELECT id, lag(many) OVER (ORDER BY d, id), percent_rank() OVER (PARTITION BY few, n ORDER BY x) FROM grouped",
		"SELECT id, array_agg(n) OVER (PARTITION BY some ORDER BY id ROWS 2 PRECEDING), max(x) OVER (PARTITION BY many) FROM grouped",
	},
	"row_number() <= k": {
		"SELECT id, some FROM (SELECT *, row_number() OVER (PARTITION BY some, few ORDER BY x) AS place FROM grouped) WHERE place <= 2",
		"SELECT id, many, place FROM (SELECT *, rank() OVER (PARTITION BY many ORDER BY n DESC) AS place FROM grouped) WHERE place <= 1",
	},
	"MATCH_RECOGNIZE": {
		"SELECT * FROM grouped MATCH_RECOGNIZE (PARTITION BY some ORDER BY id MEASURES first(a.id) AS began, count(b.id) AS length, last(b.x) AS x " +
			"ONE ROW PER MATCH PATTERN (a b+) DEFINE b AS b.n >= prev(b.n))",
	},
	"UNION": {
		"SELECT many, n FROM grouped UNION SELECT some, n FROM grouped",
	},
	"DISTINCT": {
		"SELECT DISTINCT many, some FROM grouped",
	},
	"GROUP BY": {
		"SELECT many, count(*), sum(x), max_by(id, n) FROM grouped GROUP BY many",
		"SELECT some, few, count(DISTINCT many), array_agg(DISTINCT n ORDER BY n) FROM grouped GROUP BY some, few",
	},
	"joins": {
		"SELECT g.id, h.id, h.x FROM grouped g JOIN grouped h ON g.many = h.many",
		"SELECT g.id, h.id, h.x FROM grouped g LEFT JOIN grouped h ON g.many = h.many AND g.n < h.n",
		"SELECT g.id, h.id, h.x FROM grouped g FULL JOIN grouped h ON g.id = h.id + 7",
		"SELECT id FROM grouped WHERE many NOT IN (SELECT many FROM grouped WHERE n = 1 AND many IS NOT NULL)",
		"SELECT id FROM grouped g WHERE EXISTS (SELECT 1 FROM grouped h WHERE h.some = g.some AND h.id > g.id + 9)",
	},
	"INTERSECT": {
		"SELECT many, n FROM grouped INTERSECT SELECT many, n FROM grouped WHERE id % 3 > 0",
		"SELECT d, few, id FROM grouped INTERSECT SELECT d, few, id FROM grouped WHERE b INTERSECT SELECT -d, few, id FROM grouped",
		"SELECT with_timezone(at, IF(b, 'UTC', 'Asia/Tokyo')), many FROM grouped INTERSECT SELECT with_timezone(at, 'UTC'), many FROM grouped",
		"SELECT null, id FROM grouped INTERSECT SELECT n, id FROM grouped",
	},
	"INTERSECT ALL": {
		"SELECT some, n, few FROM grouped INTERSECT ALL SELECT some, n, few FROM grouped WHERE id % 3 > 0",
		"SELECT many, d FROM grouped INTERSECT ALL (SELECT many, d FROM grouped UNION ALL SELECT many, d FROM grouped) INTERSECT ALL SELECT many, -d FROM grouped",
	},
	"EXCEPT": {
		"SELECT many, n FROM grouped EXCEPT SELECT many, n FROM grouped WHERE id % 3 = 0",
		"SELECT id, x FROM grouped EXCEPT SELECT id, x FROM grouped WHERE b EXCEPT SELECT id + 1, x FROM grouped",
		"SELECT row(id, d), ARRAY[n] FROM grouped EXCEPT SELECT row(id, d), ARRAY[n] FROM grouped WHERE n > 0",
		"SELECT id FROM grouped EXCEPT SELECT id FROM grouped WHERE false",
	},
	"EXCEPT ALL": {
		"SELECT some, n, b FROM grouped EXCEPT ALL SELECT some, n, b FROM grouped WHERE id % 3 = 0",
		"(SELECT many FROM grouped UNION ALL SELECT some FROM grouped) EXCEPT ALL SELECT some FROM grouped WHERE n = 1 EXCEPT ALL SELECT many FROM grouped",
	},
}

// TestSpilledOperators: answers and their order are the same whatever is spilled.
func TestSpilledOperators(t *testing.T) {
	t.Parallel() // its memory and its disk are its own
	rows, numbersOfWorkers, limits := 1500, []int{1, 2, 7}, []int64{1, 20_000, 200_000}
	if testing.Short() {
		rows, limits = 600, limits[:2]
	}
	if process.UnderRace {
		rows, numbersOfWorkers = 400, numbersOfWorkers[2:]
	}
	source := grouped(t, rows)
	for name, statements := range spillingOperators {
		t.Run(name, func(t *testing.T) {
			for i, sql := range statements {
				source.GroupRows, source.Dictionaries = []int{100, 37, 250}[i%3], i%2 == 0
				requireSpillsAlike(t, source, sql, numbersOfWorkers, limits)
			}
		})
	}
}

// requireSpillsAlike asks a statement with some numbers of workers and some limits of memory. The statement spills with the first limit.
func requireSpillsAlike(t *testing.T, source *conformance.Source, sql string, numbersOfWorkers []int, limits []int64) {
	t.Helper()
	want := answerText(t, source, sql, 1)
	require.NotEmpty(t, want, sql)
	for w, workers := range numbersOfWorkers {
		for i, spillsFrom := range limits {
			if exec.IsLeftOut(len(sql), w, i) {
				continue
			}
			q := limitedQuery{workers: workers, memory: memory.SpillingPool(spillsFrom), inScans: (i+workers)%2 == 0}
			got, spilled, err := q.run(t.Context(), t, source, sql)
			require.NoError(t, err, sql)
			require.Equal(t, want, got, "%s: %d workers, %d bytes", sql, workers, spillsFrom)
			if i == 0 {
				require.Positive(t, spilled, sql)
			}
		}
	}
}

// TestSetOperationsWithinMemory: first inputs that are larger than the memory, of many rows and of many equal ones.
func TestSetOperationsWithinMemory(t *testing.T) {
	if process.UnderRace {
		t.Skip("memory is counted alike; TestSpilledOperators and TestRowsFoundInScans have the same goroutines")
	}
	source := grouped(t, 8000)
	source.GroupRows, source.Dictionaries = 250, true
	for sql, spillsWithin := range map[string]int64{
		"SELECT id, many, x FROM grouped INTERSECT SELECT id, many, x FROM grouped WHERE b":                            600_000,
		"SELECT id, many, some FROM grouped EXCEPT ALL SELECT id, many, some FROM grouped WHERE n = 1":                 600_000,
		"SELECT rpad(few, 130, '.') FROM grouped INTERSECT ALL SELECT rpad(few, 130, '.') FROM grouped WHERE id > 500": 600_000,
	} {
		requireSpillsWithin(t, source, sql, spillsWithin)
	}
}
