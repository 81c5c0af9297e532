package storage

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/arrowtest"
	"github.com/auditlake/auditlake/storage/catalog"
)

// updateGolden writes the files of the current format versions. Those of earlier versions are never
// written again: lakes like them exist.
var updateGolden = flag.Bool("update-golden", false, "write the golden lakes of the current format versions anew")

func goldenFile(version int) string { return fmt.Sprintf("testdata/format/v%d.tar.gz", version) }

// goldenHotFile is a lake whose log of pushed events has a version of its own.
func goldenHotFile(version int) string { return fmt.Sprintf("testdata/format/hot%d.tar.gz", version) }

const hotLogVersion = 3

func goldenEvents() []event {
	yes := true
	return []event{
		{at: day(1).Add(time.Millisecond), name: "GetObject", arn: "arn:aws:iam::111122223333:user/maria", readOnly: &yes, params: map[string]string{"bucketName": "reports"}},
		{at: day(1).Add(time.Hour), name: "PutObject"},
		{at: day(2), name: ""},
	}
}

func goldenChange() catalog.ImportChange {
	return catalog.ImportChange{
		Import: &catalog.Import{ID: "22222222-2222-4333-8444-555555555555", StoreID: storeID, Sources: []string{"/logs"}, Status: catalog.ImportCompleted,
			StartedAt: noon, Counts: catalog.ImportCounts{Files: 1, Events: 3}},
		Files: []catalog.ImportedFile{{StoreID: storeID, ContentSHA256: "ab", Location: "/logs/a.json.gz", Records: 4, RowsAdded: 3,
			Admissions: []catalog.Admission{{ToMillis: 5}}, UpdatedAt: noon}},
		Locations: []catalog.ImportedLocation{{StoreID: storeID, Location: "/logs/a.json.gz", ContentSHA256: "ab", StoredBytes: 77}},
		Failures:  []catalog.Failure{{ImportID: "22222222-2222-4333-8444-555555555555", File: "/logs/a.json.gz", Record: 2, Offset: 300, Code: "BAD_EVENT_TIME", At: noon}},
		Usage:     []catalog.Usage{{StoreID: storeID, Day: catalog.DayOf(noon.UnixMilli()), IngestedBytes: 900, IngestedEvents: 3}},
	}
}

// A lake written by the first release of a format version opens and answers for ever.
func TestGoldenLake(t *testing.T) {
	if *updateGolden {
		writeGolden(t, goldenFile(catalog.FormatVersion))
	}
	for version := 1; version <= catalog.FormatVersion; version++ {
		t.Run(fmt.Sprint("version ", version), func(t *testing.T) { checkGolden(t, version) })
	}
}

// goldenStore is the store of a golden lake: since version 3 it rebuilds eventjson.
func goldenStore(version int) *catalog.Store {
	store := testStore()
	if version >= 3 {
		store.EventJSON = catalog.EventJSONRebuilt
	}
	return store
}

func checkGolden(t *testing.T, golden int) {
	t.Helper()
	dir := t.TempDir()
	unpack(t, goldenFile(golden), dir)
	l := openLake(t, dir, nil)
	s := snapshot(t, l)
	require.Equal(t, []string{"GetObject", "PutObject", ""}, names(t, s, ScanRequest{}))
	want := record(t, goldenEvents())
	rows := int64(0)
	sc := startScan(t, s, ScanRequest{})
	for _, g := range collectGroups(t, sc) {
		for i, c := range sc.table.Stored() {
			arrays, err := g.Read(ctx, []string{c.Name}, nil)
			require.NoError(t, err)
			requireEqualArrays(t, want.NewSlice(rows, rows+int64(g.Rows())).Column(i), arrowtest.Plain(t, arrays[0]), c.Name)
		}
		rows += int64(g.Rows())
	}
	segments, err := s.Segments(storeID)
	require.NoError(t, err)
	for _, segment := range segments {
		require.NoError(t, s.Verify(ctx, segment))
	}
	requireGoldenRecords(t, l.Catalog(), goldenStore(golden))
	require.Empty(t, problems(t, l, ChainTrust{}))
	commit(t, l, event{at: day(3), name: "new"})
	require.NoError(t, l.Close())

	l = openLake(t, dir, nil)
	defer l.Close()
	require.Empty(t, problems(t, l, ChainTrust{}))
	require.Len(t, names(t, snapshot(t, l), ScanRequest{}), 4)
	require.NoError(t, l.Catalog().View(func(tx *catalog.Tx) error {
		version, err := tx.FormatVersion()
		require.EqualValues(t, catalog.FormatVersion, version)
		return err
	}))
}

// Pushed events that the first release of a version of their log wrote are read for ever.
func TestGoldenHotLog(t *testing.T) {
	if *updateGolden {
		writeGoldenHot(t, goldenHotFile(hotLogVersion))
	}
	for version := 1; version <= hotLogVersion; version++ {
		t.Run(fmt.Sprint("version ", version), func(t *testing.T) {
			dir := t.TempDir()
			unpack(t, goldenHotFile(version), dir)
			l := withoutBackground(openLake(t, dir, nil))
			want := []string{"flushed", "a", "c", "b", "d"}
			require.ElementsMatch(t, want, namesNow(t, l))
			s, err := l.Snapshot(ctx)
			require.NoError(t, err)
			require.Equal(t, []string{"b", "d"}, names(t, s, ScanRequest{Horizon: day(2)}))
			s.Close()
			push(t, l, event{at: day(4), name: "e"})
			require.NoError(t, l.Close())
			l = withoutBackground(openLake(t, dir, nil))
			defer l.Close()
			require.ElementsMatch(t, append(want, "e"), namesNow(t, l))
			require.NoError(t, l.Flush(ctx))
			require.ElementsMatch(t, append(want, "e"), namesNow(t, l))
			require.Len(t, hotFiles(t, l), 1)
			require.Empty(t, problems(t, l, ChainTrust{}))
		})
	}
}

// writeGoldenHot writes pushes in two files, after some that were flushed.
func writeGoldenHot(t *testing.T, file string) {
	t.Helper()
	dir := t.TempDir()
	l := withoutBackground(openLake(t, dir, nil))
	putStore(t, l)
	push(t, l, event{at: day(1), name: "flushed"})
	require.NoError(t, l.Flush(ctx))
	push(t, l, event{at: day(1).Add(time.Second), name: "a", arn: "arn:a"}, event{at: day(2), name: "b"})
	push(t, l, event{at: day(1).Add(2 * time.Second), name: "c"})
	require.NoError(t, l.Close())
	l = withoutBackground(openLake(t, dir, nil))
	push(t, l, event{at: day(3), name: "d"})
	require.NoError(t, l.Close())
	pack(t, dir, file)
}

// The adoption of a version 1 lake that stopped between its transactions starts over when it is opened again.
func TestAdoptionStartsOver(t *testing.T) {
	dir := t.TempDir()
	unpack(t, goldenFile(1), dir)
	const other = "99999999-2222-4333-8444-555555555555"
	rawCatalog(t, dir, func(txn *badger.Txn) {
		rawSet(t, txn, chainKey(0), append(make([]byte, 65), "{}"...)) // of the adoption that stopped
		rawSet(t, txn, "chainhead", append([]byte{0, 0, 0, 0, 0, 0, 0, 1}, make([]byte, 64)...))
		body, err := json.Marshal(&catalog.Segment{StoreID: other, Day: 3, Name: "x"})
		require.NoError(t, err)
		rawSet(t, txn, "segment/"+other+"/1970-01-04/x", append([]byte{1}, body...))
	})
	l := openLake(t, dir, nil)
	defer l.Close()
	require.Empty(t, problems(t, l, ChainTrust{}))
	head, err := l.ChainHead()
	require.NoError(t, err)
	require.EqualValues(t, 5, head.Entries, "begin, the segments of each store, the store, the ledger")
}

func requireGoldenRecords(t *testing.T, c *catalog.Catalog, wantStore *catalog.Store) {
	t.Helper()
	want := goldenChange()
	require.NoError(t, c.View(func(tx *catalog.Tx) error {
		store, err := tx.StoreByName("main")
		require.NoError(t, err)
		require.Equal(t, wantStore, store)
		file, err := tx.File(storeID, "ab")
		require.NoError(t, err)
		require.Equal(t, &want.Files[0], file)
		location, err := tx.Location(storeID, "/logs/a.json.gz")
		require.NoError(t, err)
		require.Equal(t, &want.Locations[0], location)
		run, err := tx.Import(want.Import.ID)
		require.NoError(t, err)
		require.Equal(t, want.Import, run)
		for f, err := range tx.Failures(want.Import.ID) {
			require.NoError(t, err)
			require.Equal(t, &want.Failures[0], f)
		}
		for u, err := range tx.Usage(storeID, 0, want.Usage[0].Day) {
			require.NoError(t, err)
			require.Equal(t, &want.Usage[0], u)
		}
		return nil
	}))
}

func writeGolden(t *testing.T, file string) {
	t.Helper()
	dir := t.TempDir()
	l := openLake(t, dir, nil)
	store := goldenStore(catalog.FormatVersion)
	require.NoError(t, l.Catalog().Update(ctx, func(tx *catalog.Tx) error { return tx.PutStore(store) }))
	w, err := l.NewWriter(store)
	require.NoError(t, err)
	require.NoError(t, w.Append(record(t, goldenEvents())))
	require.NoError(t, w.Commit(ctx, goldenChange()))
	require.NoError(t, l.Close())

	pack(t, dir, file)
}

func pack(t *testing.T, dir, file string) {
	t.Helper()
	var packed bytes.Buffer
	zipper := gzip.NewWriter(&packed)
	archive := tar.NewWriter(zipper)
	require.NoError(t, archive.AddFS(os.DirFS(dir)))
	require.NoError(t, archive.Close())
	require.NoError(t, zipper.Close())
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o750))
	require.NoError(t, os.WriteFile(file, packed.Bytes(), 0o600))
}

func unpack(t *testing.T, file, dir string) {
	t.Helper()
	packed, err := os.Open(file)
	require.NoError(t, err)
	defer packed.Close()
	zipper, err := gzip.NewReader(packed)
	require.NoError(t, err)
	for archive := tar.NewReader(zipper); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
		path := filepath.Join(dir, filepath.FromSlash(header.Name))
		if header.Typeflag == tar.TypeDir {
			require.NoError(t, os.MkdirAll(path, 0o700))
			continue
		}
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		content, err := io.ReadAll(archive)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, content, 0o600))
	}
}
