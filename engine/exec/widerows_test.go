package exec_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/internal/process"
)

// TestRowGroupsThatAreMuchOfTheMemory: the rows of one row group take about a tenth of what a statement may hold, as 8,192 whole events do of
// 128 MiB. What workers read ahead then takes nothing that operators need for spilling, whoever is faster, and no row is lost by waiting.
func TestRowGroupsThatAreMuchOfTheMemory(t *testing.T) {
	const groupRows, textBytes = 2048, 1500
	source := grouped(t, 10*groupRows)
	source.GroupRows = groupRows
	long := fmt.Sprintf("(SELECT id, some, rpad(cast(id * 7919 %% 10007 AS varchar), %d, 'x') AS long FROM grouped)", textBytes)
	numbersOfWorkers := []int{1, 2, 7}
	if process.UnderRace {
		numbersOfWorkers = []int{2}
	}
	const batchBytes, multipliedBytes = groupRows * textBytes, batch.Rows * textBytes
	for _, c := range []struct {
		sql        string
		batchBytes int64 // of the largest batch that operators give each other
	}{
		{"SELECT id, substr(long, 1, 9) FROM (SELECT * FROM %s ORDER BY long, id OFFSET 5)", batchBytes},
		{"SELECT count(*), count(DISTINCT long) FROM %s", batchBytes},
		{"SELECT some, count(DISTINCT long) FROM %s GROUP BY some", batchBytes},
		{"SELECT count(*), max(long) FROM (SELECT DISTINCT long, some FROM %s)", batchBytes},
		{"SELECT count(*), max(long) FROM (SELECT long, row_number() OVER (PARTITION BY some ORDER BY long DESC) AS r FROM %s) WHERE r > 3", batchBytes},
		{"SELECT count(*), max(a.long) FROM %[1]s a JOIN %[1]s b ON a.long = b.long", batchBytes},
		{"SELECT count(*), sum(n), max(long) FROM (SELECT long, n FROM %s CROSS JOIN UNNEST(sequence(1, 4)) AS t(n) ORDER BY long, n OFFSET 10)", multipliedBytes},
		{"SELECT count(*), max(l) FROM (SELECT long || cast(n AS varchar) AS l FROM %s CROSS JOIN UNNEST(sequence(1, 4)) AS t(n)) GROUP BY l HAVING max(l) LIKE '99%%'", multipliedBytes},
	} {
		sql := fmt.Sprintf(c.sql, long)
		want, _, err := limitedQuery{memory: memory.NewPool(0), workers: 1}.run(t.Context(), t, source, sql)
		require.NoError(t, err, sql)
		for _, workers := range numbersOfWorkers {
			q := limitedQuery{memory: memory.NewPool(11 * c.batchBytes), workers: workers, inScans: true}
			got, spilled, err := q.run(t.Context(), t, source, sql)
			require.NoError(t, err, "%s: %d workers", sql, workers)
			require.Equal(t, want, got, "%s: %d workers", sql, workers)
			require.Positive(t, spilled, sql)
		}
	}
}
