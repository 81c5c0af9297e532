package exec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/enginetest/conformance"
	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/internal/process"
	"github.com/auditlake/auditlake/planner/types"
)

// pieces are rows enough for several pieces of partitions, and for a partition top-N that cuts several times.
const pieces = 60_000

// TestStagesOfPieces: what is computed above windows is the same, in the same order, however many workers do it, and so is what workers of a
// scan leave of the rows of which some of each partition are wanted.
func TestStagesOfPieces(t *testing.T) {
	source := grouped(t, pieces)
	for _, sql := range []string{
		"SELECT some, max(g), sum(g), count(*), count(DISTINCT g) FROM (SELECT some, n - lag(n) OVER (PARTITION BY many ORDER BY id) g FROM grouped) GROUP BY some",
		"SELECT id, upper(few), r + 1 FROM (SELECT id, few, row_number() OVER (PARTITION BY many, b ORDER BY at) r FROM grouped) WHERE r % 7 = 3",
		"SELECT many, count(*), min(r) FROM (SELECT many, rank() OVER (PARTITION BY some ORDER BY n) r FROM grouped) GROUP BY many ORDER BY 1 LIMIT 500",
		"SELECT sum(x * r) FROM (SELECT x, row_number() OVER (PARTITION BY many ORDER BY id) r FROM grouped)",
		"SELECT many, id, r FROM (SELECT many, id, row_number() OVER (PARTITION BY many ORDER BY at) r FROM grouped) WHERE r <= 1",
		"SELECT some, few, id FROM (SELECT some, few, id, row_number() OVER (PARTITION BY some, few ORDER BY x DESC, id) r FROM grouped) WHERE r <= 40",
		"SELECT some, b, id, r FROM (SELECT some, b, id, rank() OVER (PARTITION BY some, b ORDER BY at, n) r FROM grouped WHERE n > -3) WHERE r <= 30",
		"SELECT some, id, r FROM (SELECT some, id, dense_rank() OVER (PARTITION BY some, n ORDER BY d) r FROM grouped WHERE id < 50000) WHERE r <= 1",
	} {
		var want []string
		for _, workers := range []int{1, 3} {
			for _, groupRows := range []int{8192, 3000} {
				if process.UnderRace && workers == 1 && want != nil {
					continue
				}
				if testing.Short() && workers > 1 && groupRows == 8192 {
					continue // more row groups are more that workers do beside each other
				}
				source.GroupRows, source.Dictionaries = groupRows, workers > 1
				got := answerText(t, source, sql, workers)
				if want == nil {
					want = got
				}
				require.Equal(t, want, got, "%s: row groups of %d, %d workers", sql, groupRows, workers)
			}
		}
	}
}

// TestErrorsOfPieces: what cannot be computed of a row is an error when its turn comes, and none where a LIMIT ends before it.
func TestErrorsOfPieces(t *testing.T) {
	source := grouped(t, pieces)
	source.GroupRows = 8192
	const quotients = "SELECT 1 / (id - 30000) q FROM (SELECT id, row_number() OVER (PARTITION BY id / 10 ORDER BY at) r FROM grouped)"
	for _, workers := range []int{1, 3} {
		r := &conformance.Runner{Source: source, Env: func(env *exec.Env) { env.Workers = workers }}
		_, err := r.Run(t.Context(), quotients)
		require.Equal(t, types.DivisionByZero, types.ErrorName(err), "%d workers: %v", workers, err)
		_, err = r.Run(t.Context(), "SELECT q, count(*) FROM ("+quotients+") GROUP BY q")
		require.Equal(t, types.DivisionByZero, types.ErrorName(err), "grouped, %d workers: %v", workers, err)
		require.Len(t, answerText(t, source, quotients+" LIMIT 29000", workers), 29_000, "%d workers", workers)
	}
}
