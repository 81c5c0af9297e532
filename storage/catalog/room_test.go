package catalog

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// Badger writes through memory maps, where a full disk ends the process: the catalog is not opened then.
func TestNoRoomToOpen(t *testing.T) {
	dir := t.TempDir()
	c, err := Open(dir, Options{})
	require.NoError(t, err)
	big := &Store{ID: "0b8e6a4e-0d6b-4a52-9f9e-0f5b2f0c9a11", Name: "main", KmsKeyID: strings.Repeat("key", 100_000)}
	require.NoError(t, c.Update(context.Background(), func(tx *Tx) error { return tx.PutStore(big) }))
	killed := t.TempDir()
	require.NoError(t, os.CopyFS(killed, os.DirFS(dir)))
	logs, err := filepath.Glob(filepath.Join(killed, "*.mem"))
	require.NoError(t, err)
	require.Len(t, logs, 1)
	require.NoError(t, os.Truncate(logs[0], 400_000)) // a copy has no holes
	require.NoError(t, c.Close())

	open := func(dir string, free int64) error {
		c, err := Open(dir, Options{FreeBytes: func() (int64, error) { return free, nil }})
		if err != nil {
			return err
		}
		defer c.Close()
		return c.View(func(tx *Tx) error { _, err := tx.StoreByName("main"); return err })
	}
	require.ErrorIs(t, open(dir, openBytes-1), syscall.ENOSPC)
	require.NoError(t, open(dir, openBytes))
	require.ErrorIs(t, open(killed, openBytes+300_000), syscall.ENOSPC, "its log becomes a table")
	require.NoError(t, open(killed, openBytes+500_000))
}
