//go:build unix

package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestImportRefusesPipesAndDevices: what may never end is named and not read, as a path and in a folder, and the other files are imported.
func TestImportRefusesPipesAndDevices(t *testing.T) {
	dir := t.TempDir()
	lake, logs := filepath.Join(dir, "lake"), filepath.Join(dir, "logs")
	require.NoError(t, os.CopyFS(logs, os.DirFS("../../testdata/logs")))
	pipe := filepath.Join(logs, "pipe.json.gz")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	code, out, log := runHere("--lake", lake, "import", pipe)
	require.Equal(t, exitFailed, code)
	require.Contains(t, out+log, pipe+" is a pipe, not a file")
	code, out, log = runHere("--lake", lake, "import", "/dev/zero")
	require.Equal(t, exitFailed, code)
	require.Contains(t, out+log, "/dev/zero is a device, not a file")
	code, out, log = runHere("--lake", lake, "import", logs)
	require.Equal(t, exitFailed, code)
	require.Contains(t, out+log, pipe+" is a pipe, not a file")
	code, out, log = runHere("--lake", lake, "query", "--stats", "none", "--format", "csv", "SELECT count(*) > 0 AS imported FROM main")
	require.Equal(t, exitDone, code, log)
	require.Equal(t, "imported\ntrue\n", out)
}
