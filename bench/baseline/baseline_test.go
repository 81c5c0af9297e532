package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/process"
)

// fakeGo puts a go before the real one that builds this program: its import makes a file of 10,000 bytes, and its
// query answers what it was asked in its statistics' place.
func fakeGo(t *testing.T, query string) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "program"), []byte("#!/bin/sh\nlake=$2\ncase $3 in\n"+
		"import) mkdir -p $lake/stores; head -c 10000 /dev/zero > $lake/stores/segment; echo imported ;;\n"+
		"compact) echo one segment ;;\nquery) echo \"$8\" >> "+dir+"/asked; "+query+" ;;\nesac\n"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go"), []byte("#!/bin/sh\n[ \"$CGO_ENABLED\" = 0 ] && cp "+dir+"/program $4\n"), 0o700))
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("ASKED", filepath.Join(dir, "asked"))
}

// TestTables: the log files are imported and every question is asked, each with its line.
func TestTables(t *testing.T) {
	fakeGo(t, `echo '{"elapsedMillis":1500,"bytesScanned":2340000}' > $5`)
	var err error
	text := process.Printed(t, func() { err = run(t.TempDir(), 500) })
	require.NoError(t, err)
	require.Contains(t, text, "imported\n\n| import of 500 events | |\n")
	require.Contains(t, text, "| its compaction | one segment; ")
	require.Contains(t, text, "| stored | 0 MB, 20 B an event |")
	for _, q := range questions {
		require.Regexp(t, `(?m)^\| `+q.name+` \| 1\.500 \| [0-9.]+ s \| 2\.34 MB \| [0-9]+ MiB \|$`, text)
	}
	asked, err := os.ReadFile(os.Getenv("ASKED"))
	require.NoError(t, err)
	require.Equal(t, len(questions), strings.Count(string(asked), "\n"))
	require.NotContains(t, string(asked), "{from}")
	require.NotContains(t, string(asked), "{to}")
}

func TestFailuresHaveTheirReason(t *testing.T) {
	for name, tt := range map[string]struct{ query, reason string }{
		"question":        {"echo no >&2; exit 1", "count of all events: "},
		"no statistics":   {"true", "stats.json"},
		"statistics text": {"echo text > $5", "invalid character"},
	} {
		t.Run(name, func(t *testing.T) {
			fakeGo(t, tt.query)
			process.Printed(t, func() { require.ErrorContains(t, run(t.TempDir(), 10), tt.reason) })
		})
	}
}

// TestLogFilesAreUsedAgain: log files of as many events are not made again, those of others are.
func TestLogFilesAreUsedAgain(t *testing.T) {
	dir := t.TempDir()
	logs, end := filepath.Join(dir, "logs"), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	first, err := logFiles(logs, 50, end)
	require.NoError(t, err)
	require.EqualValues(t, 50, first.Events)
	mark := filepath.Join(logs, "mark")
	require.NoError(t, os.WriteFile(mark, nil, 0o600))

	again, err := logFiles(logs, 50, end)
	require.NoError(t, err)
	require.Equal(t, first.JSONBytes, again.JSONBytes)
	require.FileExists(t, mark)

	other, err := logFiles(logs, 60, end)
	require.NoError(t, err)
	require.EqualValues(t, 60, other.Events)
	require.NoFileExists(t, mark)
}

func TestProgramThatIsNotBuilt(t *testing.T) {
	t.Chdir(t.TempDir())
	process.Printed(t, func() { require.ErrorContains(t, run("work", 10), "build: ") })
}

func TestDays(t *testing.T) {
	end := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	require.Equal(t, "2026-02-28", day(end, -1))
	require.Equal(t, "2025-12-31", day(end, -60))
}
