package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"

	"github.com/dgraph-io/badger/v4"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/vfs"
)

// Every file operation of a commit fails once, with every count of operations before it: the error
// names its cause, nothing of the commit is visible, and the next commit works.
func TestEachFailingOperationOfACommit(t *testing.T) {
	if testing.Short() {
		t.Skip("too long under the race detector; the unit stage runs it")
	}
	for _, op := range []vfs.Op{vfs.OpMkdirAll, vfs.OpCreate, vfs.OpWrite, vfs.OpSync, vfs.OpClose, vfs.OpRename, vfs.OpSyncDir} {
		for _, cause := range []syscall.Errno{syscall.ENOSPC, syscall.EIO} {
			t.Run(fmt.Sprint(op, cause), func(t *testing.T) {
				faults := vfs.NewInjector(vfs.OS)
				l := newLakeOn(t, faults)
				commit(t, l, event{at: noon, name: "before"})
				want := []string{"before"}
				for after := 0; ; after++ {
					faults.Set(&vfs.Fault{Op: op, After: after, Times: 1, Err: cause})
					err := tryCommit(l, t)
					if faults.Injected() == 0 {
						require.NoError(t, err)
						require.Positive(t, after, "the operation is part of a commit")
						break
					}
					faults.Set(nil)
					if l.head.isBehind { // the commit's own file proves it until the next one
						require.NoError(t, err)
						want = append(want, "new", "new", "new")
						require.NoError(t, l.Close())
						l = openLake(t, l.Dir(), faults)
						t.Cleanup(func() { l.Close() })
						require.NoError(t, l.checkChangeable())
						require.Empty(t, problems(t, l, ChainTrust{}))
						continue
					}
					require.ErrorIs(t, err, cause)
					require.Equal(t, want, names(t, snapshot(t, l), ScanRequest{}))
					require.Len(t, segmentFiles(t, l), len(want))
					commit(t, l, event{at: noon, name: "next"})
					want = append(want, "next")
				}
			})
		}
	}
}

// Every file operation, and the begin of every transaction, of everything that changes a lake fails once:
// either it is not in the way, or an error names its cause. What was acknowledged is there, before and
// after the lake is opened again, and later work goes on.
func TestEachFailingOperation(t *testing.T) {
	t.Parallel() // its lakes are its own
	if testing.Short() {
		t.Skip("too long under the race detector; the unit stage runs it")
	}
	alike := 2
	if crashesAtLength() {
		alike = 4
	}
	prepare := func(c *crashLake) error {
		return c.inTurn(
			func() error { return c.commit(1, 2) }, func() error { return c.commit(2, 1, 3) },
			func() error { return c.push(1, 2) }, func() error { return c.push(3) })
	}
	for _, tt := range []struct {
		name string
		do   func(c *crashLake) error
		in   []vfs.Op // some of its operations, which must be among those that failed
	}{
		{"import", func(c *crashLake) error { return c.commit(2, 4, 1) }, []vfs.Op{vfs.OpMkdirAll, vfs.OpCreate, vfs.OpWrite, vfs.OpSync, vfs.OpClose, vfs.OpRename, vfs.OpSyncDir, vfs.OpFree}},
		{"push", func(c *crashLake) error { return c.push(1, 2) }, []vfs.Op{vfs.OpWrite, vfs.OpSync}},
		{"push into another file", func(c *crashLake) error {
			c.lake.hot.log.BeginFile()
			return c.push(1, 2)
		}, []vfs.Op{vfs.OpCreate, vfs.OpSyncDir, vfs.OpWrite, vfs.OpSync}},
		{"flush", (*crashLake).flush, []vfs.Op{vfs.OpCreate, vfs.OpWrite, vfs.OpSync, vfs.OpRename, vfs.OpSyncDir, vfs.OpFree}},
		{"flush, then pushes into a file that is written over", func(c *crashLake) error {
			return c.inTurn(c.flush, func() error { return c.push(1) }, func() error { return c.push(2) })
		}, []vfs.Op{vfs.OpReopen, vfs.OpRename, vfs.OpWrite, vfs.OpSync, vfs.OpStat}},
		{"compaction", (*crashLake).compact, []vfs.Op{vfs.OpOpen, vfs.OpRead, vfs.OpCreate, vfs.OpWrite, vfs.OpSync, vfs.OpRename, vfs.OpSyncDir, vfs.OpFree, vfs.OpRemove}},
		{"expiry", func(c *crashLake) error {
			return c.inTurn(c.flush, func() error { return c.expire(3) })
		}, []vfs.Op{vfs.OpFree, vfs.OpRemove}},
		{"deletion of the store", (*crashLake).drop, []vfs.Op{vfs.OpFree, vfs.OpRemove}},
		{"restart", (*crashLake).reopen, []vfs.Op{vfs.OpMkdirAll, vfs.OpReadDir, vfs.OpOpen, vfs.OpRead, vfs.OpStat, vfs.OpSyncDir}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			failed := map[vfs.Op]bool{}
			for _, op := range vfs.Ops {
				disk := vfs.NewMemory()
				faults := vfs.NewInjector(disk)
				c := newCrashLakeOn(t, disk, faults)
				for after, hit := 0, true; hit; after += 1 + after/alike { // the many reads are much alike
					require.NoError(t, prepare(c))
					fault := &vfs.Fault{Op: op, After: after, Times: 1, Err: syscall.EIO}
					if after%2 == 0 {
						fault.Err, fault.Torn = syscall.ENOSPC, true
					}
					faults.Set(fault)
					err := acknowledged(c, tt.do(c))
					hit = faults.Injected() > 0
					faults.Set(nil)
					failed[op] = failed[op] || hit
					if err != nil {
						require.True(t, hit, "%s %d: %v", op, after, err)
						require.ErrorIs(t, err, fault.Err, "%s %d", op, after)
					}
					c.checkAfterFault()
				}
				require.NoError(t, c.lake.Close())
			}
			for _, op := range tt.in {
				require.True(t, failed[op], "no %s failed", op)
			}
		})
	}
}

// checkAfterFault checks the lake as it is, does further work, and checks it opened again.
func (c *crashLake) checkAfterFault() {
	t := c.t
	t.Helper()
	// A restart that failed is tried again. A lake that could be read only, as its key could not, becomes
	// one to write to when it is opened again; then the folders go, too, that a deletion left behind.
	isGone := c.lake.Catalog().View(func(tx *catalog.Tx) error { _, err := tx.Store(storeID); return err }) != nil
	if c.lake.isClosed() || c.lake.chainFailed != nil || isGone {
		_ = c.lake.Close()
		c.lake = openLake(t, c.dir, c.fs)
	}
	c.finishDrop()
	got := namesNow(t, c.lake)
	slices.Sort(got)
	if !slices.Equal(got, c.want.names()) {
		require.Equal(t, c.maybe.names(), got, "neither what was before nor what was begun; before: %v", c.want.names())
		c.want = c.maybe
	}
	require.NoError(t, c.inTurn(func() error { return c.push(2) }, func() error { return c.commit(1) }, c.reopen))
	c.check()
	require.NoError(t, c.inTurn(func() error { return c.push(1) }, c.flush, c.compact, func() error { return c.expire(9) }))
	require.Empty(t, namesNow(t, c.lake))
}

func (l *Lake) isClosed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed
}

// tryCommit commits rows of three days.
func tryCommit(l *Lake, t *testing.T) error {
	w := newWriter(t, l)
	defer w.Abort()
	var events []event
	for n := range 3 {
		events = append(events, event{at: noon.AddDate(0, 1, n), name: "new"})
	}
	require.NoError(t, w.Append(record(t, events)))
	return w.Commit(ctx, catalog.ImportChange{})
}

type fullFS struct{ vfs.FS }

func (fullFS) FreeBytes(string) (int64, error) { return catalog.MinFreeBytes - 1, nil }

func TestNoRoomForTheCatalog(t *testing.T) {
	dir := t.TempDir()
	l := openLake(t, dir, nil)
	putStore(t, l)
	commit(t, l, event{at: noon, name: "a"})
	require.NoError(t, l.Close())

	l, err := Open(ctx, dir, Options{FS: fullFS{vfs.OS}})
	require.NoError(t, err, "a lake on a full disk can be read")
	defer l.Close()
	require.ErrorIs(t, tryCommit(l, t), syscall.ENOSPC)
	require.Equal(t, []string{"a"}, names(t, snapshot(t, l), ScanRequest{}))
	require.Len(t, segmentFiles(t, l), 1)
}

// A process that dies at any point between the first write and the transaction leaves a lake that
// opens with the earlier commits and nothing else.
func TestKilledBeforeTheTransaction(t *testing.T) {
	for _, tt := range []struct {
		name string
		stop *vfs.Fault // from here on nothing happens any more
	}{
		{"at the first write", &vfs.Fault{Op: vfs.OpWrite}},
		{"at the second sync", &vfs.Fault{Op: vfs.OpSync, After: 1}},
		{"at the first rename", &vfs.Fault{Op: vfs.OpRename}},
		{"at the third rename", &vfs.Fault{Op: vfs.OpRename, After: 2}},
		{"at the first sync of a folder", &vfs.Fault{Op: vfs.OpSyncDir}},
	} {
		if testing.Short() && tt.stop.After > 0 {
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			l := newLake(t)
			commit(t, l, event{at: noon, name: "before"})

			// The copy of the lake's folder is what the dead process leaves: files are as they are at
			// the fault, nobody cleans up, and Badger was not closed.
			// Days are written by several goroutines; the first to meet the fault copies.
			left := t.TempDir()
			l.fs = &stopFS{Injector: vfs.NewInjector(vfs.OS), stop: sync.OnceFunc(func() { copyTree(t, l.Dir(), left) })}
			tt.stop.Err = syscall.EIO
			l.fs.(*stopFS).Set(tt.stop)
			require.Error(t, tryCommit(l, t))
			require.DirExists(t, filepath.Join(left, catalogFolder))

			after := openLake(t, left, nil)
			defer after.Close()
			require.Equal(t, []string{"before"}, names(t, snapshot(t, after), ScanRequest{}))
			require.Len(t, segmentFiles(t, after), 1)
			require.NoError(t, tryCommit(after, t))
			require.Len(t, names(t, snapshot(t, after), ScanRequest{}), 4)
		})
	}
}

// A process that dies right after Commit returned has lost nothing.
func TestKilledAfterCommit(t *testing.T) {
	commits := 5
	if testing.Short() {
		commits = 2
	}
	l := newLake(t)
	for i := range commits {
		commit(t, l, event{at: noon, name: fmt.Sprint(i)})
		left := t.TempDir()
		copyTree(t, l.Dir(), left)
		after := openLake(t, left, nil)
		require.Len(t, names(t, snapshot(t, after), ScanRequest{}), i+1)
		require.NoError(t, after.Close())
	}
}

// stopFS calls stop before the removal of files that follows a fault.
type stopFS struct {
	*vfs.Injector
	stop func()
}

func (f *stopFS) Remove(path string) error {
	f.stop()
	return f.Injector.Remove(path)
}

// copyTree copies a folder as a crash would leave it. Badger may write or merge tables of an open catalog meanwhile, so
// that the copied list of tables names a table that was not copied: such a copy is made again.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	for {
		before := catalogTables(t, from)
		err := os.CopyFS(to, os.DirFS(from))
		if maps.Equal(before, catalogTables(t, from)) {
			require.NoError(t, err)
			return
		}
		require.NoError(t, os.RemoveAll(to))
	}
}

// catalogTables returns the sizes of all files in which Badger keeps and lists its tables, by path.
func catalogTables(t *testing.T, dir string) map[string]int64 {
	t.Helper()
	sizes := map[string]int64{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && (filepath.Ext(path) == ".sst" || d.Name() == badger.ManifestFilename) {
			var info fs.FileInfo
			if info, err = d.Info(); err == nil {
				sizes[path] = info.Size()
			}
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}))
	return sizes
}

// A read that fails ends the scan with its cause, and is no sign of damage; the next scan works.
func TestFailingReads(t *testing.T) {
	if testing.Short() {
		t.Skip("too long under the race detector; the unit stage runs it")
	}
	faults := vfs.NewInjector(vfs.OS)
	l := newLakeOn(t, faults)
	commit(t, l, secondsApart(day(1), 10_000)...)
	s := snapshot(t, l)
	for _, op := range []vfs.Op{vfs.OpStat, vfs.OpOpen, vfs.OpRead} {
		failures := 0
		for after := 0; ; after++ {
			for _, file := range segmentFiles(t, l) {
				l.forgetTail(filepath.Join(l.storesPath(), file))
				l.files.forget(filepath.Join(l.storesPath(), file))
			}
			faults.Set(&vfs.Fault{Op: op, After: after, Times: 1, Err: syscall.EIO})
			_, err := allRowsOf(startScan(t, s, ScanRequest{Where: where(equal("eventname", "e"))}))
			if faults.Injected() == 0 {
				require.NoError(t, err)
				break
			}
			failures++
			var damaged *DamagedError
			require.ErrorIs(t, err, syscall.EIO)
			require.False(t, errors.As(err, &damaged), err)
		}
		require.Positive(t, failures, op)
	}
}
