package exec_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/enginetest/conformance"
	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/internal/process"
	"github.com/auditlake/auditlake/planner/types"
)

// TestPartsOfPieces: what is computed above windows over one partition of many rows is the same however many workers do parts of it, and however
// little memory there is for what they do ahead; an error is one when its turn comes.
func TestPartsOfPieces(t *testing.T) {
	const rows = 140_000
	source := grouped(t, rows)
	source.GroupRows = 8192
	const gaps = "(SELECT id, few, many, n, at, id * 7 % 1009 - lag(id * 7 % 1009, 3, -1) OVER (ORDER BY id) g, row_number() OVER (ORDER BY id) r FROM grouped)"
	for i, sql := range []string{
		"SELECT g, id FROM " + gaps + " ORDER BY g DESC, id LIMIT 40",
		"SELECT many, few, g FROM " + gaps + " WHERE r % 3 = 1 ORDER BY many NULLS FIRST, id OFFSET 9 LIMIT 5000",
		"SELECT few, count(*), sum(g), max(many) FROM " + gaps + " WHERE g > 0 GROUP BY few",
		"SELECT many, min(g) FROM " + gaps + " GROUP BY many ORDER BY 2, 1 LIMIT 100",
		"SELECT id, upper(many), rpad(CAST(g + r AS varchar), 300, 'x') FROM " + gaps + " WHERE n = 2",
	} {
		if process.UnderRace && i%2 > 0 {
			continue
		}
		want := answerText(t, source, sql, 1)
		require.Equal(t, want, answerText(t, source, sql, 3), sql)
		answered, step := 0, int64(3<<20)
		if process.UnderRace {
			step = 12 << 20
		}
		for limitBytes := int64(16 << 20); limitBytes <= 40<<20; limitBytes += step {
			got, _, err := limitedQuery{memory: memory.NewPool(limitBytes), workers: 3, inScans: true}.run(t.Context(), t, source, sql)
			if memory.IsFull(err) {
				continue
			}
			require.NoError(t, err, "%s within %d bytes", sql, limitBytes)
			require.Equal(t, want, got, "%s within %d bytes", sql, limitBytes)
			answered++
		}
		require.Positive(t, answered, sql)
	}
	const quotients = "SELECT 1 / (r - 100000) q FROM " + gaps
	numbersOfWorkers := []int{3, 1}
	if testing.Short() {
		numbersOfWorkers = numbersOfWorkers[:1]
	}
	for _, workers := range numbersOfWorkers {
		r := &conformance.Runner{Source: source, Env: func(env *exec.Env) { env.Workers = workers }}
		_, err := r.Run(t.Context(), quotients)
		require.Equal(t, types.DivisionByZero, types.ErrorName(err), "%d workers: %v", workers, err)
		require.Len(t, answerText(t, source, quotients+" LIMIT 99000", workers), 99_000, "%d workers", workers)
	}
}

// TestPartsAfterGroupingIsStopped: where keys of one part are too long to be grouped beside each other, no group of what was begun before comes
// twice.
func TestPartsAfterGroupingIsStopped(t *testing.T) {
	source := grouped(t, 200_000)
	source.GroupRows = 8192
	const sql = `SELECT key, count(*), sum(g), sum(h) FROM (
		SELECT CASE WHEN id < 140000 THEN 'k' || CAST(id % 100000 AS varchar) WHEN id < 148192 THEN 'k' || CAST(90000 + id % 100 AS varchar)
			ELSE rpad(CAST(id AS varchar), 2000, 'x') END key, g, h, i, j
		FROM (SELECT id, lag(id, 3) OVER w g, count(n) OVER (PARTITION BY id >= 140000 ORDER BY id ROWS BETWEEN 50 PRECEDING AND CURRENT ROW) h,
			max(n) OVER (PARTITION BY id >= 140000 ORDER BY id ROWS BETWEEN 500 PRECEDING AND CURRENT ROW) i,
			max(x) OVER (PARTITION BY id >= 140000 ORDER BY id ROWS BETWEEN 500 PRECEDING AND CURRENT ROW) j
			FROM grouped WHERE id < 160000 WINDOW w AS (PARTITION BY id >= 140000 ORDER BY id))
		WHERE i > -100 OR j > 0 OR id >= 0) GROUP BY key`
	want := answerText(t, source, sql, 1)
	slices.Sort(want)
	limits := []int64{72 << 20, 68 << 20, 60 << 20}
	if testing.Short() {
		limits = limits[:1] // the others differ in where grouping is stopped
	}
	answered := 0
	for _, limitBytes := range limits {
		got, _, err := limitedQuery{memory: memory.NewPool(limitBytes), workers: 4, inScans: true}.run(t.Context(), t, source, sql)
		if memory.IsFull(err) {
			continue
		}
		require.NoError(t, err)
		slices.Sort(got)
		require.Equal(t, want, got, "within %d bytes", limitBytes)
		answered++
	}
	require.Positive(t, answered)
}
