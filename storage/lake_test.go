package storage

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/dgraph-io/badger/v4"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/arrowtest"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/schema"
)

func TestCommitIsVisibleAndSurvivesReopening(t *testing.T) {
	dir := t.TempDir()
	l := openLake(t, dir, nil)
	putStore(t, l)
	commit(t, l, event{at: noon.AddDate(0, 0, 1), name: "c"}, event{at: noon, name: "b"}, event{at: noon.Add(-time.Hour), name: "a"})
	require.Equal(t, []string{"a", "b", "c"}, names(t, snapshot(t, l), ScanRequest{}))
	files := segmentFiles(t, l)
	require.Len(t, files, 2)
	require.True(t, strings.HasPrefix(files[0], storeID+"/eventday=2025-03-04/"), files[0])
	require.True(t, strings.HasPrefix(files[1], storeID+"/eventday=2025-03-05/"), files[1])
	require.NoError(t, l.Close())

	l = openLake(t, dir, nil)
	defer l.Close()
	require.Equal(t, []string{"a", "b", "c"}, names(t, snapshot(t, l), ScanRequest{}))
	require.Equal(t, files, segmentFiles(t, l))
}

func TestRowsOfEqualTimeKeepTheirOrder(t *testing.T) {
	l := newLake(t)
	w := newWriter(t, l)
	var want []string
	for batch := range 3 {
		var events []event
		for i := range 50 {
			events = append(events, event{at: noon, name: fmt.Sprintf("%d.%02d", batch, i)})
			want = append(want, events[i].name)
		}
		require.NoError(t, w.Append(record(t, events)))
	}
	require.NoError(t, w.Append(record(t, []event{{at: noon.Add(-time.Millisecond), name: "first"}})))
	require.NoError(t, w.Commit(ctx, catalog.ImportChange{}))
	require.Equal(t, append([]string{"first"}, want...), names(t, snapshot(t, l), ScanRequest{}))
}

func TestAllColumnsComeBack(t *testing.T) {
	l := newLake(t)
	yes, no := true, false
	events := []event{
		{at: noon, name: "Get", arn: "arn:1", readOnly: &yes, params: map[string]string{"bucket": "a"}},
		{at: noon.Add(1 * time.Millisecond), name: "", arn: "", params: map[string]string{}},
		{at: noon.Add(2 * time.Millisecond), name: "Put", arn: "", readOnly: &no},
	}
	commit(t, l, events...)
	table, _ := schema.ForCategory("Management")
	var paths []string
	for _, c := range table.Stored() {
		paths = append(paths, c.Name)
	}
	g, err := startScan(t, snapshot(t, l), ScanRequest{}).Next(ctx)
	require.NoError(t, err)
	require.Equal(t, 3, g.Rows())
	arrays, err := g.Read(ctx, paths, nil)
	require.NoError(t, err)
	want := record(t, events)
	for i, path := range paths {
		requireEqualArrays(t, want.Column(i), arrowtest.Plain(t, arrays[i]), path)
	}
}

func TestReadPathsAndSelections(t *testing.T) {
	l := newLake(t)
	commit(t, l, event{at: noon, name: "a", arn: "arn:a"}, event{at: noon.Add(time.Second)}, event{at: noon.Add(2 * time.Second), name: "c"})
	g, err := startScan(t, snapshot(t, l), ScanRequest{}).Next(ctx)
	require.NoError(t, err)

	arrays, err := g.Read(ctx, []string{"eventjsonchecksum", "useridentity.arn", "eventjson", "eventname", "eventname"}, []int32{0, 2})
	require.NoError(t, err)
	sum := func(s string) string {
		h := sha256.Sum256([]byte(s))
		return base64.StdEncoding.EncodeToString(h[:])
	}
	for i, want := range [][]string{
		{sum(`{"eventName":"a"}`), sum(`{"eventName":"c"}`)}, {"arn:a", ""}, {`{"eventName":"a"}`, `{"eventName":"c"}`}, {"a", "c"}, {"a", "c"},
	} {
		var got []string
		for row := range arrays[i].Len() {
			text, _ := textAt(arrays[i], row)
			got = append(got, text)
		}
		require.Equal(t, want, got)
	}
	none, err := g.Read(ctx, []string{"eventname"}, []int32{})
	require.NoError(t, err)
	require.Zero(t, none[0].Len())

	for _, path := range []string{"nosuch", "useridentity.nosuch", "resources.element", "resources.element.nosuch", "resources.elements.arn", "resources.element.arn.x", "eventname.x", "", "requestparameters.values", "eventname.value", "useridentity.value"} {
		_, err := g.Read(ctx, []string{path}, nil)
		var unknown *UnknownPathError
		require.ErrorAs(t, err, &unknown, path)
	}
}

func TestAppendRefuses(t *testing.T) {
	l := newLake(t)
	w := newWriter(t, l)
	other := arrow.NewSchema([]arrow.Field{{Name: "a", Type: arrow.BinaryTypes.String}}, nil)
	require.ErrorContains(t, w.Append(array.NewRecordBuilder(memory.DefaultAllocator, other).NewRecord()), "columns")

	b := array.NewRecordBuilder(memory.DefaultAllocator, w.Schema())
	for _, column := range b.Fields() {
		column.AppendNull()
	}
	require.ErrorContains(t, w.Append(b.NewRecord()), "eventtime")
	require.NoError(t, w.Append(b.NewRecord()), "an empty record")
	require.NoError(t, w.Commit(ctx, catalog.ImportChange{}), "nothing to commit")
	w.Abort()
	require.ErrorIs(t, w.Append(b.NewRecord()), ErrClosed)

	_, err := l.NewWriter(&catalog.Store{ID: storeID, Category: "Nonsense"})
	require.ErrorContains(t, err, "Nonsense")
}

func TestBufferedBytes(t *testing.T) {
	w := newWriter(t, newLake(t))
	rec := record(t, []event{{at: noon, name: strings.Repeat("x", 100_000)}})
	require.NoError(t, w.Append(rec))
	once := w.BufferedBytes()
	require.Greater(t, once, int64(200_000), "the name is in eventname and in eventjson")
	require.Less(t, once, int64(2_000_000))
	require.NoError(t, w.Append(rec.NewSlice(0, 1)))
	require.Less(t, w.BufferedBytes(), once+1000, "shared buffers count once")
	require.EqualValues(t, 2, w.BufferedRows())
	require.NoError(t, w.Spill(ctx))
	require.Zero(t, w.BufferedBytes())
	w.Abort()
}

func TestSpilledRowsAreInvisibleUntilCommit(t *testing.T) {
	l := newLake(t)
	w := newWriter(t, l)
	require.NoError(t, w.Append(record(t, []event{{at: noon, name: "a"}})))
	require.NoError(t, w.Spill(ctx))
	require.NoError(t, w.Append(record(t, []event{{at: noon, name: "b"}})))
	require.Empty(t, names(t, snapshot(t, l), ScanRequest{}))
	change := catalog.ImportChange{
		Files:    []catalog.ImportedFile{{StoreID: storeID, ContentSHA256: "ab"}},
		Failures: []catalog.Failure{{ImportID: "i", File: "f", Record: 1}},
		Usage:    []catalog.Usage{{StoreID: storeID, Day: 1, IngestedEvents: 2}},
	}
	require.NoError(t, w.Commit(ctx, change))
	s := snapshot(t, l)
	require.ElementsMatch(t, []string{"a", "b"}, names(t, s, ScanRequest{}))
	require.NoError(t, l.Catalog().View(func(tx *catalog.Tx) error {
		_, err := tx.File(storeID, "ab")
		require.NoError(t, err)
		for f, err := range tx.Failures("i") {
			require.NoError(t, err)
			require.EqualValues(t, 1, f.Record)
		}
		return nil
	}))
	require.NoError(t, w.Append(record(t, []event{{at: noon, name: "c"}})), "the writer goes on")
	require.NoError(t, w.Commit(ctx, catalog.ImportChange{}))
	require.Len(t, names(t, snapshot(t, l), ScanRequest{}), 3)
	require.Len(t, names(t, s, ScanRequest{}), 2, "an earlier snapshot stays as it was")
}

func TestAbortRemovesSpilledFiles(t *testing.T) {
	l := newLake(t)
	commit(t, l, event{at: noon, name: "kept"})
	w := newWriter(t, l)
	require.NoError(t, w.Append(record(t, []event{{at: noon, name: "a"}, {at: noon.AddDate(0, 1, 0), name: "b"}})))
	require.NoError(t, w.Spill(ctx))
	require.Len(t, segmentFiles(t, l), 3)
	w.Abort()
	w.Abort()
	require.Len(t, segmentFiles(t, l), 1)
}

func TestTooLargeCommitChangesNothing(t *testing.T) {
	l := newLake(t)
	w := newWriter(t, l)
	require.NoError(t, w.Append(record(t, []event{{at: noon, name: "a"}})))
	change := catalog.ImportChange{Files: make([]catalog.ImportedFile, 50_000)}
	for i := range change.Files {
		change.Files[i] = catalog.ImportedFile{StoreID: storeID, ContentSHA256: fmt.Sprint(i)}
	}
	require.ErrorIs(t, w.Commit(ctx, change), ErrTooLarge)
	require.Error(t, w.Append(record(t, nil)))
	w.Abort()
	require.Empty(t, segmentFiles(t, l))
	require.Empty(t, names(t, snapshot(t, l), ScanRequest{}))
}

func TestCommitToDroppedStore(t *testing.T) {
	l := newLake(t)
	commit(t, l, event{at: noon, name: "old"})
	w := newWriter(t, l)
	require.NoError(t, w.Append(record(t, []event{{at: noon, name: "a"}})))
	s := snapshot(t, l)
	require.NoError(t, l.DropStore(ctx, storeID))
	require.NoError(t, l.DropStore(ctx, storeID), "again")
	require.ErrorIs(t, w.Commit(ctx, catalog.ImportChange{}), catalog.ErrNotFound)
	w.Abort()
	require.Equal(t, []string{"old"}, names(t, s, ScanRequest{}), "an open snapshot keeps the store")
	s.Close()
	require.Empty(t, segmentFiles(t, l))
	_, err := snapshot(t, l).Scan(ScanRequest{StoreID: storeID})
	require.ErrorIs(t, err, catalog.ErrNotFound)
}

func TestSecondOpenIsLocked(t *testing.T) {
	l := newLake(t)
	_, err := Open(ctx, l.Dir(), Options{})
	require.ErrorIs(t, err, ErrLocked)
}

func TestLostCatalogIsNoReasonToDelete(t *testing.T) {
	dir := t.TempDir()
	l := openLake(t, dir, nil)
	putStore(t, l)
	commit(t, l, event{at: noon, name: "a"})
	files := segmentFiles(t, l)
	require.NoError(t, l.Close())
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "catalog")))
	for range 2 {
		_, err := Open(ctx, dir, Options{})
		require.ErrorContains(t, err, "backup")
		require.Equal(t, files, segmentFiles(t, l))
	}
}

// A catalog with nothing in it is like none.
func TestEmptyCatalogIsNoReasonToDelete(t *testing.T) {
	dir := t.TempDir()
	l := openLake(t, dir, nil)
	putStore(t, l)
	commit(t, l, event{at: noon, name: "a"})
	files := segmentFiles(t, l)
	require.NoError(t, l.Close())
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "catalog")))
	empty, err := badger.Open(badger.DefaultOptions(filepath.Join(dir, "catalog")).WithLogger(nil))
	require.NoError(t, err)
	require.NoError(t, empty.Close())
	for range 2 {
		_, err := Open(ctx, dir, Options{})
		require.ErrorContains(t, err, "backup")
		require.Equal(t, files, segmentFiles(t, l))
	}
}

// An older copy of the catalog, from before a compaction: its segments are gone, and what it does not name has
// their rows. With the newer one back, all is as it was.
func TestOlderCatalogIsNoReasonToDelete(t *testing.T) {
	dir, older, newer := t.TempDir(), filepath.Join(t.TempDir(), "older"), filepath.Join(t.TempDir(), "newer")
	catalogOf := filepath.Join(dir, "catalog")
	l := openLake(t, dir, nil)
	putStore(t, l)
	commit(t, l, event{at: noon, name: "a"})
	commit(t, l, event{at: noon, name: "b"})
	require.NoError(t, l.Close())
	copyTree(t, catalogOf, older)
	l = openLake(t, dir, nil)
	compact(t, l)
	files := segmentFiles(t, l)
	require.NoError(t, l.Close())
	require.NoError(t, os.Rename(catalogOf, newer))
	copyTree(t, older, catalogOf)

	l = openLake(t, dir, nil)
	require.Equal(t, files, segmentFiles(t, l))
	require.ErrorContains(t, l.checkChangeable(), "the catalog is older than the files beside it")
	l.answerUnproven = true
	_, err := readNames(startScan(t, snapshot(t, l), ScanRequest{}))
	require.ErrorAs(t, err, new(*DamagedError))
	require.NoError(t, l.Close())
	require.NoError(t, os.RemoveAll(catalogOf))
	require.NoError(t, os.Rename(newer, catalogOf))

	l = openLake(t, dir, nil)
	defer l.Close()
	require.Equal(t, []string{"a", "b"}, names(t, snapshot(t, l), ScanRequest{}))
}

// An older copy of the catalog, from before a flush: the log no longer has what it takes for unflushed.
func TestOlderCatalogThanTheLogIsNoReasonToDelete(t *testing.T) {
	dir, older := t.TempDir(), filepath.Join(t.TempDir(), "older")
	catalogOf := filepath.Join(dir, "catalog")
	l := withoutBackground(openLake(t, dir, nil))
	putStore(t, l)
	require.NoError(t, l.Close())
	copyTree(t, catalogOf, older)
	l = withoutBackground(openLake(t, dir, nil))
	push(t, l, event{at: noon, name: "a"})
	require.NoError(t, l.Flush(ctx))
	push(t, l, event{at: noon, name: "b"})
	files := segmentFiles(t, l)
	require.Len(t, files, 1)
	require.NoError(t, l.Close())
	require.NoError(t, os.RemoveAll(catalogOf))
	copyTree(t, older, catalogOf)

	_, err := Open(ctx, dir, Options{Decoder: decodeEvents(t)})
	require.ErrorAs(t, err, new(*DamagedError))
	require.Equal(t, files, segmentFiles(t, l))
}

func TestClosedLake(t *testing.T) {
	l := newLake(t)
	s := snapshot(t, l)
	require.NoError(t, l.Close())
	_, err := l.Snapshot(ctx)
	require.ErrorIs(t, err, ErrClosed)
	_, err = s.Segments(storeID)
	require.ErrorIs(t, err, ErrClosed)
	require.ErrorIs(t, l.Close(), ErrClosed)
}

func TestLargeDayTakesSeveralSegments(t *testing.T) {
	l := newLake(t)
	l.stripeBytes, l.segmentBytes = 1, 100 // a segment ends with its first row group
	events := secondsApart(day(1), 20_000)
	for i := range events {
		events[i].name = fmt.Sprint(i)
	}
	commit(t, l, events...)
	s := snapshot(t, l)
	segments, err := s.Segments(storeID)
	require.NoError(t, err)
	var rows []int64
	for _, segment := range segments {
		rows = append(rows, segment.Rows)
		require.NoError(t, s.Verify(ctx, segment))
	}
	require.Equal(t, []int64{8192, 8192, 20_000 - 2*8192}, rows)
	list := names(t, s, ScanRequest{})
	require.Len(t, list, 20_000)
	for i, name := range list {
		require.Equal(t, fmt.Sprint(i), name)
	}
}

func TestSeveralStripes(t *testing.T) {
	l := newLake(t)
	l.stripeBytes = 1
	events := secondsApart(day(1), 20_000)
	for i := range events {
		events[i].name = fmt.Sprint(i / 8192)
	}
	commit(t, l, events...)
	s := snapshot(t, l)
	require.Len(t, segmentFiles(t, l), 1)
	require.Len(t, names(t, s, ScanRequest{}), 20_000)
	sc := startScan(t, s, ScanRequest{Where: where(equal("eventname", "1"))})
	require.Len(t, collectGroups(t, sc), 1)
	require.Zero(t, sc.Stats().BytesScanned, "the statistics of stripes are free")
	require.EqualValues(t, 2, sc.Stats().RowGroupsPruned)
}
