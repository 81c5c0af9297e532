package vfs_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/vfs"
)

// What a file is told to expect changes nothing of what is read, whether it is there or not.
func TestFilesCanBeToldWhatWillBeRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, []byte("content"), 0o600))
	for _, fs := range []vfs.FS{vfs.OS, vfs.ReadOnly(vfs.OS, errors.New("read-only"))} {
		file, err := fs.Open(path)
		require.NoError(t, err)
		require.Implements(t, (*vfs.Expecter)(nil), file)
		file.(vfs.Expecter).Expect(3, 100)
		file.(vfs.Expecter).Expect(-1, -1)
		got := make([]byte, 4)
		_, err = file.ReadAt(got, 3)
		require.NoError(t, err)
		require.Equal(t, "tent", string(got))
		require.NoError(t, file.Close())
		file.(vfs.Expecter).Expect(0, 1)
	}
}
