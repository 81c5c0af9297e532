package exec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/engine/memory"
)

// TestWindowsOverScans: windows over scans give the same rows however many workers there are, with and without
// dictionaries.
func TestWindowsOverScans(t *testing.T) {
	source := grouped(t, 3000)
	for _, sql := range []string{
		"SELECT id, some, lag(n) OVER (PARTITION BY some ORDER BY at, id) FROM grouped",
		"SELECT id, many, row_number() OVER (PARTITION BY many ORDER BY n NULLS FIRST, id) FROM grouped WHERE n > -3",
		"SELECT few, max(g) FROM (SELECT few, id - lag(id) OVER (PARTITION BY few ORDER BY id) g FROM grouped) GROUP BY few",
		"SELECT id, r FROM (SELECT id, rank() OVER (PARTITION BY some ORDER BY d) r, count(*) OVER (PARTITION BY few) c FROM grouped) WHERE r > c / 5",
	} {
		var want []string
		for d, dictionaries := range []bool{false, true} {
			for g, groupRows := range []int{3000, 100, 37} {
				for w, workers := range []int{1, 2, 7} {
					if exec.IsLeftOut(d, g, w) {
						continue
					}
					source.GroupRows, source.Dictionaries = groupRows, dictionaries
					if want == nil {
						want = answerText(t, source, sql, 1) // measured: each step does its own work
						require.NotEmpty(t, want, sql)
					}
					got, _, err := limitedQuery{workers: workers, memory: memory.NewPool(0), inScans: true}.run(t.Context(), t, source, sql)
					require.NoError(t, err, sql)
					require.Equal(t, want, got, "%s: row groups of %d, dictionaries: %t, %d workers", sql, groupRows, dictionaries, workers)
				}
			}
		}
	}
}
