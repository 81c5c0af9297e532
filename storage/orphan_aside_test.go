package storage

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
)

// What opening finds unnamed is set aside, with the reason; temporary files of writers go; what is not the lake's own
// stays, and is named.
func TestOpenSetsAsideWhatIsUnnamed(t *testing.T) {
	dir := t.TempDir()
	l := openLake(t, dir, nil)
	putStore(t, l)
	commit(t, l, event{at: noon, name: "kept"})
	require.NoError(t, l.Close())
	day := filepath.Join(dir, "stores", storeID, "eventday=2025-03-04")
	other := filepath.Join(dir, "stores", storeID, "eventday=2025-03-05")
	require.NoError(t, os.Mkdir(other, 0o700))
	temporary := filepath.Join(day, "."+segmentName(1, 1)+".orc.tmp")
	unnamed := []string{
		filepath.Join(day, segmentName(2, 2)+".orc"),
		filepath.Join(other, segmentName(3, 3)+".orc"),
		filepath.Join(dir, "tables", storeID+".arrow"),
	}
	foreign := []string{filepath.Join(day, "notes.txt"), filepath.Join(day, "other.orc"), filepath.Join(dir, "stores", "README")}
	for _, path := range slices.Concat(unnamed, foreign, []string{temporary}) {
		require.NoError(t, os.WriteFile(path, []byte(path), 0o600))
	}

	clock := noon
	open := func() *Lake {
		l, err := Open(ctx, dir, Options{Decoder: decodeEvents(t), Now: func() time.Time { return clock }})
		require.NoError(t, err)
		return l
	}
	l = open()
	require.NoFileExists(t, temporary)
	require.NoDirExists(t, other)
	for _, path := range unnamed {
		require.NoFileExists(t, path)
	}
	for _, path := range foreign {
		require.FileExists(t, path)
	}
	found, err := l.ForeignFiles()
	require.NoError(t, err)
	require.Equal(t, []string{foreign[1]}, found)
	orphans, err := l.Orphans()
	require.NoError(t, err)
	require.Len(t, orphans, 3)
	for i, o := range orphans {
		from := filepath.Join(dir, filepath.FromSlash(o.From))
		require.Equal(t, unnamed[i], from)
		content, err := os.ReadFile(o.Path)
		require.NoError(t, err)
		require.Equal(t, from, string(content))
		require.NotEmpty(t, o.Reason)
		require.True(t, o.At.Equal(noon), o.At)
		require.Equal(t, int64(len(from)), o.Bytes)
	}
	require.Equal(t, []string{"kept"}, names(t, snapshot(t, l), ScanRequest{}))
	require.NoError(t, l.Close())

	clock = noon.Add(defaultOrphanWait - time.Second)
	l = open()
	orphans, err = l.Orphans()
	require.NoError(t, err)
	require.Len(t, orphans, 3, "kept for seven days")
	require.NoError(t, l.Close())

	clock = noon.Add(defaultOrphanWait)
	l = open()
	defer l.Close()
	orphans, err = l.Orphans()
	require.NoError(t, err)
	require.Empty(t, orphans)
	require.NoDirExists(t, filepath.Join(dir, "stores", storeID, orphanedFolder))
	require.NoDirExists(t, filepath.Join(dir, "tables", orphanedFolder))
	require.Equal(t, []string{"kept"}, names(t, snapshot(t, l), ScanRequest{}))
}

// A segment that was set aside comes back when the manifest names it, if it holds what was committed.
func TestWhatWasSetAsideComesBack(t *testing.T) {
	for name, damaged := range map[string]bool{"whole": false, "damaged": true} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			l := openLake(t, dir, nil)
			putStore(t, l)
			commit(t, l, event{at: noon, name: "a"})
			file := segmentFiles(t, l)[0]
			segments, err := snapshot(t, l).Segments(storeID)
			require.NoError(t, err)
			require.NoError(t, l.Close())
			require.NoError(t, l.setAside(filepath.Join(l.storesPath(), file), l.storePath(storeID), "a test", 0))
			aside := l.orphanedPath(segments[0])
			require.FileExists(t, aside)
			if damaged {
				content, err := os.ReadFile(aside)
				require.NoError(t, err)
				content[100] ^= 1
				require.NoError(t, os.WriteFile(aside, content, 0o600))
			}

			l = openLake(t, dir, nil)
			defer l.Close()
			if damaged {
				require.FileExists(t, aside)
				_, err := readNames(startScan(t, snapshot(t, l), ScanRequest{}))
				require.ErrorAs(t, err, new(*DamagedError))
				return
			}
			require.Equal(t, []string{"a"}, names(t, snapshot(t, l), ScanRequest{}))
			require.NoDirExists(t, filepath.Join(l.storePath(storeID), orphanedFolder))
		})
	}
}

// A file without a note is not removed before it has been set aside for the whole time.
func TestOrphanWithoutANoteIsKept(t *testing.T) {
	l := newLake(t)
	segment := &catalog.Segment{StoreID: storeID, Day: catalog.DayOf(noon.UnixMilli()), Name: segmentName(1, 1)}
	path := l.orphanedPath(segment)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, []byte("rows"), 0o600))
	for range 2 {
		require.NoError(t, l.RemoveOrphans(ctx))
		require.FileExists(t, path)
	}
	l.now = func() time.Time { return time.Now().Add(defaultOrphanWait + time.Hour) }
	require.NoError(t, l.RemoveOrphans(ctx))
	require.FileExists(t, path, "the clock jumped")
	l.clock.trust(l.now())
	require.NoError(t, l.RemoveOrphans(ctx))
	require.NoFileExists(t, path)
}
