package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// TestAQueryThatSpills gives the rows that it gives in memory, says how much it has spilled, and leaves nothing; what a killed
// process has left goes when the lake is opened.
func TestAQueryThatSpills(t *testing.T) {
	dir := t.TempDir()
	options := engine.Options{Now: func() time.Time { return newYear }}
	lake, err := engine.Open(t.Context(), dir, options)
	require.NoError(t, err)
	_, err = lake.Imports().Run(t.Context(), engine.ImportOptions{Paths: []string{logsFolder(t)}})
	require.NoError(t, err)
	const sql = "SELECT eventid, eventjson FROM main ORDER BY length(eventjson), eventid"
	want, stats, err := ask(t.Context(), lake, sql)
	require.NoError(t, err)
	require.Zero(t, stats.SpilledBytes)
	require.NoError(t, lake.Close())

	left := filepath.Join(dir, "spill", "7.spill")
	require.NoError(t, os.MkdirAll(filepath.Dir(left), 0o700))
	require.NoError(t, os.WriteFile(left, []byte("rows"), 0o600))
	options.MemoryLimitBytes = 4 << 20
	for _, readOnly := range []bool{false, true} {
		options.ReadOnly = readOnly
		temporary := t.TempDir()
		t.Setenv("TMPDIR", temporary)
		lake, err = engine.Open(t.Context(), dir, options)
		require.NoError(t, err)
		require.NoFileExists(t, left)
		got, stats, err := ask(t.Context(), lake, sql)
		require.NoError(t, err)
		require.Equal(t, want, got)
		require.Positive(t, stats.SpilledBytes)
		require.LessOrEqual(t, stats.PeakMemoryBytes, int64(4<<20))

		ctx, cancel := context.WithCancel(t.Context())
		rows, err := lake.Query(ctx, sql)
		require.NoError(t, err)
		require.True(t, rows.Next())
		folder := filepath.Join(dir, "spill")
		if readOnly {
			folder = temporary
		}
		entries, err := os.ReadDir(folder)
		require.NoError(t, err)
		require.NotEmpty(t, entries)
		cancel()
		require.NoError(t, rows.Close())
		require.NoError(t, lake.Close())
		require.NoDirExists(t, filepath.Join(dir, "spill"))
		entries, err = os.ReadDir(temporary)
		require.NoError(t, err)
		require.Empty(t, entries)
	}
}
