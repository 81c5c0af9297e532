package awsapi_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/enginetest/clock"
)

// TestQueriesOfTooMuch: a query that needs more memory than it may have, one that needs more room on disk besides, and one whose answer
// is too long, end with the sentences that the service's guide names, and why. The next query is answered.
func TestQueriesOfTooMuch(t *testing.T) {
	f := &fixture{T: t, dir: t.TempDir(), clock: clock.New(start), memoryLimitBytes: 8 << 20, spillLimitBytes: 64 << 10}
	f.open()
	t.Cleanup(f.close)
	arn := f.newStore("main")
	f.push(arn, 1)
	from := " FROM " + idOf(arn) + " CROSS JOIN UNNEST(sequence(1, 10000)) AS u (n) CROSS JOIN UNNEST(sequence(1, 300)) AS v (m)"
	for _, tt := range []struct{ sql, words string }{
		{"SELECT cardinality(array_agg(n))" + from, "EXCEEDED_LOCAL_MEMORY_LIMIT: Query exhausted resources at this scale factor: Query exceeded its memory limit of 8.0 MiB"},
		{"SELECT CAST(uuid() AS varchar)" + from + " ORDER BY 1", "EXCEEDED_SPILL_LIMIT: Query exhausted resources at this scale factor: Query exceeded local spill limit of 64.0 KiB"},
		{"SELECT rpad(eventname, 40000000, 'x') FROM " + idOf(arn), "EXCEEDED_FUNCTION_MEMORY_LIMIT: Query response is too large: A value of 38.1 MiB is longer than"},
	} {
		id := f.start(tt.sql)
		require.Contains(t, f.wait(id, "FAILED")["ErrorMessage"], tt.words)
		page := f.get("GetQueryResults", of("QueryId", id))
		require.Equal(t, "FAILED", page["QueryStatus"])
		require.Contains(t, page["ErrorMessage"], tt.words)
	}
	f.wait(f.start("SELECT count(*)"+from), "FINISHED")
}
