//go:build unix

package storage

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func requireMode(t *testing.T, want fs.FileMode, path string) {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, want, info.Mode().Perm(), path)
}

// TestOpenNarrowsKeyAndCatalog: key and catalog that others could read are taken
// from them, with a warning each; the access that a group has to the lake's
// folder and to its segments stays.
func TestOpenNarrowsKeyAndCatalog(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "lake")
	lake, err := Open(context.Background(), dir, Options{})
	require.NoError(t, err)
	require.Empty(t, lake.Warnings())
	_, err = lake.MakeSealingKey()
	require.NoError(t, err)
	credentials, err := lake.PutRootCredentials([]byte("[default]\n"))
	require.NoError(t, err)
	requireMode(t, 0o600, credentials)
	require.NoError(t, os.Chmod(credentials, 0o604))
	require.NoError(t, lake.Close())

	sealing := filepath.Join(dir, sealingKeyFile)
	requireMode(t, 0o600, sealing)
	require.NoError(t, os.Chmod(sealing, 0o640))
	key, folder, stores := filepath.Join(dir, keyFile), filepath.Join(dir, catalogFolder), filepath.Join(dir, "stores")
	require.NoError(t, os.Chmod(key, 0o644))
	require.NoError(t, os.Chmod(folder, 0o755))
	require.NoError(t, os.Chmod(filepath.Join(folder, "MANIFEST"), 0o664))
	require.NoError(t, os.Chmod(dir, 0o750))
	require.NoError(t, os.Chmod(stores, 0o2750|fs.ModeSetgid))
	results := filepath.Join(dir, resultsFolder)
	require.NoError(t, os.Mkdir(results, 0o700))
	require.NoError(t, os.Chmod(results, 0o755))

	lake, err = Open(context.Background(), dir, Options{})
	require.NoError(t, err)
	require.Equal(t, []string{
		key + " was open to other users (mode 0644); now only its owner can use it",
		sealing + " was open to other users (mode 0640); now only its owner can use it",
		credentials + " was open to other users (mode 0604); now only its owner can use it",
		folder + " was open to other users (mode 0755); now only its owner can use it",
		results + " was open to other users (mode 0755); now only its owner can use it",
	}, lake.Warnings())
	requireMode(t, 0o600, key)
	requireMode(t, 0o600, sealing)
	requireMode(t, 0o700, folder)
	requireMode(t, 0o700, results)
	requireMode(t, 0o600, filepath.Join(folder, "MANIFEST"))
	requireMode(t, 0o750, dir)
	requireMode(t, 0o750, stores)
	require.NoError(t, lake.Close())

	lake, err = Open(context.Background(), dir, Options{})
	require.NoError(t, err)
	require.Empty(t, lake.Warnings(), "said once")
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	for _, entry := range entries {
		info, err := entry.Info()
		require.NoError(t, err)
		require.Zero(t, info.Mode().Perm()&0o077, strings.Join([]string{entry.Name(), info.Mode().String()}, " "))
	}
	require.NoError(t, lake.Close())
}
