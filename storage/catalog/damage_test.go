package catalog

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/dgraph-io/badger/v4"
	"github.com/stretchr/testify/require"
)

// filledCatalog makes a catalog with a table of several blocks, and closes it.
func filledCatalog(t *testing.T) (dir, table string) {
	t.Helper()
	dir = t.TempDir()
	c, err := Open(dir, Options{})
	require.NoError(t, err)
	require.NoError(t, c.Update(context.Background(), func(tx *Tx) error {
		for i := range 500 {
			s := &Segment{StoreID: "0b8e6a4e-0d6b-4a52-9f9e-0f5b2f0c9a11", Day: Day(i), Name: fmt.Sprint(i), SHA256: hash(fmt.Sprint(i))}
			if _, err := tx.ChangeSegments([]*Segment{s}, nil); err != nil {
				return err
			}
		}
		return nil
	}))
	require.NoError(t, c.Close())
	tables, err := filepath.Glob(filepath.Join(dir, "*.sst"))
	require.NoError(t, err)
	require.Len(t, tables, 1)
	return dir, tables[0]
}

// requireDamaged tells that the catalog is not opened, and which file is to blame.
func requireDamaged(t *testing.T, dir, file string, what ...any) {
	t.Helper()
	_, err := Open(dir, Options{})
	var damaged *DamagedError
	require.ErrorAs(t, err, &damaged, what...)
	require.Equal(t, file, damaged.Path)
}

// A table that is damaged anywhere is an error, not a shorter list of segments, and not the end of the process.
func TestDamagedTable(t *testing.T) {
	dir, table := filledCatalog(t)
	whole, err := os.ReadFile(table)
	require.NoError(t, err)
	require.Greater(t, len(whole), 3*tableBlockBytes)
	// The last bytes are lengths and checksums.
	var places []int
	for at := 0; at < len(whole)-100; at += 1009 {
		places = append(places, at)
	}
	for at := len(whole) - 100; at < len(whole); at++ {
		places = append(places, at)
	}
	for _, at := range places {
		damaged := append([]byte(nil), whole...)
		damaged[at] ^= 0x10
		require.NoError(t, os.WriteFile(table, damaged, 0o600))
		requireDamaged(t, dir, table, "byte %d", at)
		require.NoError(t, os.WriteFile(table, whole[:at], 0o600))
		requireDamaged(t, dir, table, "cut at %d", at)
	}
	require.NoError(t, os.Remove(table))
	requireDamaged(t, dir, table)

	require.NoError(t, os.WriteFile(table, whole, 0o600))
	c, err := Open(dir, Options{})
	require.NoError(t, err)
	require.NoError(t, c.Close())
}

// Badger's own list of tables, cut off: what it does not name would be deleted.
func TestListOfTablesCutOff(t *testing.T) {
	dir, table := filledCatalog(t)
	list := filepath.Join(dir, badger.ManifestFilename)
	whole, err := os.ReadFile(list)
	require.NoError(t, err)
	for end := range len(whole) {
		require.NoError(t, os.WriteFile(list, whole[:end], 0o600))
		requireDamaged(t, dir, list, "cut at %d", end)
		require.FileExists(t, table)
	}
}
