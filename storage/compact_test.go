package storage

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/schema"
	"github.com/auditlake/auditlake/storage/vfs"
)

// randomEvents makes events of the first days of March, many of them at equal times.
func randomEvents(r *rand.Rand, n, days int) []event {
	yes := true
	events := make([]event, n)
	for i := range events {
		events[i] = event{at: day(1 + r.IntN(days)).Add(time.Duration(r.IntN(500)) * time.Minute), name: fmt.Sprintf("%x", r.Uint64())}
		if r.IntN(2) == 0 {
			events[i].arn = fmt.Sprint("arn:", r.IntN(20))
		}
		if r.IntN(3) == 0 {
			events[i].readOnly = &yes
		}
		if r.IntN(3) == 0 {
			events[i].params = map[string]string{"key": fmt.Sprint(r.IntN(5))}
		}
	}
	return events
}

// rowsByTime reads all columns of all rows sorted by eventtime. Equal times keep the order of the
// scan, or come by name, which is unique.
func rowsByTime(t *testing.T, s *Snapshot, byName bool) []arrow.Array {
	t.Helper()
	sc := startScan(t, s, ScanRequest{})
	groups, err := allRowsOf(sc)
	require.NoError(t, err)
	if len(groups) == 0 {
		return nil
	}
	timeCol := sc.table.Arrow().FieldIndices(timeColumn)[0]
	var order []rowRef
	for i, group := range groups {
		for row, t := range group[timeCol].(*array.Timestamp).TimestampValues() {
			order = append(order, rowRef{time: int64(t), rec: int32(i), row: int32(row)})
		}
	}
	sortRows(order)
	if byName {
		nameCol := sc.table.Arrow().FieldIndices("eventname")[0]
		slices.SortStableFunc(order, func(x, y rowRef) int {
			xName, _ := textAt(groups[x.rec][nameCol], int(x.row))
			yName, _ := textAt(groups[y.rec][nameCol], int(y.row))
			return cmp.Or(cmp.Compare(x.time, y.time), cmp.Compare(xName, yName))
		})
	}
	rec, err := gatherRows(sc.table.Arrow(), groups, order)
	require.NoError(t, err)
	return rec.Columns()
}

func requireRows(t *testing.T, want, got []arrow.Array) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		require.True(t, array.Equal(want[i], got[i]), "column %d", i)
	}
}

func compact(t *testing.T, l *Lake) Compacted {
	t.Helper()
	done, err := l.Compact(ctx, storeID, ever)
	require.NoError(t, err)
	return done
}

func segmentsOf(t *testing.T, l *Lake) []*catalog.Segment {
	t.Helper()
	s := snapshot(t, l)
	defer s.Close()
	list, err := s.Segments(storeID)
	require.NoError(t, err)
	return list
}

// namesNow is names of a snapshot that is closed again.
func namesNow(t *testing.T, l *Lake) []string {
	t.Helper()
	s := snapshot(t, l)
	defer s.Close()
	return names(t, s, ScanRequest{})
}

func TestCompactKeepsRows(t *testing.T) {
	if testing.Short() {
		t.Skip("too long under the race detector; the unit stage runs it")
	}
	for _, tt := range []struct {
		name       string
		rows, days int  // of each commit
		few        bool // memory for two row groups only
		written    int
	}{
		{"a segment a day", 1000, 3, false, 3},
		{"two segments at a time", 1000, 3, true, 3},
		{"several segments a day", 4000, 1, false, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLake(t)
			if tt.few {
				l.mergeBytes = 1
			}
			r := rand.New(rand.NewPCG(1, 2))
			const commits = 7
			for range commits {
				commit(t, l, randomEvents(r, tt.rows, tt.days)...)
			}
			before := segmentsOf(t, l)
			if tt.written > tt.days { // stripes of one row group
				l.stripeBytes, l.segmentBytes = 1, smallSegmentShare*(before[0].Bytes+1000)
			}
			want := rowsByTime(t, snapshot(t, l), tt.few)

			done := compact(t, l)
			require.Equal(t, Compacted{Merged: len(before), Written: tt.written, Rows: int64(commits * tt.rows)}, withoutBytes(done))
			after := segmentsOf(t, l)
			require.Len(t, after, tt.written)
			s := snapshot(t, l)
			requireRows(t, want, rowsByTime(t, s, tt.few))
			for i, segment := range after {
				require.NoError(t, s.Verify(ctx, segment))
				if i > 0 && after[i-1].Day == segment.Day {
					require.LessOrEqual(t, after[i-1].MaxTime, segment.MinTime, "segments of a day follow each other")
				}
			}
			if tt.written == tt.days {
				require.Zero(t, compact(t, l), "compacting again changes nothing")
				require.Equal(t, after, segmentsOf(t, l))
			}
		})
	}
}

func TestCompactOfOneRowGroupEach(t *testing.T) {
	l := newLake(t)
	commit(t, l, secondsApart(day(1), 20_000)...) // three row groups
	commit(t, l, secondsApart(day(1).Add(time.Hour), 9_000)...)
	commit(t, l, secondsApart(day(1).Add(20*time.Hour), 100)...)
	want := rowsByTime(t, snapshot(t, l), false)
	require.Equal(t, Compacted{Merged: 3, Written: 1, Rows: 29_100}, withoutBytes(compact(t, l)))
	requireRows(t, want, rowsByTime(t, snapshot(t, l), false))
}

func withoutBytes(c Compacted) Compacted {
	c.BytesBefore, c.BytesAfter = 0, 0
	return c
}

func TestCompactLeavesAlone(t *testing.T) {
	l := newLake(t)
	commit(t, l, event{at: day(1), name: "old"})
	commit(t, l, event{at: day(1), name: "old"})
	commit(t, l, event{at: day(2), name: "alone"})
	commit(t, l, event{at: day(3), name: "a"})
	commit(t, l, event{at: day(3), name: "b"})
	done, err := l.Compact(ctx, storeID, day(2))
	require.NoError(t, err)
	require.Equal(t, Compacted{Merged: 2, Written: 1, Rows: 2}, withoutBytes(done))
	require.Len(t, segmentsOf(t, l), 4)
}

func TestSnapshotKeepsCompactedFiles(t *testing.T) {
	l := newLake(t)
	commit(t, l, event{at: day(1).Add(time.Hour), name: "b"})
	commit(t, l, event{at: day(1), name: "a"})
	old := snapshot(t, l)
	sc := startScan(t, old, ScanRequest{})
	compact(t, l)
	require.Len(t, segmentFiles(t, l), 3)
	list, err := readNames(sc)
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b"}, list)
	require.Equal(t, []string{"a", "b"}, names(t, snapshot(t, l), ScanRequest{}))
	old.Close()
	require.Len(t, segmentFiles(t, l), 1)
}

// A segment that expires while it is merged stays expired.
func TestExpiryBesideCompaction(t *testing.T) {
	l := newLake(t)
	commit(t, l, event{at: day(1), name: "a"})
	commit(t, l, event{at: day(1), name: "b"})
	s := snapshot(t, l)
	batch, err := s.Segments(storeID)
	require.NoError(t, err)
	c := &dayCompaction{lake: l, storeID: storeID, day: batch[0].Day, written: map[string]*catalog.Segment{}}
	written, err := c.writeMerged(ctx, s, batch)
	require.NoError(t, err)
	_, err = l.Expire(ctx, storeID, day(5))
	require.NoError(t, err)
	require.NoError(t, c.swap(ctx, batch, written))
	s.Close()
	require.Empty(t, segmentsOf(t, l))
	require.Empty(t, segmentFiles(t, l))
}

func TestCompactLeavesDamageAsItIs(t *testing.T) {
	l := newLake(t)
	for n := range 4 {
		commit(t, l, event{at: day(1).Add(time.Duration(n) * time.Hour), name: fmt.Sprint(n)})
	}
	path := l.SegmentPath(segmentsOf(t, l)[1])
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	content[len(content)/2] ^= 1
	require.NoError(t, os.WriteFile(path, content, 0o600))

	done, err := l.Compact(ctx, storeID, ever)
	requireDamaged(t, err, path)
	require.Equal(t, Compacted{Merged: 3, Written: 1, Rows: 3}, withoutBytes(done))
	damaged, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, content, damaged)
	content[len(content)/2] ^= 1
	require.NoError(t, os.WriteFile(path, content, 0o600))
	require.ElementsMatch(t, []string{"0", "1", "2", "3"}, names(t, snapshot(t, l), ScanRequest{}))
}

// Every file operation of a compaction fails once, with every count of operations before it (reads:
// with some): the rows are all there, once, before and after the next try.
func TestEachFailingOperationOfACompaction(t *testing.T) {
	t.Parallel() // its lakes are its own
	if testing.Short() {
		t.Skip("too long under the race detector; the unit stage runs it")
	}
	for _, op := range []vfs.Op{vfs.OpMkdirAll, vfs.OpCreate, vfs.OpWrite, vfs.OpSync, vfs.OpClose, vfs.OpRename, vfs.OpSyncDir, vfs.OpOpen, vfs.OpRead, vfs.OpStat, vfs.OpRemove} {
		step := 1
		if op == vfs.OpRead { // there are many
			step = 13
		}
		t.Run(string(op), func(t *testing.T) {
			for after := 0; ; after += step {
				faults := vfs.NewInjector(vfs.OS)
				l := newLakeOn(t, faults)
				commit(t, l, event{at: day(1), name: "a"}, event{at: day(2), name: "c"})
				commit(t, l, event{at: day(1), name: "b"}, event{at: day(2), name: "d"})
				faults.Set(&vfs.Fault{Op: op, After: after, Times: 1, Err: syscall.EIO})
				_, err := l.Compact(ctx, storeID, ever)
				if faults.Injected() == 0 {
					require.NoError(t, err)
					require.Positive(t, after, "the operation is part of a compaction")
					return
				}
				// What cannot be deleted, or noted in the head file, is with the next change.
				if op != vfs.OpRemove && (err != nil || op != vfs.OpWrite && op != vfs.OpSync) {
					require.ErrorIs(t, err, syscall.EIO)
				}
				faults.Set(nil)
				require.Equal(t, []string{"a", "b", "c", "d"}, namesNow(t, l))
				compact(t, l)
				require.Equal(t, []string{"a", "b", "c", "d"}, namesNow(t, l))
				require.Len(t, segmentFiles(t, l), 2)
				require.NoError(t, l.Close())
			}
		})
	}
}

// TestSpentRowGroupsAreLetGo: a merge gathers rows before the row groups they are in take too much memory.
func TestSpentRowGroupsAreLetGo(t *testing.T) {
	l := newLake(t)
	for n := range 5 {
		commit(t, l, secondsApart(day(1).Add(time.Duration(n)*time.Hour), 100)...)
	}
	segments := segmentsOf(t, l)
	table, ok := schema.ForCategory("Management")
	require.True(t, ok)
	for mergeBytes, want := range map[int64][]int{1: {100, 100, 100, 100, 100}, maxMergeBytes: {500}} {
		l.mergeBytes = mergeBytes
		m := newMerge(l, &segmentKind{storeID: storeID, table: table, schema: table.Arrow()}, segments, nil)
		var chunks []int
		for m.hasRows() {
			_, rows, err := m.nextRows(ctx, sortedChunkRows)
			require.NoError(t, err)
			chunks = append(chunks, len(rows))
		}
		require.Equal(t, want, chunks)
	}
}

func TestGroupBytesBoundAMerge(t *testing.T) {
	l := newLake(t)
	for range 6 {
		commit(t, l, secondsApart(day(1), 100)...)
	}
	s := snapshot(t, l)
	segments, err := s.Segments(storeID)
	require.NoError(t, err)
	c := &dayCompaction{lake: l, storeID: storeID, day: segments[0].Day}
	l.mergeBytes = 4 * slices.MaxFunc(segments, func(a, b *catalog.Segment) int { return int(a.Bytes - b.Bytes) }).Bytes * decodedPerStored
	batch, err := c.pickSmall(s)
	require.NoError(t, err)
	require.Len(t, batch, 4)
}
