//go:build unix

package main_test

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestModesUnderAnyUmask: a lake is its user's alone, whatever umask the program
// was started with; an answer that a user has written to a file follows the umask.
func TestModesUnderAnyUmask(t *testing.T) {
	program := buildProgram(t)
	for umask, answerMode := range map[string]fs.FileMode{"0": 0o666, "022": 0o644, "077": 0o600, "777": 0} {
		t.Run(umask, func(t *testing.T) {
			dir := t.TempDir()
			lake, answer := filepath.Join(dir, "a", "lake"), filepath.Join(dir, "answer.csv")
			for _, args := range []string{"import ../../testdata/logs", "query --format csv -o " + answer + " 'SELECT count(*) FROM main'"} {
				line := fmt.Sprintf("umask %s; exec %s --lake %s %s", umask, program, lake, args)
				out, err := exec.Command("sh", "-c", line).CombinedOutput()
				require.NoError(t, err, string(out))
				require.NotContains(t, string(out), "warning")
			}
			info, err := os.Stat(answer)
			require.NoError(t, err)
			require.Equal(t, answerMode, info.Mode().Perm())
			files := 0
			require.NoError(t, filepath.WalkDir(filepath.Join(dir, "a"), func(path string, entry fs.DirEntry, err error) error {
				require.NoError(t, err)
				info, err := entry.Info()
				require.NoError(t, err)
				want := fs.FileMode(0o600)
				if entry.IsDir() {
					want = 0o700
				} else {
					files++
				}
				require.Equal(t, want, info.Mode().Perm(), path)
				return nil
			}))
			require.Greater(t, files, 5)
		})
	}
}

// TestNarrowingIsSaid: what others could read is narrowed, and the user told once.
func TestNarrowingIsSaid(t *testing.T) {
	program := buildProgram(t)
	lake := filepath.Join(t.TempDir(), "lake")
	query := func() ended { return execute(t, exec.Command(program, "--lake", lake, "query", "SELECT 1")) }
	require.Zero(t, execute(t, exec.Command(program, "--lake", lake, "store", "create", "main")).code)
	key := filepath.Join(lake, "chain.key")
	require.NoError(t, os.Chmod(key, 0o640))
	require.NoError(t, os.Chmod(lake, 0o750))
	got := query()
	require.Equal(t, 0, got.code)
	require.Contains(t, got.err, "warning: "+key+" was open to other users (mode 0640); now only its owner can use it")
	info, err := os.Stat(key)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
	info, err = os.Stat(lake)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o750), info.Mode().Perm(), "shared on purpose")
	require.NotContains(t, query().err, "warning")
}
