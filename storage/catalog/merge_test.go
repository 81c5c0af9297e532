package catalog

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/dgraph-io/badger/v4"
	"github.com/stretchr/testify/require"
)

// newestTables counts the tables of a closed catalog that were merged with no others, and the others.
func newestTables(t *testing.T, dir string) (newest, merged int) {
	t.Helper()
	file, err := os.Open(filepath.Join(dir, badger.ManifestFilename))
	require.NoError(t, err)
	defer file.Close()
	manifest, _, err := badger.ReplayManifestFile(file, 0, badgerOptions(dir))
	require.NoError(t, err)
	for _, table := range manifest.Tables {
		if table.Level == 0 {
			newest++
		} else {
			merged++
		}
	}
	return newest, merged
}

// TestTablesOfShortProcesses: however many processes open a catalog, write something and end at once, it does not get more and more
// tables, and has what each of them wrote.
func TestTablesOfShortProcesses(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	const processes = 2*maxSmallTables + 3
	dir := t.TempDir()
	id := func(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }
	wasMerged := false
	for n := range processes {
		c, err := Open(dir, Options{})
		require.NoError(t, err)
		update(t, c, func(tx *Tx) error { return tx.PutStore(store(id(n), fmt.Sprintf("store%d", n))) })
		require.NoError(t, c.Close())
		newest, merged := newestTables(t, dir)
		require.LessOrEqual(t, newest, maxSmallTables)
		wasMerged = wasMerged || merged > 0
	}
	require.True(t, wasMerged)
	c, err := Open(dir, Options{})
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.View(func(tx *Tx) error {
		stores, err := tx.Stores()
		require.Len(t, stores, processes)
		return err
	}))
}
