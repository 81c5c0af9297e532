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
		f.failsWith(tt.sql, tt.words)
	}
	f.wait(f.start("SELECT count(*)"+from), "FINISHED")
}

// failsWith requires a query to fail with words, wherever a client asks what became of it.
func (f *fixture) failsWith(sql, words string) {
	f.Helper()
	id := f.start(sql)
	require.Contains(f, f.wait(id, "FAILED")["ErrorMessage"], words)
	page := f.get("GetQueryResults", of("QueryId", id))
	require.Equal(f, "FAILED", page["QueryStatus"])
	require.Contains(f, page["ErrorMessage"], words)
}

// TestAnswersThatAreTooLarge: a row that is longer than rows may be, though none of its values is too long, and a result that is
// longer than one may be that is kept, end with the guide's sentence, and how much was too much. The next query is answered.
func TestAnswersThatAreTooLarge(t *testing.T) {
	f := &fixture{T: t, dir: t.TempDir(), clock: clock.New(start), maxResultBytes: 100 << 10}
	f.open()
	t.Cleanup(f.close)
	arn := f.newStore("main")
	f.push(arn, 1)
	from := " FROM " + idOf(arn)
	f.failsWith("SELECT rpad(eventname, 30000000, 'x'), rpad(eventname, 30000000, 'y'), rpad(eventname, 30000000, 'z')"+from,
		"Query response is too large: A row of 85.8 MiB is longer than the limit of 64.0 MiB")
	f.failsWith("SELECT CAST(uuid() AS varchar)"+from+" CROSS JOIN UNNEST(sequence(1, 10000)) AS u (n)",
		"Query response is too large: The result cannot be kept: it is longer than the 100.0 KiB that one may have")
	f.wait(f.start("SELECT eventname"+from), "FINISHED")
}
