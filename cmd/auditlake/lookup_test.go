package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLookup: events of any time are looked up by several attributes at once, in three formats, and what lookup writes as
// JSON can be imported.
func TestLookup(t *testing.T) {
	dir := t.TempDir()
	lake, logs := filepath.Join(dir, "lake"), filepath.Join(dir, "events.ndjson")
	event := func(time, id, more string) string {
		return `{"eventVersion":"1.08","eventTime":"` + time + `","eventID":"` + id + `","eventCategory":"Management","eventSource":"s3.amazonaws.com"` + more + `}`
	}
	texts := []string{
		event("2023-01-31T10:00:00Z", "c", `,"eventName":"DeleteBucket","readOnly":false,"requestParameters":{"bucketName":"logs"}`),
		event("2025-01-31T10:00:00Z", "a", `,"eventName":"CreateBucket","readOnly":false,"userIdentity":{"type":"Root"},"requestParameters":{"bucketName":"logs"}`),
		event("2024-01-31T10:00:00Z", "b", `,"eventName":"ListBuckets","readOnly":true,"userIdentity":{"userName":"\u001b[31mx"}`),
	}
	withoutID := `{"eventVersion":"1.0","eventTime":"2022-01-31T10:00:00Z","eventName":"StopLogging","eventSource":"s3.amazonaws.com"}`
	require.NoError(t, os.WriteFile(logs, []byte(strings.Join(append(texts, texts[1], withoutID), "\n")), 0o600))
	ask := func(args ...string) outcome { return command(t, append([]string{"--lake", lake}, args...)...) }
	require.Equal(t, exitDone, ask("store", "create", "main", "--retention", "3653").code)
	require.Equal(t, exitDone, ask("import", logs).code)
	lookup := func(args ...string) string {
		t.Helper()
		got := ask(append([]string{"lookup"}, args...)...)
		require.Equal(t, exitDone, got.code, got.err)
		return got.out
	}
	table := strings.Split(strings.TrimSpace(lookup()), "\n")
	require.Len(t, table, 4)
	require.Regexp(t, "^time +event +user +source +resources +id$", table[0])
	require.Regexp(t, "^2025-01-31T10:00:00Z +CreateBucket +root +s3.amazonaws.com +logs +a$", table[1])
	require.NotContains(t, table[2], "\x1b")
	require.Regexp(t, " c$", table[3])

	var listed struct{ Events []lookedUpEvent }
	read := func(text string) (ids string) {
		listed.Events = nil
		require.NoError(t, json.Unmarshal([]byte(text), &listed), text)
		for _, e := range listed.Events {
			ids += e.EventId
		}
		return ids
	}
	require.Equal(t, "ac", read(lookup("--format", "json", "--attribute", "ReadOnly=false", "--attribute", "ResourceName=logs")))
	require.Equal(t, []lookedUpResource{{"AWS::S3::Bucket", "logs"}}, listed.Events[0].Resources)
	require.Equal(t, texts[1], listed.Events[0].CloudTrailEvent)
	require.Equal(t, "b", read(lookup("--format", "json", "--start", "2023-06-01", "--end", "2024-12-31")))
	require.Equal(t, "bc", read(lookup("--format", "json", "--from", "2023-01-31T10:00:00Z", "--to", "2025-01-31T10:00:00Z")), "the end is no part of it")
	require.Equal(t, "abc", read(lookup("--format", "json", "--start", "2023-01-31T10:00:00Z", "--end", "2025-01-31T10:00:00Z")), "the older flag's end is")
	require.Equal(t, "", read(lookup("--format", "json", "--category", "insight")))
	require.Equal(t, "", read(lookup("--format", "json", "--attribute", "EventName=x=y")))
	got := ask("lookup", "--format", "json", "--limit", "2")
	require.Equal(t, "ab", read(got.out))
	require.Contains(t, got.err, "there are more events; pass --all to show them")
	require.Contains(t, got.err, "1 event without an id is not shown")
	require.Equal(t, "abc", read(ask("lookup", "--format", "json", "--limit", "2", "--all").out))
	got = ask("lookup", "--attribute", "eventname=CreateBucket")
	require.Contains(t, got.out, "CreateBucket", "keys have any letter case")
	require.Empty(t, got.err)
	require.NotContains(t, ask("queries", "list").out, "command-lookup")
	require.Contains(t, ask("queries", "list", "--lookups").out, "command-lookup")

	rows, err := csv.NewReader(strings.NewReader(lookup("--format", "csv", "--limit", "0"))).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 4)
	require.Equal(t, []string{"a", "2025-01-31T10:00:00Z", "CreateBucket", "s3.amazonaws.com", "root", "", "false", `[{"ResourceType":"AWS::S3::Bucket","ResourceName":"logs"}]`, texts[1]}, rows[1])
	require.Equal(t, "EventId", strings.Split(lookup("--format", "csv", "--attribute", "EventId=none"), ",")[0])

	require.NoError(t, os.WriteFile(filepath.Join(dir, "again.json"), []byte(lookup("--format", "json")), 0o600))
	require.Equal(t, exitDone, ask("store", "create", "again", "--retention", "3653").code)
	require.Equal(t, exitDone, ask("import", "--store", "again", filepath.Join(dir, "again.json")).code)
	require.Equal(t, "3\n", strings.SplitAfterN(ask("query", "--format", "csv", "SELECT count(*) AS n FROM again").out, "\n", 2)[1])
	require.Len(t, strings.Split(strings.TrimSpace(lookup()), "\n"), 4, "once, though in two stores")

	for _, args := range [][]string{
		{"--format", "xml"}, {"--category", "data"}, {"--attribute", "x"}, {"--start", "never"}, {"--limit", "-1"}, {"word"},
	} {
		require.Equal(t, exitUsage, ask(append([]string{"lookup"}, args...)...).code, "%v", args)
	}
	for want, args := range map[string][]string{
		"unknown attribute Region; the attributes are EventId, EventName,": {"--attribute", "Region=x"}, "start of the time range is after its end": {"--start", "2025-01-02", "--end", "2025-01-01"},
	} {
		got := ask(append([]string{"lookup"}, args...)...)
		require.Equal(t, exitUsage, got.code)
		require.Contains(t, got.err, want)
	}
}
