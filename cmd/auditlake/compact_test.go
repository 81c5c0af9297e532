package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCompact(t *testing.T) {
	lake := sampleLake(t)
	before := command(t, "--lake", lake, "query", "--format", "csv", "SELECT count(*), count(DISTINCT eventid) FROM main")
	require.Equal(t, 0, command(t, "--lake", lake, "compact").code)
	for _, args := range [][]string{{"compact"}, {"compact", "--rewrite-old"}} {
		got := command(t, append([]string{"--lake", lake}, args...)...)
		require.Equal(t, 0, got.code, got.err)
		require.Equal(t, "nothing to merge\n", got.out)
	}
	after := command(t, "--lake", lake, "query", "--format", "csv", "SELECT count(*), count(DISTINCT eventid) FROM main")
	require.Equal(t, before.out, after.out)
	require.Equal(t, exitUsage, command(t, "--lake", lake, "compact", "main").code)
}

// A compaction that could not read anything does not say that there was nothing to merge.
func TestCompactOfDamage(t *testing.T) {
	lake := filepath.Join(t.TempDir(), "lake")
	logs := filepath.Join("..", "..", "testdata", "logs")
	for _, from := range []string{"2025-12-10T12:00:00Z", "2025-12-10"} {
		require.Equal(t, exitDone, command(t, "--lake", lake, "import", "--from", from, "--to", "2025-12-11", logs).code)
	}
	files, err := filepath.Glob(filepath.Join(lake, "stores/*/*/*.orc"))
	require.NoError(t, err)
	require.Len(t, files, 2)
	require.NoError(t, os.Truncate(files[0], 100))
	got := command(t, "--lake", lake, "compact")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, files[0])
	require.Empty(t, got.out)
}
