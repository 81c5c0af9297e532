package storage

import (
	"fmt"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/material"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/vfs"
)

// startDropping tells the test's store to leave repeated events out.
func startDropping(t *testing.T, l *Lake) {
	t.Helper()
	require.NoError(t, l.Catalog().Update(ctx, func(tx *catalog.Tx) error {
		s := testStore()
		s.DedupeEventID, s.HoldsRepeats = true, true
		return tx.PutStore(s)
	}))
}

func delivered(name, id string, at time.Time) event { return event{at: at, name: name, id: id} }

// sortedNames reads the eventname of all rows.
func sortedNames(t *testing.T, l *Lake) []string {
	t.Helper()
	found := namesNow(t, l)
	slices.Sort(found)
	return found
}

func TestCompactDropsRepeats(t *testing.T) {
	for name, windowRows := range map[string]int64{"at once": maxRepeatWindowRows, "in stretches": 1} {
		t.Run(name, func(t *testing.T) {
			l := newLake(t)
			l.repeatWindowRows = windowRows
			at := func(n int) time.Time { return day(1).Add(time.Duration(n) * time.Minute) }
			commit(t, l, delivered("a", "1", at(1)), delivered("b", "2", at(2)), delivered("b", "2", at(2)), delivered("none", "", at(3)),
				delivered("end", "9", day(2).Add(-time.Millisecond)))
			commit(t, l, delivered("a", "1", at(1)), delivered("other bytes", "2", at(2)), delivered("none", "", at(3)), delivered("c", "3", at(4)),
				delivered("end", "9", day(2).Add(-time.Millisecond)))
			commit(t, l, delivered("b", "2", at(2)), delivered("c", "3", at(4))) // of which nothing is left
			commit(t, l, delivered("a", "1", day(2)))                            // another day
			startDropping(t, l)
			alone := segmentsOf(t, l)[3]
			before := snapshot(t, l)

			done := compact(t, l)
			require.EqualValues(t, 5, done.Repeats)
			require.Equal(t, []string{"a", "a", "b", "c", "end", "none", "none", "other bytes"}, sortedNames(t, l))
			require.Len(t, names(t, before, ScanRequest{}), 13, "who began before reads what was there")
			require.Contains(t, segmentsOf(t, l), alone, "a day without repeats is not written anew")
			s := snapshot(t, l)
			rows := int64(0)
			for _, segment := range segmentsOf(t, l) {
				require.NoError(t, s.Verify(ctx, segment))
				rows += segment.Rows
			}
			require.EqualValues(t, 8, rows, "of what the manifest counts")
			require.Empty(t, problems(t, l, ChainTrust{}))
			require.Zero(t, compact(t, l), "compacting again changes nothing")
		})
	}
}

// TestCompactDropsRepeatsOfWholeGroups: rows of many row groups, of which some vanish.
func TestCompactDropsRepeatsOfWholeGroups(t *testing.T) {
	l := newLake(t)
	var events []event
	for i := range 20_000 {
		events = append(events, delivered(fmt.Sprint("e", i), fmt.Sprint(i), day(1).Add(time.Duration(i)*time.Second)))
	}
	commit(t, l, events[:12_000]...)
	commit(t, l, events[500:]...)
	startDropping(t, l)
	l.mergeBytes = 1 // row group by row group
	require.EqualValues(t, 11_500, compact(t, l).Repeats)
	found := sortedNames(t, l)
	require.Len(t, found, len(events))
	require.Len(t, slices.Compact(found), len(events))
}

// TestRepeatsOfDamagedSegments: what only a damaged segment has besides stays.
func TestRepeatsOfDamagedSegments(t *testing.T) {
	l := newLake(t)
	for range 3 {
		commit(t, l, delivered("a", "1", day(1)))
	}
	startDropping(t, l)
	path := l.SegmentPath(segmentsOf(t, l)[0])
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	content[len(content)/2] ^= 1
	require.NoError(t, os.WriteFile(path, content, 0o600))
	done, err := l.Compact(ctx, storeID, ever)
	requireDamaged(t, err, path)
	require.EqualValues(t, 1, done.Repeats)
	content[len(content)/2] ^= 1
	require.NoError(t, os.WriteFile(path, content, 0o600))
	require.Equal(t, []string{"a", "a"}, namesNow(t, l))
	require.EqualValues(t, 1, compact(t, l).Repeats)
	require.Equal(t, []string{"a"}, namesNow(t, l))
}

// TestRepeatsBeforeTheHorizon: a longer retention may show them again.
func TestRepeatsBeforeTheHorizon(t *testing.T) {
	l := newLake(t)
	for range 3 {
		commit(t, l, delivered("a", "1", day(1)))
	}
	startDropping(t, l)
	done, err := l.Compact(ctx, storeID, day(5))
	require.NoError(t, err)
	require.EqualValues(t, 2, done.Repeats)
	require.Equal(t, []string{"a"}, namesNow(t, l))
}

// TestEachFailingOperationOfDroppingRepeats: no event is lost, and the next compaction drops what is left.
func TestEachFailingOperationOfDroppingRepeats(t *testing.T) {
	var folder material.Made
	repeats := func(dir string) {
		l := openLake(t, dir, nil)
		putStore(t, l)
		commit(t, l, delivered("a", "1", day(1)), delivered("b", "2", day(1)))
		commit(t, l, delivered("b", "2", day(1)), delivered("c", "3", day(1)))
		startDropping(t, l)
		require.NoError(t, l.Close())
	}
	part := 4
	if testing.Short() {
		part = 1
	}
	for _, op := range []vfs.Op{vfs.OpCreate, vfs.OpWrite, vfs.OpSync, vfs.OpRename, vfs.OpSyncDir, vfs.OpRemove} {
		t.Run(string(op), func(t *testing.T) {
			for after := 0; ; after += 1 + after/part {
				faults := vfs.NewInjector(vfs.OS)
				l := openLake(t, folder.Copy(t, repeats), faults)
				faults.Set(&vfs.Fault{Op: op, After: after, Times: 1, Err: syscall.EIO})
				_, _ = l.Compact(ctx, storeID, ever)
				hit := faults.Injected() > 0
				faults.Set(nil)
				require.Equal(t, []string{"a", "b", "c"}, slices.Compact(sortedNames(t, l)), "after %d", after)
				compact(t, l)
				require.Equal(t, []string{"a", "b", "c"}, sortedNames(t, l))
				dir := l.Dir()
				require.NoError(t, l.Close())
				if !hit {
					return
				}
				again := openLake(t, dir, nil)
				require.Equal(t, []string{"a", "b", "c"}, sortedNames(t, again))
				require.NoError(t, again.Close())
			}
		})
	}
}
