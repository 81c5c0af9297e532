package main

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestImportWords: a first dry run calls nothing imported already, and a file that was cut off counts as one that events came from.
func TestImportWords(t *testing.T) {
	dir := t.TempDir()
	event := `{"eventTime":"2026-01-30T12:00:00Z","eventID":"1","eventName":"Get"}`
	for _, name := range []string{"a.json", "copy.json"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(`{"Records":[`+event+`]}`), 0o600))
	}
	lake := filepath.Join(t.TempDir(), "lake")
	tried := command(t, "--lake", lake, "import", "--dry-run", dir)
	require.Equal(t, exitDone, tried.code, tried.err)
	require.NotContains(t, tried.out, "already imported")
	require.Contains(t, tried.out, "1 file skipped: same content as another file of this import\n")
	require.Contains(t, tried.out, "1 event would be skipped: also in another file of this import\n")
	require.Equal(t, exitDone, command(t, "--lake", lake, "import", dir).code)
	again := command(t, "--lake", lake, "import", dir)
	require.Equal(t, exitDone, again.code)
	require.Contains(t, again.out, "2 files skipped: already imported\n")

	var whole bytes.Buffer
	zip := gzip.NewWriter(&whole)
	_, err := zip.Write([]byte(event + "\n"))
	require.NoError(t, err)
	require.NoError(t, zip.Flush())
	cut := filepath.Join(t.TempDir(), "cut.json.gz")
	require.NoError(t, os.WriteFile(cut, whole.Bytes(), 0o600))
	got := command(t, "--lake", filepath.Join(t.TempDir(), "lake"), "import", cut)
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.out, "imported 1 event from 1 file into main ")
}

// TestNothingInTimeRange: under an answer without rows stands when the store's events begin and end.
func TestNothingInTimeRange(t *testing.T) {
	lake := sampleLake(t)
	const sql = "SELECT eventid FROM main WHERE eventtime < '2001-01-01'"
	require.Regexp(t, `\nthe time range excludes all events of main, which are of \S+ \S+ to \S+ \S+\n$`, command(t, "--lake", lake, "query", sql).err)
	require.NotContains(t, command(t, "--lake", lake, "query", "--stats", "none", sql).err, "time range")
	require.Regexp(t, `would scan .* of .*B\n`, command(t, "--lake", lake, "explain", sql).out)
}
