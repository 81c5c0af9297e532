package storage

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/material"
	"github.com/auditlake/auditlake/storage/vfs"
)

// watchedFS notes what files are told to expect, and what is read of segments without that.
type watchedFS struct {
	vfs.FS
	mu        sync.Mutex
	told      map[string][]span
	toldBytes int64
	surprises map[string]int // reads of what was not expected, by path
	opened    []string
}

type span struct{ from, to int64 }

func newWatchedFS() *watchedFS {
	return &watchedFS{FS: vfs.OS, told: map[string][]span{}, surprises: map[string]int{}}
}

func (w *watchedFS) Open(path string) (vfs.ReadFile, error) {
	file, err := w.FS.Open(path)
	if err != nil || !strings.HasSuffix(path, ".orc") {
		return file, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.opened = append(w.opened, path)
	return &watchedFile{ReadFile: file, fs: w, path: path}, nil
}

func (*watchedFS) OpensExpecters() bool { return true }

type watchedFile struct {
	vfs.ReadFile
	fs   *watchedFS
	path string
}

func (f *watchedFile) Expect(offset, bytes int64) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	f.fs.told[f.path] = append(f.fs.told[f.path], span{offset, offset + bytes})
	f.fs.toldBytes += bytes
}

func (f *watchedFile) ReadAt(p []byte, offset int64) (int, error) {
	f.fs.mu.Lock()
	isExpected := slices.ContainsFunc(f.fs.told[f.path], func(s span) bool { return s.from <= offset && offset+int64(len(p)) <= s.to })
	if !isExpected {
		f.fs.surprises[f.path]++
	}
	f.fs.mu.Unlock()
	return f.ReadFile.ReadAt(p, offset)
}

// withDays has the folders of lakes by their number of days.
var withDays [5]material.Made

// watchedDays is a lake with a segment for each of so many days, which has read nothing yet.
func watchedDays(t *testing.T, days int) (*Lake, *watchedFS) {
	dir := withDays[days].Copy(t, func(dir string) {
		l := openLake(t, dir, nil)
		putStore(t, l)
		l.stripeBytes = 1
		for d := range days {
			events := secondsApart(day(d+1), 10_000)
			for i := range events {
				events[i].name = fmt.Sprint("name-", i%50)
				events[i].arn = fmt.Sprintf("arn:aws:iam::%012d:user/%d", i*7919%10_000, i*7919%10_000)
				events[i].params = map[string]string{"bucketName": fmt.Sprint(i * 7919 % 10_000), "key": fmt.Sprint(i)}
			}
			commit(t, l, events...)
		}
		require.NoError(t, l.Close())
	})
	watched := newWatchedFS()
	l := openLake(t, dir, watched)
	t.Cleanup(func() { l.Close() })
	return l, watched
}

// A scan tells the files what it will read, all of it before it reads it, and once.
func TestScanTellsWhatItWillRead(t *testing.T) {
	l, watched := watchedDays(t, 3)
	s := snapshot(t, l)
	columns := []string{timeColumn, "eventname", "useridentity.arn", "requestparameters['bucketName']"}
	read := func() {
		for _, g := range collectGroups(t, startScan(t, s, ScanRequest{Columns: columns, FilterColumns: columns[:2]})) {
			_, err := g.Read(ctx, columns[:2], nil)
			require.NoError(t, err)
			_, err = g.Read(ctx, columns[2:], []int32{1, 700})
			require.NoError(t, err)
		}
	}
	read()
	require.Len(t, watched.told, 3)
	require.Empty(t, watched.surprises)
	told := watched.toldBytes
	read()
	require.Equal(t, told, watched.toldBytes)
}

// Of what is only asked to be there a scan tells no more than the nulls.
func TestScanTellsOfNullsAlone(t *testing.T) {
	told := func(columns ...string) int64 {
		l, watched := watchedDays(t, 1)
		for _, g := range collectGroups(t, startScan(t, snapshot(t, l), ScanRequest{Columns: columns, FilterColumns: columns})) {
			_, err := g.Read(ctx, columns, nil)
			require.NoError(t, err)
		}
		require.Empty(t, watched.surprises)
		return watched.toldBytes
	}
	require.Less(t, told("useridentity[]", "requestparameters[]", "resources[]"), told("useridentity", "requestparameters", "resources")*2/3, "most of it is the tail and footers")
}

// What the scan learns from the row groups it read, it tells of the segments to come.
func TestScanTellsOfColumnsThatAreReadOften(t *testing.T) {
	l, watched := watchedDays(t, 4)
	sc := startScan(t, snapshot(t, l), ScanRequest{Columns: []string{"eventname", "awsregion"}})
	var last *RowGroup
	for range 7 {
		g, err := sc.Next(ctx)
		require.NoError(t, err)
		if last = g; g.segment < 3 {
			_, err = g.Read(ctx, []string{"eventname"}, nil)
			require.NoError(t, err)
		}
	}
	told := watched.toldBytes
	_, err := last.Read(ctx, []string{"eventname"}, nil)
	require.NoError(t, err)
	require.Equal(t, told, watched.toldBytes, "nothing is left to tell")
	require.Empty(t, watched.surprises)
	_, err = last.Read(ctx, []string{"awsregion"}, nil)
	require.NoError(t, err)
	require.Greater(t, watched.toldBytes, told)
}

// Columns by whose bloom filters row groups may be left out are not told of before that is known.
func TestScanDoesNotTellOfWhatMayBeLeftOut(t *testing.T) {
	bytesTold := func(arn string) int64 {
		l, watched := watchedDays(t, 2)
		sc := startScan(t, snapshot(t, l), ScanRequest{Where: where(equal("useridentity.arn", arn)), FilterColumns: []string{"useridentity.arn"}})
		for _, g := range collectGroups(t, sc) {
			_, err := g.Read(ctx, []string{"useridentity.arn"}, nil)
			require.NoError(t, err)
		}
		require.Empty(t, watched.surprises)
		return watched.toldBytes
	}
	require.Less(t, bytesTold("arn:aws:iam::000000000500:user/none"), bytesTold("arn:aws:iam::000000000500:user/500"))
}

// A scan that ends soon has not looked far ahead, and does not know what is wrong there.
func TestScanThatEndsSoonLooksAheadLittle(t *testing.T) {
	for _, order := range []Order{InScanOrder, NewestFirst} {
		l, watched := watchedDays(t, 4)
		s := snapshot(t, l)
		segments, err := s.Segments(storeID)
		require.NoError(t, err)
		broken := segments[1]
		if order == NewestFirst {
			broken = segments[2]
		}
		require.NoError(t, os.Truncate(l.SegmentPath(broken), 100))
		sc := startScan(t, s, ScanRequest{Order: order})
		g, err := sc.Next(ctx)
		require.NoError(t, err)
		require.NoError(t, g.failed)
		require.LessOrEqual(t, len(watched.opened), 2)
		g, err = sc.Next(ctx)
		require.NoError(t, err)
		require.NoError(t, g.failed, "the second row group of the same segment")
		g, err = sc.Next(ctx)
		if order == InScanOrder {
			var damaged *DamagedError
			require.ErrorAs(t, err, &damaged)
			continue
		}
		require.NoError(t, err)
		require.Error(t, g.failed)
	}
}
