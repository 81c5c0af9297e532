package spool

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/types"
	"github.com/auditlake/auditlake/storage/vfs"
)

// TestFailingOperations makes each operation fail that keeping a result needs: that
// query ends with the reason, another's result stays readable, nothing else is left,
// and the next result can be kept.
func TestFailingOperations(t *testing.T) {
	if testing.Short() {
		t.Skip("has a single goroutine")
	}
	for _, op := range []vfs.Op{vfs.OpCreate, vfs.OpWrite, vfs.OpSync, vfs.OpClose, vfs.OpRename, vfs.OpSyncDir, vfs.OpMkdirAll, vfs.OpStat, vfs.OpFree} {
		for _, cause := range []error{syscall.ENOSPC, syscall.EIO} {
			failed := 0
			for after := 0; ; after++ {
				disk := vfs.NewInjector(newDisk(t))
				f := open(t, disk)
				isFirst := op == vfs.OpMkdirAll || op == vfs.OpStat
				if !isFirst {
					require.NoError(t, keepNumbers(f, firstID, 100))
				}
				used := f.UsedBytes()
				disk.Set(&vfs.Fault{Op: op, After: after, Times: 1, Err: cause, Torn: true})
				err := keepNumbers(f, secondID, 40_000)
				happened := disk.Injected() > 0
				disk.Set(nil)
				if !happened {
					require.NoError(t, err)
					break
				}
				failed++
				if errors.Is(cause, syscall.ENOSPC) && op != vfs.OpFree {
					require.Equal(t, types.InsufficientResources, types.ErrorName(err), "%s %d: %v", op, after, err)
					require.ErrorContains(t, err, "no space is left on the disk of "+folder)
				} else {
					require.ErrorIs(t, err, cause)
					require.ErrorContains(t, err, "keep the result")
				}
				require.Equal(t, used, f.UsedBytes(), "%s %d", op, after)
				_, err = f.OpenResult(secondID)
				require.ErrorIs(t, err, ErrNotKept)
				if !isFirst {
					require.Equal(t, []string{firstID + ".result"}, namesIn(t, disk), "%s %d", op, after)
				}
				require.NoError(t, keepNumbers(f, secondID, 40_000), "%s %d", op, after)
				for _, id := range []string{firstID, secondID} {
					if r, err := f.OpenResult(id); !isFirst || id == secondID {
						require.NoError(t, err)
						requireNumbers(t, r, 0, -1)
					}
				}
			}
			require.Positive(t, failed, op)
		}
	}
}

func TestFailingReads(t *testing.T) {
	disk := vfs.NewInjector(newDisk(t))
	f := open(t, disk)
	require.NoError(t, keepNumbers(f, firstID, 1000))
	for _, op := range []vfs.Op{vfs.OpOpen, vfs.OpStat, vfs.OpRead} {
		disk.Set(&vfs.Fault{Op: op, Err: syscall.EIO})
		_, err := f.OpenResult(firstID)
		require.ErrorIs(t, err, syscall.EIO, op)
	}
	disk.Set(nil)
	r, err := f.OpenResult(firstID)
	require.NoError(t, err)
	disk.Set(&vfs.Fault{Op: vfs.OpRead, Err: syscall.EIO})
	page := r.Page(t.Context(), 0, -1)
	require.False(t, page.Next())
	require.ErrorIs(t, page.Err(), syscall.EIO)
	require.False(t, page.Next(), "an error is final")

	disk.Set(&vfs.Fault{Op: vfs.OpReadDir, Err: syscall.EIO})
	_, err = Open(Options{FS: disk, Dir: folder})
	require.ErrorIs(t, err, syscall.EIO)
	disk.Set(&vfs.Fault{Op: vfs.OpRemove, Err: syscall.EIO})
	require.ErrorIs(t, f.Remove(firstID), syscall.EIO)
	require.Positive(t, f.UsedBytes())
	disk.Set(nil)
	require.NoError(t, disk.Remove(f.resultPath(firstID)))
	require.NoError(t, f.Remove(firstID), "it is gone already")
}

// TestCrashes cuts the power at every step of keeping a result: afterwards it is there
// whole or not at all, and what was kept before is readable.
func TestCrashes(t *testing.T) {
	kept := 0
	for step := 0; ; step++ {
		random := rand.New(rand.NewPCG(5, uint64(step)))
		disk := newDisk(t)
		f := open(t, disk)
		require.NoError(t, keepNumbers(f, firstID, 100))
		disk.CrashAfter(step)
		err := keepNumbers(f, secondID, 40_000)
		crashed := disk.Crashed()
		if step%2 == 0 {
			random = nil // nothing survives that was not synced
		}
		disk.Restart(random)

		f = open(t, disk)
		r, openErr := f.OpenResult(firstID)
		require.NoError(t, openErr, step)
		requireNumbers(t, r, 0, -1)
		names := namesIn(t, disk)
		require.NotContains(t, names, "."+secondID+".result.tmp")
		r, openErr = f.OpenResult(secondID)
		switch {
		case openErr == nil:
			kept++
			requireNumbers(t, r, 0, -1)
			require.EqualValues(t, 40_000, r.Rows())
		case err == nil:
			t.Fatalf("step %d: what was promised is lost: %v", step, openErr)
		default:
			require.ErrorIs(t, openErr, ErrNotKept, step)
			require.NoError(t, keepNumbers(f, secondID, 100), step)
		}
		if !crashed {
			require.NoError(t, err)
			break
		}
	}
	require.Positive(t, kept)
}

// TestFirstResultIsDurable: so is the folder that is made for it.
func TestFirstResultIsDurable(t *testing.T) {
	disk := newDisk(t)
	require.NoError(t, keepNumbers(open(t, disk), firstID, 100))
	disk.Restart(nil)
	r, err := open(t, disk).OpenResult(firstID)
	require.NoError(t, err)
	requireNumbers(t, r, 0, -1)
}

func TestMissingFile(t *testing.T) {
	disk := newDisk(t)
	f := open(t, disk)
	require.NoError(t, keepNumbers(f, firstID, 100))
	require.NoError(t, disk.Remove(f.resultPath(firstID)))
	_, err := f.OpenResult(firstID)
	require.ErrorAs(t, err, new(*DamagedError))
	require.ErrorContains(t, err, "missing")
	_, err = disk.Stat(folder)
	require.False(t, errors.Is(err, fs.ErrNotExist))
}
