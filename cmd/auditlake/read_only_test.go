package main_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// asUser is a command line run by a user without privileges; tests of permissions need root to become one.
func asUser(t *testing.T, id uint32, program string, args ...string) (output string, err error) {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: id, Gid: id}}
	cmd.Dir = "/"
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// lakeOf is a lake with 2 events that a user owns, in a folder which that user can reach.
func lakeOf(t *testing.T, program string, owner int) string {
	t.Helper()
	base, err := os.MkdirTemp("/tmp", "auditlake-test-")
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = filepath.WalkDir(base, func(path string, _ fs.DirEntry, _ error) error { return os.Chmod(path, 0o700) })
		os.RemoveAll(base)
	})
	require.NoError(t, os.Chmod(base, 0o755))
	lake := filepath.Join(base, "lake")
	out, err := exec.Command(program, "--lake", lake, "import", filepath.Join("..", "..", "testdata", "logs")).CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.NoError(t, filepath.WalkDir(base, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chown(path, owner, owner)
	}))
	return lake
}

func TestPermissions(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to act as other users")
	}
	const owner, stranger = 60001, 60002
	program := buildProgram(t)
	require.NoError(t, os.Chmod(filepath.Dir(program), 0o755))
	lake := lakeOf(t, program, owner)

	out, err := asUser(t, stranger, program, "--lake", lake, "query", "SELECT 1")
	require.Error(t, err)
	require.Contains(t, out, "permission denied")
	require.NotContains(t, out, "no lake here")

	require.NoError(t, filepath.WalkDir(lake, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			err = os.Chmod(path, 0o500)
		}
		return err
	}))
	out, err = asUser(t, owner, program, "--lake", lake, "query", "--format", "csv", "SELECT count(*) > 0 FROM main")
	require.NoError(t, err, out)
	require.Contains(t, out, "true", "a lake that cannot be written to is read")
	out, err = asUser(t, owner, program, "--lake", lake, "compact")
	require.Error(t, err)
	require.Contains(t, out, "read")
}

func TestReadOnlyFlag(t *testing.T) {
	program := buildProgram(t)
	lake := filepath.Join(t.TempDir(), "lake")
	out, err := exec.Command(program, "--lake", lake, "import", filepath.Join("..", "..", "testdata", "logs")).CombinedOutput()
	require.NoError(t, err, "%s", out)
	for name, args := range map[string][]string{
		"query":      {"query", "SELECT count(*) FROM main"},
		"explain":    {"explain", "SELECT count(*) FROM main"},
		"store list": {"store", "list"},
		"store show": {"store", "show"},
		"usage":      {"usage"},
		"verify":     {"verify"},
		"describe":   {"describe", "main"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := exec.Command(program, append([]string{"--lake", lake, "--read-only"}, args...)...).CombinedOutput()
			require.NoError(t, err, "%s", out)
		})
	}
	for name, args := range map[string][]string{
		"import":       {"import", "."},
		"expire":       {"expire"},
		"store create": {"store", "create", "other"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := exec.Command(program, append([]string{"--lake", lake, "--read-only"}, args...)...).CombinedOutput()
			var exit *exec.ExitError
			require.ErrorAs(t, err, &exit)
			require.Equal(t, 2, exit.ExitCode(), "%s", out)
			require.Contains(t, string(out), "--read-only")
		})
	}
	out, err = exec.Command(program, "--lake", filepath.Join(t.TempDir(), "none"), "--read-only", "query", "SELECT 1").CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "no lake here")
}
