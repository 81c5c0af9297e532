//go:build unix

package main

import (
	"net"
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
	require.Contains(t, out+log, pipe+" is a pipe, not a regular file")
	code, out, log = runHere("--lake", lake, "import", "/dev/zero")
	require.Equal(t, exitFailed, code)
	require.Contains(t, out+log, "/dev/zero is a device, not a regular file")
	code, out, log = runHere("--lake", lake, "import", logs)
	require.Equal(t, exitFailed, code)
	require.Contains(t, out+log, pipe+" is a pipe, not a regular file")
	code, out, log = runHere("--lake", lake, "query", "--stats", "none", "--format", "csv", "SELECT count(*) > 0 AS imported FROM main")
	require.Equal(t, exitDone, code, log)
	require.Equal(t, "imported\ntrue\n", out)
}

// TestImportNamesLinksAndSockets: an import does not follow links to folders, and says which links and sockets it left out.
func TestImportNamesLinksAndSockets(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	logs := filepath.Join(dir, "logs")
	writeFiles(t, logs, map[string]string{"a.json": shapedEvent("a"), "b/c.json": shapedEvent("b")})
	writeFiles(t, outside, map[string]string{"far.json": shapedEvent("far"), "linked.json": shapedEvent("linked")})
	for _, name := range []string{"far", "far2", "b/far.json"} {
		require.NoError(t, os.Symlink(outside, filepath.Join(logs, name)))
	}
	require.NoError(t, os.Symlink(filepath.Join(outside, "linked.json"), filepath.Join(logs, "linked.json")))
	t.Chdir(logs) // a socket's path is short
	listener, err := net.Listen("unix", "s")
	require.NoError(t, err)
	defer listener.Close()
	lake := filepath.Join(dir, "lake")
	got := command(t, "--lake", lake, "import", logs)
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "imported 3 events from 3 files ")
	require.Contains(t, got.out, "4 files skipped: 3 links to a folder, 1 socket\n")
	for name, what := range map[string]string{"far": "a link to a folder", "far2": "a link to a folder", "b/far.json": "a link to a folder", "s": "a socket"} {
		require.Contains(t, got.out, "skipped  "+filepath.Join(logs, name)+": "+what+"\n")
	}
	require.NoError(t, os.Symlink(lake, filepath.Join(logs, "lake")))
	require.Contains(t, command(t, "--lake", lake, "import", logs).out, "4 files skipped: ", "the lake itself is not named")

	require.NoError(t, os.Mkdir(filepath.Join(dir, "none"), 0o700))
	require.NoError(t, os.Symlink(outside, filepath.Join(dir, "none", "far")))
	got = command(t, "--lake", lake, "import", filepath.Join(dir, "none"))
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, "nothing was imported: found no log files, only 1 link to a folder\n")
}
