package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// TestQueriesOfThisProcess: what was asked is listed by state, store and time, and shown whole.
func TestQueriesOfThisProcess(t *testing.T) {
	lake := sampleLake(t)
	ask := func(args ...string) outcome { return command(t, append([]string{"--lake", lake}, args...)...) }
	long := "SELECT count(eventname) AS " + strings.Repeat("n", 100) + "\nFROM main"
	require.Equal(t, exitDone, ask("query", long).code)
	require.Equal(t, exitFailed, ask("query", "SELECT 1 / (length(eventid) - length(eventid)) FROM main").code)

	finished := ask("queries", "list", "--state", "finished", "--store", "main", "--since", "2020-01-31")
	require.Equal(t, exitDone, finished.code, finished.err)
	lines := strings.Split(strings.TrimSpace(finished.out), "\n")
	require.Len(t, lines, 2, finished.out)
	require.True(t, strings.HasSuffix(lines[1], "n…"), "cut to a line: %s", lines[1])
	require.Contains(t, lines[1], "SELECT count(eventname) AS nnn")
	failed := ask("queries", "list", "--state", "failed,cancelled", "--limit", "5")
	require.Contains(t, failed.out, "FAILED")
	require.NotContains(t, failed.out, "FINISHED")
	require.NotContains(t, ask("queries", "list", "--since", time.Now().Add(time.Hour).Format(time.RFC3339)).out, "FINISHED")

	id := strings.Fields(lines[1])[0]
	shown := ask("queries", "show", id)
	require.Equal(t, exitDone, shown.code, shown.err)
	require.Contains(t, shown.out, "\n"+long+"\n")
	require.NotContains(t, shown.out, "error ")
	failure := ask("queries", "show", strings.Fields(strings.Split(failed.out, "\n")[1])[0])
	require.Regexp(t, `error +DIVISION_BY_ZERO: `, failure.out)

	for args, reason := range map[string]string{
		"list --limit 0":      "--limit must be 1 or more, not 0",
		"list --state lost":   "--state must be one or more of QUEUED, RUNNING, FINISHED, FAILED, CANCELLED, TIMED_OUT, not LOST",
		"list --since monday": `"monday" is not a time; use 2026-01-31, 2026-01-31T10:00:00Z, 7d or 12h`,
		"list --store none":   "none",
		"show none":           "none",
		"cancel none":         "none",
		"cancel " + id:        "has ended",
	} {
		got := ask(append([]string{"queries"}, strings.Fields(args)...)...)
		require.NotEqual(t, exitDone, got.code, args)
		require.Contains(t, got.err, reason)
	}
}

func TestTookOf(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	require.Equal(t, time.Minute, tookOf(&engine.QueryInfo{CreatedAt: at, EndedAt: at.Add(time.Minute)}))
	require.Zero(t, tookOf(&engine.QueryInfo{CreatedAt: at, State: engine.QueryFailed}))
	require.Greater(t, tookOf(&engine.QueryInfo{CreatedAt: at.AddDate(-10, 0, 0), State: engine.QueryRunning}), time.Duration(0))
}

// TestImportsAreShown: an import with its counts, failures and reason; what there is not is an error.
func TestImportsAreShown(t *testing.T) {
	dir := t.TempDir()
	lake, log := filepath.Join(dir, "lake"), filepath.Join(dir, "log.json")
	require.NoError(t, os.WriteFile(log, []byte(`{"Records":[{"eventTime":"`+time.Now().UTC().Add(-time.Hour).Format(time.RFC3339)+`","eventID":"a"},{"eventTime":5}]}`), 0o600))
	got := command(t, "--lake", lake, "import", log)
	require.Equal(t, exitFailed, got.code, got.err)
	require.Contains(t, got.err, "1 of 2 records could not be imported")
	listed := command(t, "--lake", lake, "imports", "list")
	require.Equal(t, exitDone, listed.code, listed.err)
	id := strings.Fields(strings.Split(listed.out, "\n")[1])[0]
	shown := command(t, "--lake", lake, "imports", "show", id)
	require.Equal(t, exitDone, shown.code, shown.err)
	require.Contains(t, shown.out, log)
	require.Regexp(t, `ended +\S`, shown.out)
	require.Regexp(t, `files +1\n`, shown.out)
	failures := command(t, "--lake", lake, "imports", "failures", id)
	require.Equal(t, exitDone, failures.code, failures.err)
	require.Contains(t, failures.out, log+" record 1 offset ")
	require.Contains(t, listed.out, " FAILED ")
	require.Equal(t, shown, command(t, "--lake", lake, "imports", "show", id[:8]))
	require.Equal(t, failures, command(t, "--lake", lake, "imports", "failures", strings.ToUpper(id[:6])))
	for range 16 { // so that two of 17 ids begin alike
		require.Equal(t, exitDone, command(t, "--lake", lake, "import", log).code)
	}
	ambiguous := false
	for _, digit := range "0123456789abcdef" {
		got := command(t, "--lake", lake, "imports", "show", string(digit))
		ambiguous = ambiguous || got.code == exitUsage && strings.Contains(got.err, " imports have ids that begin with "+string(digit)+": ")
	}
	require.True(t, ambiguous)
	for _, args := range [][]string{{"show", "none"}, {"failures", "none"}, {"stop", "none"}} {
		got := command(t, append([]string{"--lake", lake, "imports"}, args...)...)
		require.NotEqual(t, exitDone, got.code, args)
		require.Contains(t, got.err, "none")
	}
}

func TestImportLine(t *testing.T) {
	for _, tt := range []struct {
		progress engine.ImportProgress
		want     string
	}{
		{engine.ImportProgress{FilesTotal: 1200, BytesTotal: 5_000_000}, "listing files: 1,200, 5.00 MB"},
		{engine.ImportProgress{Listed: true, Files: 3, FilesTotal: 4, Bytes: 1_000_000, BytesTotal: 4_000_000, Events: 100}, "100 events, 10/s, 30.0 s left"},
		{engine.ImportProgress{Listed: true, Files: 4, FilesTotal: 4, Bytes: 4_000_000, BytesTotal: 4_000_000, Events: 100}, "4 of 4 files"},
	} {
		require.Contains(t, importLine(tt.progress, 10*time.Second, "30.0 s left"), tt.want)
	}
}

// TestWhereTheLakeIs: the flag, the variable for it, the user's data folder.
func TestWhereTheLakeIs(t *testing.T) {
	where := func(flag, own, data, home string) (string, error) {
		t.Setenv("AUDITLAKE_DIR", own)
		t.Setenv("XDG_DATA_HOME", data)
		t.Setenv("HOME", home)
		return (&program{lakeDir: flag}).lakePath()
	}
	for _, tt := range []struct{ flag, own, data, home, want string }{
		{"/flag", "/own", "/data", "/home/x", "/flag"},
		{"", "/own", "/data", "/home/x", "/own"},
		{"", "", "/data", "/home/x", "/data/auditlake"},
		{"", "", "", "/home/x", "/home/x/.local/share/auditlake"},
	} {
		got, err := where(tt.flag, tt.own, tt.data, tt.home)
		require.NoError(t, err)
		require.Equal(t, tt.want, got)
	}
	_, err := where("", "", "", "")
	require.ErrorContains(t, err, "no lake folder; pass --lake or set AUDITLAKE_DIR")
}

func TestRebuildOfNothing(t *testing.T) {
	got := command(t, "--lake", filepath.Join(t.TempDir(), "none"), "rebuild")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, "no lake here")
	got = command(t, "--lake", t.TempDir(), "--read-only", "rebuild")
	require.Equal(t, exitUsage, got.code)
	require.Contains(t, got.err, "cannot run with --read-only")
}

// TestRebuildHere: what is made anew, from which files, and what is kept of before.
func TestRebuildHere(t *testing.T) {
	lake := sampleLake(t)
	require.NoError(t, os.RemoveAll(filepath.Join(lake, "catalog")))
	got := command(t, "--lake", lake, "rebuild")
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "catalog rebuilt from the commit files of ")
	require.Contains(t, got.out, "1 store, ")
	require.Contains(t, got.out, "3,000 events")
	require.Equal(t, "_col0\n3000\n", command(t, "--lake", lake, "query", "--format", "csv", "SELECT count(*) FROM main").out)
}

func TestUnits(t *testing.T) {
	for n, want := range map[int64]string{0: "0", -1: "-1", 999: "999", -1000: "-1,000", 1234567: "1,234,567"} {
		require.Equal(t, want, grouped(n))
	}
	for usd, want := range map[float64]string{0: "$0", 1e-9: "<$0.0000001", 0.005: "$0.0050000", 12.345: "$12.35"} {
		require.Equal(t, want, dollars(usd))
	}
	for d, want := range map[time.Duration]string{1500 * time.Microsecond: "1 ms", 90 * time.Second: "1m30s", 2500 * time.Millisecond: "2.5 s"} {
		require.Equal(t, want, seconds(d))
	}
}

// TestPricesAreRead: those of a file, and errors that name it.
func TestPricesAreRead(t *testing.T) {
	lake, path := sampleLake(t), filepath.Join(t.TempDir(), "prices.json")
	got := command(t, "--lake", lake, "--prices", path, "usage")
	require.NotEqual(t, exitDone, got.code)
	require.Contains(t, got.err, "price book: ")
	require.NoError(t, os.WriteFile(path, []byte("{"), 0o600))
	got = command(t, "--lake", lake, "--prices", path, "usage")
	require.NotEqual(t, exitDone, got.code)
	require.Contains(t, got.err, "price book "+path)
}
