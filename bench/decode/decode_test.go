package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/bench/gen"
	"github.com/auditlake/auditlake/bench/process"
	printing "github.com/auditlake/auditlake/internal/process"
)

// someLogs are log files, and what is in them.
func someLogs(t *testing.T) ([]string, totals) {
	dir := t.TempDir()
	stats, err := gen.Write(dir, gen.Options{Seed: 4, Events: 300, EventsPerFile: 100})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "note.txt"), []byte("no log"), 0o600))
	files, err := logFiles(dir)
	require.NoError(t, err)
	require.EqualValues(t, stats.Files, len(files))
	inside := totals{events: stats.Events}
	for _, name := range files {
		_, text, err := process.Run("", "gzip", "-dc", name)
		require.NoError(t, err)
		inside.jsonBytes += int64(len(text))
	}
	return files, inside
}

// TestStepsSeeEverything: each step that unpacks sees all bytes of JSON, each that cuts records out sees all events.
func TestStepsSeeEverything(t *testing.T) {
	files, inside := someLogs(t)
	for i, s := range steps {
		m, err := measure(s, files)
		require.NoError(t, err, s.name)
		switch {
		case i == 0:
			require.Equal(t, totals{}, m.totals, s.name)
		case i < 3:
			require.Equal(t, totals{jsonBytes: inside.jsonBytes}, m.totals, s.name)
		default:
			require.Equal(t, inside, m.totals, s.name)
		}
		require.Positive(t, m.mallocs, s.name)
	}
}

func TestStepsNameWhatTheyCannotRead(t *testing.T) {
	dir := t.TempDir()
	absent, broken := filepath.Join(dir, "absent.json.gz"), filepath.Join(dir, "broken.json.gz")
	require.NoError(t, os.WriteFile(broken, []byte{0x1f, 0x8b, 8, 0}, 0o600))
	for i, s := range steps {
		_, err := s.run([]string{absent})
		require.ErrorIs(t, err, os.ErrNotExist, s.name)
		_, err = s.run([]string{broken})
		if i > 0 { // the first looks at no content
			require.Error(t, err, s.name)
		}
	}
	_, err := logFiles(filepath.Join(dir, "absent"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestReport(t *testing.T) {
	best := make([]measured, len(steps))
	best[1] = measured{cpu: 2 * time.Second, mallocs: 500, totals: totals{jsonBytes: 4_000_000}}
	best[4] = measured{cpu: 4 * time.Second, mallocs: 3000, totals: totals{jsonBytes: 4_000_000, events: 1000}}
	require.Equal(t, strings.Join([]string{
		"1000 events, 4000000 bytes of JSON; copying in memory: 5.0 GB/s",
		"",
		"| up to and with | µs CPU an event | MB/s of JSON | events/s | × `gzip -dc` | allocations an event |",
		"|---|---|---|---|---|---|",
		"| `gzip -dc` | 1000.00 | 4 | 1000 | 1.00 | 0.000 |",
		"| gunzip | 2000.00 | 2 | 500 | 0.50 | 0.500 |",
		"| scanned | 4000.00 | 1 | 250 | 0.25 | 3.000 |",
		"",
	}, "\n"), printing.Printed(t, func() { report(best, time.Second, 5e9) }))
}

func TestRunNamesTheStep(t *testing.T) {
	dir, profile := t.TempDir(), filepath.Join(t.TempDir(), "profile")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "broken.json.gz"), []byte{0x1f, 0x8b, 8, 0}, 0o600))
	require.ErrorContains(t, run(dir, "", profile, 1), "gunzip: ")
	require.ErrorContains(t, run(dir, "reading files", "", 1), "gzip: ", "what it is compared with fails, too")
	require.ErrorIs(t, run(dir, "", filepath.Join(dir, "no", "folder"), 1), os.ErrNotExist)
	require.ErrorIs(t, run(filepath.Join(dir, "absent"), "", "", 1), os.ErrNotExist)
}

func TestCopySpeed(t *testing.T) {
	require.Greater(t, copySpeed(64<<20), 1e6)
}
