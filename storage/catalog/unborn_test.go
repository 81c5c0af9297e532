package catalog

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A process killed while Badger creates a log leaves a file of no bytes.
func TestOpenAfterAKillBetweenCreationAndSizeOfALog(t *testing.T) {
	for _, name := range []string{"%06d.vlog", "%05d.mem"} {
		t.Run(filepath.Ext(name), func(t *testing.T) {
			dir := t.TempDir()
			c, err := Open(dir, Options{})
			require.NoError(t, err)
			store := &Store{ID: "0b8e6a4e-0d6b-4a52-9f9e-0f5b2f0c9a11", Name: "main"}
			require.NoError(t, c.Update(context.Background(), func(tx *Tx) error { return tx.PutStore(store) }))
			require.NoError(t, c.Close())
			require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf(name, 99)), nil, 0o600))

			c, err = Open(dir, Options{})
			require.NoError(t, err)
			require.NoError(t, c.View(func(tx *Tx) error {
				_, err := tx.StoreByName("main")
				return err
			}))
			require.NoError(t, c.Close())
		})
	}
}

// One killed while Badger removes a log that it needs no more leaves such a file, too, beside newer logs.
func TestOpenAfterAKillBetweenSizeAndRemovalOfALog(t *testing.T) {
	for _, name := range []string{"000001.vlog", "00001.mem"} {
		t.Run(filepath.Ext(name), func(t *testing.T) {
			dir := t.TempDir()
			for range 3 { // each begins new logs
				c, err := Open(dir, Options{})
				require.NoError(t, err)
				require.NoError(t, c.Close())
			}
			newer, err := filepath.Glob(filepath.Join(dir, "*.vlog"))
			require.NoError(t, err)
			require.NotEmpty(t, newer)
			old := filepath.Join(dir, name)
			require.NotEqual(t, old, newer[len(newer)-1])
			require.NoError(t, os.WriteFile(old, nil, 0o600))
			c, err := Open(dir, Options{})
			require.NoError(t, err)
			require.NoError(t, c.Close())
		})
	}
}

// The very first log of a lake, too.
func TestOpenAfterAKillWhileTheCatalogIsMade(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "000001.vlog"), nil, 0o600))
	c, err := Open(dir, Options{})
	require.NoError(t, err)
	require.NoError(t, c.Close())
}

// What another process has open is not touched.
func TestUnbornLogsOfAnotherProcessStay(t *testing.T) {
	dir := t.TempDir()
	c, err := Open(dir, Options{})
	require.NoError(t, err)
	defer c.Close()
	empty := filepath.Join(dir, "000099.vlog")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	require.ErrorIs(t, removeUnbornLogs(dir), ErrLocked)
	require.FileExists(t, empty)
}
