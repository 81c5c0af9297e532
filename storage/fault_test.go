package storage

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

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
					require.ErrorIs(t, err, cause)
					faults.Set(nil)
					require.Equal(t, want, names(t, snapshot(t, l), ScanRequest{}))
					require.Len(t, segmentFiles(t, l), len(want))
					commit(t, l, event{at: noon, name: "next"})
					want = append(want, "next")
				}
			})
		}
	}
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
	l := newLake(t)
	for i := range 5 {
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

func copyTree(t *testing.T, from, to string) {
	t.Helper()
	require.NoError(t, os.CopyFS(to, os.DirFS(from)))
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
				l.tails.forget(filepath.Join(l.storesPath(), file))
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
