package catalog

import (
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"testing"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/pb"
	"github.com/dgraph-io/badger/v4/y"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
)

// tableList reads the list of tables of a closed catalog.
func tableList(t *testing.T, dir string) badger.Manifest {
	t.Helper()
	file, err := os.Open(filepath.Join(dir, badger.ManifestFilename))
	require.NoError(t, err)
	defer file.Close()
	manifest, _, err := badger.ReplayManifestFile(file, 0, badgerOptions(dir))
	require.NoError(t, err)
	return manifest
}

// catalogWithDroppedTables is a closed catalog with a store, whose list of tables names so many that are no more.
func catalogWithDroppedTables(t *testing.T, dropped int) (dir string) {
	t.Helper()
	dir = t.TempDir()
	c, err := Open(dir, Options{})
	require.NoError(t, err)
	update(t, c, func(tx *Tx) error { return tx.PutStore(store("00000000-0000-4000-8000-000000000001", "first")) })
	require.NoError(t, c.Close())
	for n := range dropped {
		id := uint64(1_000_000 + n)
		change, err := proto.Marshal(&pb.ManifestChangeSet{Changes: []*pb.ManifestChange{
			{Id: id, Op: pb.ManifestChange_CREATE, Compression: 1}, {Id: id, Op: pb.ManifestChange_DELETE},
		}})
		require.NoError(t, err)
		frame := binary.BigEndian.AppendUint32(nil, uint32(len(change)))
		frame = binary.BigEndian.AppendUint32(frame, crc32.Checksum(change, y.CastagnoliCrcTable))
		appendToList(t, dir, append(frame, change...))
	}
	require.Equal(t, dropped, tableList(t, dir).Deletions)
	return dir
}

func appendToList(t *testing.T, dir string, content []byte) {
	t.Helper()
	file, err := os.OpenFile(filepath.Join(dir, badger.ManifestFilename), os.O_WRONLY|os.O_APPEND, 0)
	require.NoError(t, err)
	_, err = file.Write(content)
	require.NoError(t, err)
	require.NoError(t, file.Close())
}

// requireStores opens and closes a catalog, which has so many stores.
func requireStores(t *testing.T, dir string, want int) {
	t.Helper()
	c, err := Open(dir, Options{})
	require.NoError(t, err)
	require.NoError(t, c.View(func(tx *Tx) error {
		stores, err := tx.Stores()
		require.Len(t, stores, want)
		return err
	}))
	require.NoError(t, c.Close())
}

func TestTableListForgetsTablesThatAreNoMore(t *testing.T) {
	for name, c := range map[string]struct {
		dropped, left int
	}{
		"few":  {maxDroppedTables, maxDroppedTables},
		"many": {maxDroppedTables + 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			dir := catalogWithDroppedTables(t, c.dropped)
			before := tableList(t, dir).Tables
			require.NoError(t, checkTables(dir, Options{}))
			require.Equal(t, c.left, tableList(t, dir).Deletions)
			require.Equal(t, before, tableList(t, dir).Tables)
			requireStores(t, dir, 1)
		})
	}
}

func TestTableListIsLeftAsItIs(t *testing.T) {
	const many = maxDroppedTables + 10
	t.Run("its last change was cut off", func(t *testing.T) {
		dir := catalogWithDroppedTables(t, many)
		appendToList(t, dir, []byte{0, 0, 0, 9})
		require.NoError(t, checkTables(dir, Options{}))
		require.Equal(t, many, tableList(t, dir).Deletions, "Badger cuts it off")
		requireStores(t, dir, 1)
	})
	t.Run("a new one cannot be written", func(t *testing.T) {
		dir := catalogWithDroppedTables(t, many)
		require.NoError(t, os.Mkdir(filepath.Join(dir, nextTableList), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, nextTableList, "file"), nil, 0o600))
		require.NoError(t, checkTables(dir, Options{}))
		require.Equal(t, many, tableList(t, dir).Deletions)
		requireStores(t, dir, 1)
	})
	t.Run("a table is damaged", func(t *testing.T) {
		dir := catalogWithDroppedTables(t, many)
		tables, err := filepath.Glob(filepath.Join(dir, "*.sst"))
		require.NoError(t, err)
		require.NotEmpty(t, tables)
		require.NoError(t, os.Truncate(tables[0], 10))
		require.ErrorAs(t, checkTables(dir, Options{}), new(*DamagedError))
		require.Equal(t, many, tableList(t, dir).Deletions)
	})
}
