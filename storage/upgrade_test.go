package storage

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/vfs"
)

// unsealedFile is a lake of format version 2 with imports, a compaction, a flush and a push that is in no segment, as the
// last program of that version wrote it.
const unsealedFile = "testdata/format/unsealed.tar.gz"

var unsealedRows = []string{"a", "b", "aa", "bb", "flushed", "pushed"}

func requireUpgraded(t *testing.T, l *Lake) {
	t.Helper()
	require.NoError(t, l.checkChangeable())
	require.NoError(t, l.chainFailed)
	require.ElementsMatch(t, unsealedRows, namesNow(t, l))
	require.Empty(t, problems(t, l, ChainTrust{}))
	require.NoError(t, l.Catalog().View(func(tx *catalog.Tx) error {
		version, err := tx.FormatVersion()
		require.NoError(t, err)
		require.EqualValues(t, catalog.SealedFormatVersion, version)
		_, underWay, err := tx.Adopting()
		require.NoError(t, err)
		require.False(t, underWay)
		return nil
	}))
	require.FileExists(t, l.storePath(storeID)+"/"+storeFile)
}

// A lake of before opens, verifies and is upgraded: its old chain stays, stores and ledger join it.
func TestUpgrade(t *testing.T) {
	dir := t.TempDir()
	unpack(t, unsealedFile, dir)
	l := withoutBackground(openLake(t, dir, nil))
	requireUpgraded(t, l)
	head, err := l.ChainHead()
	require.NoError(t, err)
	require.EqualValues(t, 6+3, head.Entries, "begin, two imports, two compactions, a flush; the store, the ledger, the seal of the log")
	first := 0
	require.NoError(t, l.eachCommit(0, nil, func(c *commitRecord) error {
		require.EqualValues(t, first, c.first)
		first += len(c.entries)
		return nil
	}))
	require.Equal(t, 9, first, "the commits of before have their files, too")
	require.NoError(t, l.Flush(ctx))
	ledgerCommit(t, l, "c", event{at: day(4), name: "c"})
	require.NoError(t, l.Close())
	l = withoutBackground(openLake(t, dir, nil))
	defer l.Close()
	require.NoError(t, l.checkChangeable())
	require.Empty(t, problems(t, l, ChainTrust{}))
	require.Len(t, namesNow(t, l), len(unsealedRows)+1)
}

// Every file operation of the upgrade fails once: the lake opens then, or with the next try, and is whole.
func TestEachFailingOperationOfAnUpgrade(t *testing.T) {
	t.Parallel() // its lakes are its own
	if testing.Short() {
		t.Skip("too long under the race detector; the unit stage runs it")
	}
	for _, op := range []vfs.Op{vfs.OpCreate, vfs.OpReopen, vfs.OpWrite, vfs.OpSync, vfs.OpRename, vfs.OpSyncDir, vfs.OpMkdirAll} {
		t.Run(string(op), func(t *testing.T) {
			for after := 0; ; after++ {
				dir := t.TempDir()
				unpack(t, unsealedFile, dir)
				faults := vfs.NewInjector(vfs.OS)
				faults.Set(&vfs.Fault{Op: op, After: after, Times: 1, Err: syscall.EIO})
				l, err := Open(ctx, dir, Options{FS: faults, Decoder: decodeEvents(t)})
				hit := faults.Injected() > 0
				faults.Set(nil)
				if err == nil {
					require.NoError(t, withoutBackground(l).Close())
				} else {
					require.ErrorIs(t, err, syscall.EIO)
				}
				l = withoutBackground(openLake(t, dir, faults))
				requireUpgraded(t, l)
				require.NoError(t, l.Close())
				if !hit {
					require.Positive(t, after)
					return
				}
			}
		})
	}
}
