package storage

import (
	"errors"
	"io"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/vfs"
)

func day(n int) time.Time { return time.Date(2025, 3, n, 0, 0, 0, 0, time.UTC) }

func TestExpireDropsWholeDays(t *testing.T) {
	l := newLake(t)
	for n := 1; n <= 3; n++ {
		commit(t, l, event{at: day(n), name: "first"}, event{at: day(n).Add(24*time.Hour - time.Millisecond), name: "last"})
	}
	for _, tt := range []struct {
		name    string
		horizon time.Time
		gone    int
		left    int
	}{
		{"inside the first day", day(2).Add(-time.Millisecond), 0, 3},
		{"a nanosecond before its end", day(2).Add(-time.Nanosecond), 1, 2}, // no row lies between two milliseconds
		{"the day before, again", day(2), 0, 2},
		{"all", day(9), 2, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			expired, err := l.Expire(ctx, storeID, tt.horizon)
			require.NoError(t, err)
			require.Equal(t, tt.gone, expired.Segments)
			require.EqualValues(t, 2*tt.gone, expired.Rows)
			require.Len(t, segmentFiles(t, l), tt.left)
		})
	}
	commit(t, l, event{at: day(2), name: "later"})
	require.Equal(t, []string{"later"}, names(t, snapshot(t, l), ScanRequest{}))
}

func TestSnapshotKeepsExpiredFiles(t *testing.T) {
	l := newLake(t)
	commit(t, l, event{at: day(1), name: "a"})
	old, alsoOld := snapshot(t, l), snapshot(t, l)
	_, err := l.Expire(ctx, storeID, day(5))
	require.NoError(t, err)
	fresh := snapshot(t, l)
	require.Empty(t, names(t, fresh, ScanRequest{}))
	require.Equal(t, []string{"a"}, names(t, old, ScanRequest{}))
	old.Close()
	old.Close()
	require.Equal(t, []string{"a"}, names(t, alsoOld, ScanRequest{}))
	require.Len(t, segmentFiles(t, l), 1)
	alsoOld.Close()
	require.Empty(t, segmentFiles(t, l), "the snapshot taken after the expiry needs no file")
	_, err = old.Segments(storeID)
	require.ErrorIs(t, err, ErrClosed)
}

func TestExpiredFilesAreKeptForADay(t *testing.T) {
	clock := noon
	l, err := Open(ctx, t.TempDir(), Options{Now: func() time.Time { return clock }})
	require.NoError(t, err)
	defer l.Close()
	putStore(t, l)
	commit(t, l, event{at: day(1), name: "a"})
	_, err = l.Expire(ctx, storeID, day(5))
	require.NoError(t, err)
	require.Empty(t, segmentFiles(t, l))
	for _, tt := range []struct {
		name  string
		after time.Duration
		left  int
	}{
		{"at once", 0, 1},
		{"just before a day has passed", 24*time.Hour - time.Second, 1},
		{"after a day", 24 * time.Hour, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			clock = noon.Add(tt.after)
			require.NoError(t, l.RemoveOrphans(ctx))
			orphans, err := l.Orphans()
			require.NoError(t, err)
			require.Len(t, orphans, tt.left)
			for _, o := range orphans {
				require.Equal(t, reasonExpired, o.Reason)
			}
		})
	}
}

func TestExpiredFileThatCannotBeSetAside(t *testing.T) {
	faults := vfs.NewInjector(vfs.OS)
	l := newLakeOn(t, faults)
	commit(t, l, event{at: day(1), name: "a"})
	faults.Set(&vfs.Fault{Op: vfs.OpRename, After: 1, Err: syscall.EIO}) // the first one is that of the commit's file
	expired, err := l.Expire(ctx, storeID, day(5))
	require.ErrorIs(t, err, syscall.EIO)
	require.Equal(t, 1, expired.Segments, "it is gone for queries all the same")
	require.Empty(t, names(t, snapshot(t, l), ScanRequest{}))
	faults.Set(nil)
	_, err = l.Expire(ctx, storeID, day(5))
	require.NoError(t, err)
	require.Len(t, segmentFiles(t, l), 1)
	snapshot(t, l).Close()
	require.Empty(t, segmentFiles(t, l), "tried again")
}

// secondApart makes n events of a day, a second apart, called by their number.
func secondsApart(from time.Time, n int) []event {
	events := make([]event, n)
	for i := range events {
		events[i] = event{at: from.Add(time.Duration(i) * time.Second), name: "e"}
	}
	return events
}

func TestHorizonHidesRows(t *testing.T) {
	l := newLake(t)
	const rows = 20_000 // three row groups, of 8192, 8192 and 3616 rows
	commit(t, l, secondsApart(day(1), rows)...)
	commit(t, l, secondsApart(day(1).Add(6*time.Hour), 100)...) // seconds 21600 to 21699
	commit(t, l, secondsApart(day(2), 10)...)
	const all = rows + 110
	at := func(second int) time.Time { return day(1).Add(time.Duration(second) * time.Second) }
	for _, tt := range []struct {
		name       string
		horizon    time.Time
		hidden     int
		groupsRead int64 // in which eventtime must be looked at
	}{
		{"before all", ever, 0, 0},
		{"on the first row", at(0), 0, 0},
		{"just behind the first row", at(0).Add(time.Millisecond), 1, 1},
		{"a nanosecond behind the first row", at(0).Add(1), 1, 1},
		{"inside the first row group", at(100), 100, 1},
		{"on the first row of the second row group", at(8192), 8192, 0},
		{"on the last row of the second row group", at(16383), 16383, 1},
		{"on the last row of the first segment", at(19999), 19999, 1},
		{"between the segments", at(20000), 20000, 0},
		{"on the first row of the second segment", at(21600), 20000, 0},
		{"inside the second segment", at(21650), 20050, 1},
		{"on midnight", day(2), 20100, 0},
		{"inside the second day", day(2).Add(5 * time.Second), 20105, 1},
		{"behind all", day(3), all, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sc := startScan(t, snapshot(t, l), ScanRequest{Horizon: tt.horizon})
			list, err := readNames(sc)
			require.NoError(t, err)
			require.Len(t, list, all-tt.hidden)

			sc = startScan(t, snapshot(t, l), ScanRequest{Horizon: tt.horizon})
			var partly int64
			for {
				g, err := sc.Next(ctx)
				if errors.Is(err, io.EOF) {
					break
				}
				require.NoError(t, err)
				live, err := g.Live(ctx)
				require.NoError(t, err)
				if live != nil {
					partly++
					require.NotEmpty(t, live)
					require.Less(t, len(live), g.Rows())
				}
			}
			require.Equal(t, tt.groupsRead, partly)

			stored, err := snapshot(t, l).Rows(storeID, tt.horizon)
			require.NoError(t, err)
			var exact, atMost int64
			for _, d := range stored.Days {
				atMost += d.Rows
				if d.Whole {
					exact += d.Rows
				}
			}
			require.LessOrEqual(t, exact, int64(all-tt.hidden))
			require.GreaterOrEqual(t, atMost, int64(all-tt.hidden))
		})
	}
}

func TestRowsOfTheManifest(t *testing.T) {
	l := newLake(t)
	commit(t, l, secondsApart(day(1), 10)...)
	commit(t, l, secondsApart(day(1).Add(time.Hour), 10)...)
	commit(t, l, secondsApart(day(2), 5)...)
	s := snapshot(t, l)
	for _, tt := range []struct {
		name    string
		horizon time.Time
		want    []DayRows // without bytes
	}{
		{"all", ever, []DayRows{
			{Day: catalog.DayOf(day(1).UnixMilli()), Segments: 2, Rows: 20, MinTime: day(1).UnixMilli(), MaxTime: day(1).Add(time.Hour + 9*time.Second).UnixMilli(), Whole: true},
			{Day: catalog.DayOf(day(2).UnixMilli()), Segments: 1, Rows: 5, MinTime: day(2).UnixMilli(), MaxTime: day(2).Add(4 * time.Second).UnixMilli(), Whole: true},
		}},
		{"one segment wholly hidden, one partly", day(1).Add(time.Hour + time.Second), []DayRows{
			{Day: catalog.DayOf(day(1).UnixMilli()), Segments: 1, Rows: 10, MinTime: day(1).Add(time.Hour).UnixMilli(), MaxTime: day(1).Add(time.Hour + 9*time.Second).UnixMilli()},
			{Day: catalog.DayOf(day(2).UnixMilli()), Segments: 1, Rows: 5, MinTime: day(2).UnixMilli(), MaxTime: day(2).Add(4 * time.Second).UnixMilli(), Whole: true},
		}},
		{"none", day(3), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows, err := s.Rows(storeID, tt.horizon)
			require.NoError(t, err)
			for i := range rows.Days {
				require.Positive(t, rows.Days[i].Bytes)
				rows.Days[i].Bytes = 0
			}
			require.Equal(t, tt.want, rows.Days)
		})
	}
}

func TestVerifyNamesDamage(t *testing.T) {
	l := newLake(t)
	commit(t, l, secondsApart(day(1), 100)...)
	s := snapshot(t, l)
	segments, err := s.Segments(storeID)
	require.NoError(t, err)
	path := l.SegmentPath(segments[0])
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, s.Verify(ctx, segments[0]))

	flipped := append([]byte(nil), content...)
	flipped[len(flipped)/2] ^= 1
	for name, damaged := range map[string][]byte{"flipped bit": flipped, "shorter": content[:len(content)-1], "longer": append(content, 0), "empty": {}} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, os.WriteFile(path, damaged, 0o600))
			requireDamaged(t, s.Verify(ctx, segments[0]), path)
		})
	}
	require.NoError(t, os.Remove(path))
	l.files.forget(path)
	requireDamaged(t, s.Verify(ctx, segments[0]), path)
}

func requireDamaged(t *testing.T, err error, path string) {
	t.Helper()
	var damaged *DamagedError
	require.ErrorAs(t, err, &damaged)
	require.Equal(t, path, damaged.Path)
	require.ErrorContains(t, err, path)
}

func TestScanOfDamagedSegment(t *testing.T) {
	for name, damage := range map[string]func(path string, content []byte) error{
		"missing":     func(path string, _ []byte) error { return os.Remove(path) },
		"cut":         func(path string, c []byte) error { return os.WriteFile(path, c[:len(c)/2], 0o600) },
		"footer gone": func(path string, c []byte) error { clear(c[len(c)-200:]); return os.WriteFile(path, c, 0o600) },
		"data gone":   func(path string, c []byte) error { clear(c[3 : len(c)/2]); return os.WriteFile(path, c, 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			l := openLake(t, dir, nil)
			putStore(t, l)
			commit(t, l, secondsApart(day(1), 1000)...)
			path := l.storesPath() + "/" + segmentFiles(t, l)[0]
			require.NoError(t, l.Close())
			content, err := os.ReadFile(path)
			require.NoError(t, err)
			require.NoError(t, damage(path, content))

			l = openLake(t, dir, nil)
			defer l.Close()
			s := snapshot(t, l)
			_, err = allRowsOf(startScan(t, s, ScanRequest{}))
			requireDamaged(t, err, path)
		})
	}
}

// Two segments of as many bytes and rows that change places are damage, too, to a scan and to verify.
func TestSegmentsThatChangedPlaces(t *testing.T) {
	dir := t.TempDir()
	l := openLake(t, dir, nil)
	putStore(t, l)
	for i := range 12 {
		commit(t, l, event{at: day(1 + i), name: "a"})
	}
	segments, err := snapshot(t, l).Segments(storeID)
	require.NoError(t, err)
	slices.SortFunc(segments, func(a, b *catalog.Segment) int { return int(a.Bytes - b.Bytes) })
	for segments[0].Bytes != segments[1].Bytes {
		segments = segments[1:]
	}
	a, b := l.SegmentPath(segments[0]), l.SegmentPath(segments[1])
	require.NoError(t, l.Close())
	require.NoError(t, os.Rename(a, a+".aside"))
	require.NoError(t, os.Rename(b, a))
	require.NoError(t, os.Rename(a+".aside", b))

	l = openLake(t, dir, nil)
	defer l.Close()
	s := snapshot(t, l)
	_, err = allRowsOf(startScan(t, s, ScanRequest{}))
	require.ErrorAs(t, err, new(*DamagedError))
	require.ErrorContains(t, err, "eventtimes")
	for _, segment := range segments[:2] {
		requireDamaged(t, s.Verify(ctx, segment), l.SegmentPath(segment))
	}
}

// The folders of a dropped store go with it, and wait for the snapshots that read its files.
func TestDroppedStoreLeavesNoFolders(t *testing.T) {
	l := newLake(t)
	commit(t, l, event{at: noon, name: "a"}, event{at: noon.AddDate(0, 0, 1), name: "b"})
	before, err := l.Snapshot(ctx)
	require.NoError(t, err)
	require.NoError(t, l.DropStore(ctx, storeID))
	require.Equal(t, []string{"a", "b"}, names(t, before, ScanRequest{}))
	require.DirExists(t, l.storePath(storeID))
	before.Close()
	require.NoDirExists(t, l.storePath(storeID))
	require.DirExists(t, l.storesPath())
}
