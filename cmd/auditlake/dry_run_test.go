package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// bytesBelow is every file and folder below a folder, with the bytes and the time of the last change of files.
func bytesBelow(t *testing.T, folder string) map[string]string {
	t.Helper()
	found := map[string]string{}
	require.NoError(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		found[path] = ""
		if entry.IsDir() || !entry.Type().IsRegular() {
			return nil
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		info, err := entry.Info()
		require.NoError(t, err)
		found[path] = info.ModTime().String() + " " + string(text)
		return nil
	}))
	return found
}

// TestDryRunOfImport: nothing changes, no folder is made, and the summary speaks of what would be.
func TestDryRunOfImport(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	base := t.TempDir()
	lake, folder := filepath.Join(base, "data", "lake"), filepath.Join(base, "logs")
	writeFiles(t, folder, map[string]string{
		"a.ndjson": `{"eventTime":"2025-03-04T08:00:00Z","eventID":"a"}` + "\n" + `{"eventTime":"2025-03-05T08:00:00Z","eventID":"b"}` + "\n",
		"b.png":    "PK", "c.json": "hello", "d.ndjson": "",
	})
	dry := func(args ...string) outcome {
		return command(t, append([]string{"--lake", lake, "import", "--dry-run"}, args...)...)
	}
	got := dry("--from", "2025-03-05", folder)
	require.Equal(t, exitFailed, got.code, "c.json cannot be read")
	require.Regexp(t, `^would import 1 event from 2 files into main in `, got.out)
	require.Contains(t, got.out, "\nwould ingest ")
	require.Contains(t, got.out, "\n1 file would be skipped: 1 .png\n")
	require.Contains(t, got.out, "\n1 event would be skipped: outside --from/--to\n")
	require.Contains(t, got.out, "\n1 file would fail\n")
	require.Contains(t, got.out, "\nfailures: NOT_A_LOG_FILE: 1\n")
	require.Contains(t, got.out, "\nwould fail  "+filepath.ToSlash(folder)+"/c.json: NOT_A_LOG_FILE: ")
	require.NotContains(t, got.out, "imports failures", "a dry run is not listed")
	require.NotContains(t, got.out, "chain head")
	require.NoDirExists(t, filepath.Dir(lake))

	others := filepath.Join(base, "others")
	writeFiles(t, others, map[string]string{"b.png": "PK"})
	got = dry(others)
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, "error: nothing would be imported: found no log files, only 1 .png\n")
	got = dry("--read-only", filepath.Join(folder, "a.ndjson"))
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "would import 2 events from 1 file into main in ")
	require.NoDirExists(t, filepath.Dir(lake))
	require.Len(t, bytesBelow(t, temporary), 1, "nothing is left in the folder for temporary files")

	require.Equal(t, exitDone, command(t, "--lake", lake, "import", filepath.Join(folder, "a.ndjson")).code)
	before := bytesBelow(t, lake)
	writeFiles(t, folder, map[string]string{"e.ndjson": `{"eventTime":"2025-03-06T08:00:00Z","eventID":"c"}`})
	head := filepath.Join(base, "heads")
	got = dry("--head-file", head, filepath.Join(folder, "a.ndjson"), filepath.Join(folder, "e.ndjson"))
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "would import 1 event from 2 files into main in ")
	require.Contains(t, got.out, "\n1 file skipped: already imported\n")
	require.Equal(t, before, bytesBelow(t, lake))
	require.NoFileExists(t, head)

	old := filepath.Join(folder, "old.ndjson")
	writeFiles(t, folder, map[string]string{"old.ndjson": `{"eventTime":"1999-03-06T08:00:00Z","eventID":"o"}`})
	got = dry(old)
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.out, "\n1 event would be skipped: older than the store's retention\n")
	require.Equal(t, before, bytesBelow(t, lake))
}
