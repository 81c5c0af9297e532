package main_test

import (
	"bufio"
	"crypto/sha256"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// contentOf is every file below a folder with the hash of its bytes and the time of its last change.
func contentOf(t *testing.T, folder string) map[string]string {
	t.Helper()
	content := map[string]string{}
	require.NoError(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		info, err := entry.Info()
		require.NoError(t, err)
		sum := sha256.Sum256(text)
		content[path] = info.ModTime().String() + string(sum[:])
		return nil
	}))
	return content
}

// TestReadOnlyReads: every command that reads, the shell and serve work with --read-only, and not a byte of the lake changes.
func TestReadOnlyReads(t *testing.T) {
	program := buildProgram(t)
	lake := filepath.Join(t.TempDir(), "lake")
	auditlake := func(args ...string) *exec.Cmd {
		return exec.Command(program, append([]string{"--lake", lake}, args...)...)
	}
	out, err := auditlake("import", filepath.Join("..", "..", "testdata", "logs")).CombinedOutput()
	require.NoError(t, err, "%s", out)
	list, err := auditlake("imports", "list").Output()
	require.NoError(t, err)
	id, _, _ := strings.Cut(strings.Split(string(list), "\n")[1], " ")
	before := contentOf(t, lake)
	for _, args := range []string{
		"query|SELECT count(*) FROM main", "query|--dry-run|SELECT count(*) FROM main", "explain|SELECT count(*) FROM main", "explain|--analyze|SELECT count(*) FROM main",
		"store|list", "store|show", "store|files", "imports|list", "imports|show|" + id, "imports|failures|" + id, "queries|list", "table|list", "keys|list",
		"lookup", "describe|main", "functions|ceil%", "usage", "verify",
	} {
		out, err := auditlake(append([]string{"--read-only"}, strings.Split(args, "|")...)...).CombinedOutput()
		require.NoError(t, err, "%s: %s", args, out)
	}
	shell := auditlake("--read-only", "shell")
	shell.Stdin = strings.NewReader("SELECT count(*) AS events FROM main;\n")
	out, err = shell.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "events\n------\n  2000\n")
	server := auditlake("--read-only", "serve", "--listen", "127.0.0.1:0")
	printed, err := server.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, server.Start())
	answer, err := http.Get(listeningOn(t, bufio.NewReader(printed)) + "/health")
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusOK, answer.StatusCode)
	require.NoError(t, server.Process.Signal(os.Interrupt))
	require.NoError(t, server.Wait())
	require.Equal(t, before, contentOf(t, lake))
}

// TestReadOnlyMount: a lake on a mount that cannot be written to is read, and what would change it says that it cannot.
func TestReadOnlyMount(t *testing.T) {
	if out, err := exec.Command("unshare", "-rm", "true").CombinedOutput(); err != nil {
		t.Skipf("unshare -rm does not work on this machine: %v %s", err, out)
	}
	program := buildProgram(t)
	base := t.TempDir()
	lake := filepath.Join(base, "lake")
	logs, err := filepath.Abs(filepath.Join("..", "..", "testdata", "logs"))
	require.NoError(t, err)
	out, err := exec.Command(program, "--lake", lake, "import", logs).CombinedOutput()
	require.NoError(t, err, "%s", out)
	for _, tt := range []struct {
		args []string
		want string // a part of an error; "": none
	}{
		{[]string{"query", "--format", "csv", "SELECT count(*) FROM main"}, ""},
		{[]string{"verify"}, ""},
		{[]string{"import", logs}, "error: lake " + lake + ": the lake is read-only\n"},
		{[]string{"compact"}, "error: lake " + lake + ": the lake is read-only\n"},
		{[]string{"store", "update", "main", "--retention", "100d"}, "error: lake " + lake + ": the lake is read-only\n"},
		{[]string{"rebuild"}, "error: rebuild the catalog of " + lake + ": unlinkat " + lake + "/.catalog.rebuilding: read-only file system\n"},
	} {
		script := `mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && shift && exec "$@"`
		cmd := exec.Command("unshare", append([]string{"-rm", "sh", "-c", script, base, "-", program, "--lake", lake}, tt.args...)...)
		out, err := cmd.CombinedOutput()
		if strings.Contains(string(out), "mount:") {
			t.Skipf("a mount cannot be made read-only on this machine: %s", out)
		}
		if tt.want == "" {
			require.NoError(t, err, "%v: %s", tt.args, out)
			continue
		}
		require.Error(t, err, tt.args)
		require.Contains(t, string(out), tt.want)
	}
}

// TestLakeOfAnotherUser: a lake that this user may not enter is not taken for none.
func TestLakeOfAnotherUser(t *testing.T) {
	if out, err := exec.Command("setpriv", "--reuid=60002", "--regid=60002", "--clear-groups", "true").CombinedOutput(); err != nil {
		t.Skipf("setpriv cannot act as another user on this machine: %v %s", err, out)
	}
	program := buildProgram(t)
	require.NoError(t, os.Chmod(filepath.Dir(program), 0o755))
	lake := lakeOf(t, program, 60001)
	for _, flags := range [][]string{nil, {"--read-only"}} {
		args := append([]string{"--reuid=60002", "--regid=60002", "--clear-groups", program, "--lake", lake, "query", "SELECT 1"}, flags...)
		out, err := exec.Command("setpriv", args...).CombinedOutput()
		require.Error(t, err)
		require.Equal(t, "error: lake "+lake+": stat "+lake+"/catalog: permission denied\n", string(out))
	}
}

// TestLakeWithoutCatalog: what reads or writes says that the catalog is lost, and which command makes it anew.
func TestLakeWithoutCatalog(t *testing.T) {
	program := buildProgram(t)
	lake, logs := filepath.Join(t.TempDir(), "lake"), filepath.Join("..", "..", "testdata", "logs")
	out, err := exec.Command(program, "--lake", lake, "import", logs).CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.NoError(t, os.RemoveAll(filepath.Join(lake, "catalog")))
	for _, args := range [][]string{{"query", "SELECT 1"}, {"--read-only", "query", "SELECT 1"}, {"import", logs}, {"store", "create", "x"}, {"serve"}} {
		out, err := exec.Command(program, append([]string{"--lake", lake}, args...)...).CombinedOutput()
		require.Error(t, err, args)
		require.Equal(t, "error: lake "+lake+": the catalog of the lake "+lake+" is lost: its folder holds data, but "+lake+"/catalog is missing or empty; "+
			"put it back from a backup, or make a new one: auditlake --lake "+lake+" rebuild\n", string(out), args)
	}
	require.NoDirExists(t, filepath.Join(lake, "catalog"))
}
