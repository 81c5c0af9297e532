//go:build unix

package vfs

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// TestModesUnderAnyUmask is the only test of the package that runs while the
// umask of the process is another; it must not run in parallel.
func TestModesUnderAnyUmask(t *testing.T) {
	for _, umask := range []int{0, 0o022, 0o077, 0o277, 0o777} {
		dir := t.TempDir()
		before := unix.Umask(umask)
		err := OS.MkdirAll(filepath.Join(dir, "a", "b"))
		var file File
		if err == nil {
			file, err = OS.Create(filepath.Join(dir, "a", "b", "c"))
		}
		unix.Umask(before)
		require.NoError(t, err)
		require.NoError(t, file.Close())
		for path, want := range map[string]os.FileMode{"a": 0o700, "a/b": 0o700, "a/b/c": 0o600} {
			info, err := os.Stat(filepath.Join(dir, path))
			require.NoError(t, err)
			require.Equal(t, want, info.Mode().Perm(), "%s under umask %#o", path, umask)
		}
	}
}
