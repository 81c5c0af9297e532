package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

func TestRetentionHint(t *testing.T) {
	for _, c := range []struct {
		billing      engine.BillingMode
		days, needed int
		want         string
	}{
		{engine.ExtendableRetention, 366, 400, "to keep them: auditlake store update main --retention 400d, then import again"},
		{engine.ExtendableRetention, 366, 4000, "to keep them: auditlake store update main --retention 4000d, then import again"},
		{engine.FixedRetention, 366, 3000, "the oldest event needs 3000 days, and the maximum is 2557; to keep as many as possible: auditlake store update main --retention 2557d"},
		{engine.FixedRetention, 2557, 3000, "a store of this billing mode keeps events for at most 2557 days; the oldest needs 3000 days"},
	} {
		store := &engine.Store{Name: "main", BillingMode: c.billing, RetentionDays: c.days}
		require.Equal(t, c.want, retentionHint(&engine.ImportResult{Store: store, RetentionDaysNeeded: c.needed}))
	}
}

func TestImportAppendsHeads(t *testing.T) {
	dir := t.TempDir()
	lake, heads := filepath.Join(dir, "lake"), filepath.Join(dir, "heads")
	var noted []string
	for _, name := range []string{"a", "b"} {
		logs := filepath.Join(dir, name+".json")
		require.NoError(t, os.WriteFile(logs, []byte(`{"eventTime":"2025-03-04T08:00:00Z","eventID":"`+name+`"}`), 0o600))
		got := command(t, "--lake", lake, "import", "--head-file", heads, logs)
		require.Equal(t, 0, got.code, got.err)
		_, head, ok := strings.Cut(got.out, "chain head ")
		require.True(t, ok)
		noted = append(noted, strings.TrimSpace(head))
	}
	text, err := os.ReadFile(heads)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	require.Len(t, lines, 2)
	for i, line := range lines {
		fields := strings.Fields(line)
		require.Len(t, fields, 3)
		require.Equal(t, noted[i], fields[1])
		got := command(t, "--lake", lake, "verify", "--head", fields[1])
		require.Equal(t, 0, got.code, got.err)
	}
	require.NotEqual(t, noted[0], noted[1])

	got := command(t, "--lake", lake, "import", "--head-file", dir, filepath.Join(dir, "a.json"))
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, dir)
}

func TestStopOfAnImportThatHasEnded(t *testing.T) {
	lake := sampleLake(t)
	list := command(t, "--lake", lake, "imports", "list")
	require.Equal(t, 0, list.code, list.err)
	id, _, _ := strings.Cut(strings.Split(list.out, "\n")[1], " ")
	got := command(t, "--lake", lake, "imports", "stop", id)
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, "not running: "+id+" is COMPLETED")
	got = command(t, "--lake", lake, "imports", "stop", "none")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, "import not found: none")
}

// TestImportNamesWhatItLeavesOut: aggregated events and events of the future are neither passed over nor
// a success.
func TestImportNamesWhatItLeavesOut(t *testing.T) {
	const account = "AWSLogs/111122223333/"
	write := func(folder, key, records string) {
		path := filepath.Join(folder, account, key, "eu-west-1/2025/12/30/x.json")
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(`{"Records":[`+records+`]}`), 0o644))
	}
	folder, lake := t.TempDir(), filepath.Join(t.TempDir(), "lake")
	write(folder, "CloudTrail-Aggregated", `{"eventCategory":"Aggregated","timeWindow":{"windowStart":"2025-12-30T10:00:00Z"}}`)
	got := command(t, "--lake", lake, "import", folder)
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.out, "1 file skipped: aggregated events (CloudTrail-Aggregated) are not supported\n")
	require.Contains(t, got.err, "found only aggregated events")
	require.Equal(t, exitFailed, command(t, "--lake", lake, "import", filepath.Join(folder, account, "CloudTrail-Aggregated/eu-west-1/2025/12/30/x.json")).code)

	write(folder, "CloudTrail-NetworkActivity", `{"eventTime":"2025-12-30T10:00:00Z","eventCategory":"NetworkActivity"}`)
	got = command(t, "--lake", lake, "import", folder)
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "imported 1 event from 1 file ")
	require.Contains(t, got.out, "1 file skipped: aggregated events")

	future := t.TempDir()
	write(future, "CloudTrail", `{"eventTime":"9998-12-30T10:00:00Z","eventID":"a"}`)
	got = command(t, "--lake", lake, "import", future)
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.out, "failures: IN_FUTURE: 1 (")
	require.NotContains(t, got.out+got.err, "retention")
	write(future, "CloudTrail", `{"eventTime":"1970-01-01T00:00:00Z","eventID":"b"},{"eventTime":"9998-12-30T10:00:00Z","eventID":"a"}`)
	got = command(t, "--lake", lake, "import", future)
	require.NotContains(t, got.out+got.err, "--retention 0d")
	require.Contains(t, got.out, "to keep them: auditlake store update main --retention")
}
