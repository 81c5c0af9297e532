package storage

import (
	"errors"
	"iter"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/process"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/vfs"
)

var numbersSchema = arrow.NewSchema([]arrow.Field{{Name: "n", Type: arrow.PrimitiveTypes.Int64}}, nil)

// numbersTo is a record of the numbers before n.
func numbersTo(n int64) iter.Seq2[arrow.Record, error] {
	return func(yield func(arrow.Record, error) bool) {
		b := array.NewRecordBuilder(memory.DefaultAllocator, numbersSchema)
		for i := range n {
			b.Field(0).(*array.Int64Builder).Append(i)
		}
		yield(b.NewRecord(), nil)
	}
}

func newTable(name string) *catalog.Table {
	return &catalog.Table{Name: name, Columns: []catalog.TableColumn{{Name: "n", Type: "bigint"}}, Source: name + ".csv"}
}

// A reference table is read as it was made, also after a restart, and dropped whole.
func TestTables(t *testing.T) {
	dir := t.TempDir()
	l := openLake(t, dir, nil)
	made := newTable("numbers")
	require.NoError(t, l.CreateTable(ctx, made, numbersSchema, numbersTo(1000)))
	require.EqualValues(t, 1000, made.Rows)
	require.ErrorIs(t, l.CreateTable(ctx, newTable("numbers"), numbersSchema, numbersTo(1)), catalog.ErrNameTaken)
	require.NoError(t, l.Close())
	l = openLake(t, dir, nil)
	defer l.Close()
	tables, err := l.Tables()
	require.NoError(t, err)
	require.Len(t, tables, 1)
	require.Equal(t, made.SHA256, tables[0].SHA256)
	for range 2 { // the second time without a look at the hash
		file, err := l.OpenTable(ctx, tables[0])
		require.NoError(t, err)
		rec, err := file.Record(0)
		require.NoError(t, err)
		require.EqualValues(t, 999, rec.Column(0).(*array.Int64).Value(999))
		require.NoError(t, file.Close())
	}
	require.NoError(t, l.VerifyTable(ctx, tables[0]))
	rewrite(t, l.tablePath(made.ID), func(content []byte) []byte { content[len(content)/2] ^= 1; return content })
	requireDamaged(t, l.VerifyTable(ctx, tables[0]), l.tablePath(made.ID))
	_, err = l.OpenTable(ctx, tables[0])
	requireDamaged(t, err, l.tablePath(made.ID))
	require.NoError(t, l.DropTable(ctx, "numbers"))
	require.ErrorIs(t, l.DropTable(ctx, "numbers"), catalog.ErrNotFound)
	require.Error(t, l.VerifyTable(ctx, made))
	entries, err := os.ReadDir(l.tablesPath())
	require.NoError(t, err)
	require.Empty(t, entries)
}

// A table takes the place of another in one commit: a reader of the old one reads on, and a failure leaves the old one.
func TestReplaceTable(t *testing.T) {
	faults := vfs.NewInjector(vfs.OS)
	l := newLakeOn(t, faults)
	old := newTable("numbers")
	require.NoError(t, l.CreateTable(ctx, old, numbersSchema, numbersTo(10)))
	reader, err := l.OpenTable(ctx, old)
	require.NoError(t, err)
	broken := errors.New("broken disk")
	for _, op := range []vfs.Op{vfs.OpCreate, vfs.OpWrite, vfs.OpSync, vfs.OpRename, vfs.OpSyncDir} {
		faults.Set(&vfs.Fault{Op: op, Err: broken, Times: 1})
		_, err := l.ReplaceTable(ctx, newTable("numbers"), numbersSchema, numbersTo(20))
		require.ErrorIs(t, err, broken, op)
		tables, err := l.Tables()
		require.NoError(t, err)
		require.Len(t, tables, 1)
		require.Equal(t, old.ID, tables[0].ID, op)
	}
	faults.Set(nil)
	before, err := l.ReplaceTable(ctx, newTable("numbers"), numbersSchema, numbersTo(20))
	require.NoError(t, err)
	require.Equal(t, old.ID, before.ID)
	tables, err := l.Tables()
	require.NoError(t, err)
	require.Len(t, tables, 1)
	require.EqualValues(t, 20, tables[0].Rows)
	rec, err := reader.Record(0)
	require.NoError(t, err)
	require.EqualValues(t, 10, rec.NumRows(), "who reads the old table reads it to its end")
	require.NoError(t, reader.Close())
	entries, err := os.ReadDir(l.tablesPath())
	require.NoError(t, err)
	require.Len(t, entries, 1, "its file is gone then")
	before, err = l.ReplaceTable(ctx, newTable("others"), numbersSchema, numbersTo(1))
	require.NoError(t, err)
	require.Nil(t, before)
}

// A table that could not be made leaves nothing.
func TestTableThatCannotBeMade(t *testing.T) {
	faults := vfs.NewInjector(vfs.OS)
	l := newLakeOn(t, faults)
	broken := errors.New("broken disk")
	for _, op := range []vfs.Op{vfs.OpCreate, vfs.OpWrite, vfs.OpSync, vfs.OpRename, vfs.OpSyncDir} {
		faults.Set(&vfs.Fault{Op: op, Err: broken, Times: 1})
		require.ErrorIs(t, l.CreateTable(ctx, newTable("numbers"), numbersSchema, numbersTo(10)), broken, op)
		faults.Set(nil)
		entries, err := os.ReadDir(l.tablesPath())
		require.NoError(t, err)
		require.Empty(t, entries, op)
	}
	failed := func(yield func(arrow.Record, error) bool) { yield(nil, errors.New("line 3: no number")) }
	require.ErrorContains(t, l.CreateTable(ctx, newTable("numbers"), numbersSchema, failed), "line 3")
	require.NoError(t, l.CreateTable(ctx, newTable("numbers"), numbersSchema, numbersTo(10)))
}

// What lies among the tables when a lake is opened: a temporary file goes, a table that no record names is set aside, the
// file of a table that was set aside comes back, and a stranger's file stays.
func TestFilesAmongTheTables(t *testing.T) {
	dir := t.TempDir()
	l := openLake(t, dir, nil)
	made := newTable("numbers")
	require.NoError(t, l.CreateTable(ctx, made, numbersSchema, numbersTo(10)))
	content, err := os.ReadFile(l.tablePath(made.ID))
	require.NoError(t, err)
	require.NoError(t, l.Close())
	const unnamed = "99999999-2222-4333-8444-555555555555"
	aside := filepath.Join(l.tablesPath(), orphanedFolder)
	require.NoError(t, os.MkdirAll(aside, 0o700))
	require.NoError(t, os.Rename(l.tablePath(made.ID), filepath.Join(aside, made.ID+tableSuffix)))
	for _, name := range []string{unnamed + tableSuffix, tempPrefix + unnamed + tableSuffix + ".tmp", "notes.txt"} {
		require.NoError(t, os.WriteFile(filepath.Join(l.tablesPath(), name), content, 0o600))
	}
	l = openLake(t, dir, nil)
	defer l.Close()
	require.NoError(t, l.VerifyTable(ctx, made))
	require.FileExists(t, filepath.Join(aside, unnamed+tableSuffix))
	require.NoFileExists(t, l.tablePath(unnamed))
	require.NoFileExists(t, filepath.Join(l.tablesPath(), tempPrefix+unnamed+tableSuffix+".tmp"))
	require.FileExists(t, filepath.Join(l.tablesPath(), "notes.txt"))
}

// The size of a store's segments, by day, is what the chain says that came and went.
func TestStoredBytes(t *testing.T) {
	now := noon
	l, err := Open(ctx, t.TempDir(), Options{Decoder: decodeEvents(t), Now: func() time.Time { return now }})
	require.NoError(t, err)
	defer l.Close()
	putStore(t, l)
	commit(t, l, event{at: noon, name: "a"})
	first := snapshot(t, l)
	segments, err := first.Segments(storeID)
	require.NoError(t, err)
	now = noon.AddDate(0, 0, 1)
	commit(t, l, event{at: noon, name: "b"})
	stored, err := l.StoredBytes()
	require.NoError(t, err)
	both, err := snapshot(t, l).Segments(storeID)
	require.NoError(t, err)
	want := int64(0)
	for _, s := range both {
		want += s.Bytes
	}
	days := stored[storeID]
	require.Equal(t, []DayBytes{{Day: catalog.DayOf(noon.UnixMilli()), Bytes: segments[0].Bytes}, {Day: catalog.DayOf(now.UnixMilli()), Bytes: want}}, days)
}

// Under a limit of memory rows are written while they come: all of them are there, in their order, whatever the days.
func TestAppendUnderALimitOfMemory(t *testing.T) {
	manyDays := 40
	if testing.Short() {
		manyDays = 10
	}
	for name, days := range map[string]int{"one day": 1, "many days": manyDays} {
		t.Run(name, func(t *testing.T) {
			l := newLake(t)
			w := newWriter(t, l)
			defer w.Abort()
			w.LimitMemory(64 << 10)
			rows := 12_000
			if process.UnderRace {
				rows = 4000
			}
			want := map[catalog.Day]int64{}
			for from := 0; from < rows; from += 1000 {
				var events []event
				for i := from; i < from+1000; i++ {
					at := noon.AddDate(0, 0, i%days).Add(time.Duration(i*7919%rows) * time.Millisecond)
					events = append(events, event{at: at, name: "a"})
					want[catalog.DayOf(at.UnixMilli())]++
				}
				require.NoError(t, w.Append(record(t, events)))
				require.LessOrEqual(t, w.BufferedRows(), int64(rows))
			}
			require.GreaterOrEqual(t, w.Segments(), days)
			require.NoError(t, w.Commit(ctx, catalog.ImportChange{}))
			segments, err := snapshot(t, l).Segments(storeID)
			require.NoError(t, err)
			got := map[catalog.Day]int64{}
			for _, s := range segments {
				got[s.Day] += s.Rows
			}
			require.Equal(t, want, got)
			require.Len(t, namesNow(t, l), rows)
		})
	}
}
