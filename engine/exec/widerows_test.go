package exec_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/enginetest/conformance"
	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/internal/process"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
)

// TestRowGroupsThatAreMuchOfTheMemory: the rows of one row group take about a tenth of what a statement may hold, as 8,192 whole events do of
// 128 MiB. What workers read ahead then takes nothing that operators need for spilling, whoever is faster, and no row is lost by waiting.
func TestRowGroupsThatAreMuchOfTheMemory(t *testing.T) {
	t.Parallel() // its memory and its disk are its own
	const groupRows, textBytes = 2048, 1500
	source := withLongTexts(t, grouped(t, 10*groupRows), textBytes)
	source.GroupRows = groupRows
	numbersOfWorkers := []int{1, 2, 7}
	if process.UnderRace {
		numbersOfWorkers = []int{2}
	}
	const batchBytes, multipliedBytes = groupRows * textBytes, batch.Rows * textBytes
	for i, c := range []struct {
		sql        string
		batchBytes int64 // of the largest batch that operators give each other
	}{
		{"SELECT id, substr(long, 1, 9) FROM (SELECT * FROM grouped ORDER BY long, id OFFSET 5)", batchBytes},
		{"SELECT count(*), count(DISTINCT long) FROM grouped", batchBytes},
		{"SELECT some, count(DISTINCT long) FROM grouped GROUP BY some", batchBytes},
		{"SELECT count(*), max(long) FROM (SELECT DISTINCT long, some FROM grouped)", batchBytes},
		{"SELECT count(*), max(long) FROM (SELECT long, row_number() OVER (PARTITION BY some ORDER BY long DESC) AS r FROM grouped) WHERE r > 3", batchBytes},
		{"SELECT count(*), max(a.long) FROM grouped a JOIN grouped b ON a.long = b.long", batchBytes},
		{"SELECT count(*), sum(i), max(long) FROM (SELECT long, i FROM grouped CROSS JOIN UNNEST(sequence(1, 4)) AS t(i) ORDER BY long, i OFFSET 10)", multipliedBytes},
		{"SELECT count(*), max(l) FROM (SELECT long || cast(i AS varchar) AS l FROM grouped CROSS JOIN UNNEST(sequence(1, 4)) AS t(i)) GROUP BY l HAVING max(l) LIKE '99%'", multipliedBytes},
	} {
		if process.UnderRace && (i%2 > 0 || c.batchBytes > batchBytes) {
			continue
		}
		sql := c.sql
		want, _, err := limitedQuery{memory: memory.NewPool(0), workers: 1}.run(t.Context(), t, source, sql)
		require.NoError(t, err, sql)
		for w, workers := range numbersOfWorkers {
			if exec.IsLeftOut(i, w) {
				continue
			}
			q := limitedQuery{memory: memory.NewPool(11 * c.batchBytes), workers: workers, inScans: true}
			got, spilled, err := q.run(t.Context(), t, source, sql)
			require.NoError(t, err, "%s: %d workers", sql, workers)
			require.Equal(t, want, got, "%s: %d workers", sql, workers)
			require.Positive(t, spilled, sql)
		}
	}
}

// TestConditionsOnWindows: a condition that is looked at before the other columns of a window's rows are gathered leaves the same rows as one that
// is looked at after, whether all are in memory or not, and however much memory a row takes.
func TestConditionsOnWindows(t *testing.T) {
	rows, limitBytes := 4000, int64(16<<20)
	windows := []string{"(ORDER BY at)", "(PARTITION BY some ORDER BY few, id)", "(ORDER BY n, id)"}
	conditions := []string{"r % 7 = 3", "r > 0", "r > 1", "r = 3999", "r > 100000", "r % 7 = 3 AND g > 0 AND n < 3", "g IS NULL"}
	if testing.Short() {
		rows, limitBytes, windows, conditions = rows/2, limitBytes/2, windows[:2], conditions[:1]
	}
	source := withLongTexts(t, grouped(t, rows), 9000) // all rows take more than a batch should
	source.GroupRows = 200
	for w, window := range windows {
		for c, condition := range conditions {
			if exec.IsLeftOut(w, c) {
				continue
			}
			from := "FROM (SELECT id, n, long, few, row_number() OVER " + window + " r, n - lag(n) OVER " + window + " g FROM grouped) WHERE "
			for _, bytes := range []int64{0, limitBytes} {
				answer := func(where string) []string {
					q := limitedQuery{memory: memory.NewPool(bytes), workers: 2, inScans: true}
					got, spilled, err := q.run(t.Context(), t, source, "SELECT id, substr(long, 1, 9), length(long), few, r, g "+from+where)
					require.NoError(t, err, "%s %s", window, where)
					require.Equal(t, bytes > 0, spilled > 0)
					return got
				}
				require.Equal(t, answer("id >= 0 AND "+condition), answer(condition), "%s %s", window, condition)
			}
		}
	}
}

// withLongTexts adds a column of texts so long to the table grouped, of which some are equal.
func withLongTexts(t *testing.T, source *conformance.Source, textBytes int) *conformance.Source {
	table := source.Tables["grouped"]
	values := make([]types.Value, table.Rows)
	for row := range values {
		start := fmt.Sprint(row * 7919 % 10007)
		values[row] = types.Value{Type: types.VarcharType, V: start + strings.Repeat("x", textBytes-len(start))}
	}
	a, err := function.ArrayOf(types.VarcharType, values)
	require.NoError(t, err)
	table.Meta.Columns = append(table.Meta.Columns, metadata.Column{Name: "long", Type: types.VarcharType})
	table.Columns = append(table.Columns, a)
	return source
}
