package exec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/engine/memory"
)

// TestFirstRowsOfPartitions: the first rows of partitions are the same however many workers a scan has, with and
// without dictionaries.
func TestFirstRowsOfPartitions(t *testing.T) {
	source := grouped(t, 3000)
	for _, sql := range []string{
		"SELECT id, r FROM (SELECT id, row_number() OVER (PARTITION BY some ORDER BY id) r FROM grouped) WHERE r <= 3",
		"SELECT id, some, r FROM (SELECT id, some, row_number() OVER (PARTITION BY some ORDER BY id DESC, x) r FROM grouped WHERE n > -3) WHERE r <= 16 ORDER BY some, r",
		"SELECT id, many, r FROM (SELECT id, many, rank() OVER (PARTITION BY many ORDER BY n NULLS FIRST) r FROM grouped) WHERE r <= 2",
		"SELECT id, few, d, r FROM (SELECT id, few, d, dense_rank() OVER (PARTITION BY few ORDER BY d DESC) r FROM grouped) WHERE r <= 2",
		"SELECT many, some, r, s FROM (SELECT many, some, row_number() OVER w r, rank() OVER w s FROM grouped WINDOW w AS (PARTITION BY many ORDER BY some)) WHERE r <= 1",
		"SELECT id, r FROM (SELECT id, row_number() OVER (PARTITION BY upper(some) ORDER BY at, few) r FROM grouped) WHERE r <= 2",
		"SELECT id, r FROM (SELECT id, row_number() OVER (PARTITION BY some, few ORDER BY at) r FROM grouped) WHERE r <= 2",
		"SELECT id, r FROM (SELECT id, row_number() OVER (PARTITION BY some) r FROM grouped) WHERE r <= 4",
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
