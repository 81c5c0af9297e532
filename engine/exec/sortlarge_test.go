package exec_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/enginetest/conformance"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/internal/process"
	"github.com/auditlake/auditlake/storage/vfs"
)

// TestLargeSorts sorts a million rows within 32 MiB, and keeps the first three of each of many partitions. With AUDITLAKE_LARGE_SORTS they
// are twenty million within 512 MiB, and five million within 768 MiB.
func TestLargeSorts(t *testing.T) {
	if process.UnderRace {
		t.Skip("it takes minutes; other tests spill sorts, too")
	}
	sorted, sortBytes, numbered, numberBytes := 1, int64(32<<20), 1, int64(64<<20)
	if _, large := os.LookupEnv("AUDITLAKE_LARGE_SORTS"); large {
		sorted, sortBytes, numbered, numberBytes = 20, 512<<20, 5, 768<<20
	}
	shuffled := func(millions int) string {
		return fmt.Sprintf("(SELECT k * 7919 %% %d AS k, 'text ' || CAST(k %% 1000 AS varchar) AS t FROM %s)", millions*1_000_000, numbersTo(millions))
	}
	t.Run("all rows by two columns", func(t *testing.T) {
		rows := int64(sorted) * 1_000_000
		q := limitedQuery{disk: onDisk{vfs.OS, t.TempDir()}, workers: 2, memory: memory.NewPool(sortBytes)}
		const left = 1000
		text, spilled, err := q.run(t.Context(), t, &conformance.Source{}, fmt.Sprintf(
			"SELECT count(*), sum(k), max(t) FROM (SELECT k, t FROM %s ORDER BY k / 1000, k OFFSET %d)", shuffled(sorted), left))
		require.NoError(t, err)
		require.Equal(t, []string{fmt.Sprintf(`[%d %d "text 999"]`, rows-left, rows*(rows-1)/2-left*(left-1)/2)}, text)
		require.Positive(t, spilled)
		t.Logf("%d bytes at most, %d spilled", q.memory.PeakBytes(), spilled)
	})
	t.Run("the first of each partition", func(t *testing.T) {
		rows := numbered * 1_000_000
		const partitions, first = 1000, 3
		sum := 0
		for p := range partitions {
			sum += first*p + partitions*(first-1)*first/2
		}
		q := limitedQuery{disk: onDisk{vfs.OS, t.TempDir()}, workers: 2, memory: memory.NewPool(numberBytes)}
		text, _, err := q.run(t.Context(), t, &conformance.Source{}, fmt.Sprintf(
			"SELECT count(*), sum(k), max(r) FROM (SELECT k, t, row_number() OVER (PARTITION BY k %% %d ORDER BY k, t) AS r FROM %s) WHERE r <= %d",
			partitions, shuffled(numbered), first))
		require.NoError(t, err)
		require.Equal(t, []string{fmt.Sprintf("[%d %d %d]", partitions*first, sum, first)}, text)
		require.Less(t, q.memory.PeakBytes(), int64(rows)*16, "rows that nobody asks for are not kept")
		t.Logf("%d bytes at most", q.memory.PeakBytes())
	})
}
