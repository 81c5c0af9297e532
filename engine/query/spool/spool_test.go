package spool

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	arrowmemory "github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
	"github.com/auditlake/auditlake/storage/vfs"
)

const (
	firstID  = "0a6f2a52-5b1c-4e55-9d7e-3f1f6c1d2b01"
	secondID = "0a6f2a52-5b1c-4e55-9d7e-3f1f6c1d2b02"
	folder   = "/lake/results"
)

// newDisk is a file system in memory with a lake's folder.
func newDisk(t testing.TB) *vfs.Memory {
	disk := vfs.NewMemory()
	require.NoError(t, disk.MkdirAll("/lake"))
	require.NoError(t, disk.SyncDir("/"))
	return disk
}

func open(t testing.TB, files vfs.FS) *Folder {
	f, err := Open(Options{FS: files, Dir: folder})
	require.NoError(t, err)
	return f
}

func typedColumn(t testing.TB, name, typ, json string) (answer.Column, arrow.Array) {
	parsed, err := types.ParseType(typ)
	require.NoError(t, err)
	values, _, err := array.FromJSON(arrowmemory.DefaultAllocator, arrowtype.Of(parsed), strings.NewReader(json))
	require.NoError(t, err)
	return answer.Column{Name: name, Type: parsed}, values
}

var numberColumns = []answer.Column{{Name: "n", Type: types.BigIntType}, {Name: "text", Type: types.VarcharType}}

// numbers are rows of numberColumns.
func numbers(from, count int) []arrow.Array {
	n := array.NewInt64Builder(arrowmemory.DefaultAllocator)
	text := array.NewStringBuilder(arrowmemory.DefaultAllocator)
	for i := from; i < from+count; i++ {
		n.Append(int64(i))
		if i%7 == 3 {
			text.AppendNull()
		} else {
			text.Append(fmt.Sprint("row ", i))
		}
	}
	return []arrow.Array{n.NewArray(), text.NewArray()}
}

// keepNumbers keeps rows of numberColumns as the result of a query.
func keepNumbers(f *Folder, id string, rows int) error {
	w, err := f.Create(id, numberColumns, nil)
	if err != nil {
		return err
	}
	defer w.Abort()
	for from := 0; from < rows; from += 8192 {
		if err := w.AddArrays(numbers(from, min(8192, rows-from))); err != nil {
			return err
		}
	}
	return w.Finish()
}

// requireNumbers reads rows and compares them.
func requireNumbers(t *testing.T, r *Result, offset, limit int64) {
	t.Helper()
	at, end := offset, r.Rows()
	if limit >= 0 {
		end = min(end, offset+limit)
	}
	page := r.Page(context.Background(), offset, limit)
	for page.Next() {
		n, text := page.Arrays()[0].(*array.Int64), page.Arrays()[1].(*array.String)
		require.Positive(t, n.Len())
		for i := range n.Len() {
			if n.Value(i) != at || text.IsNull(i) != (at%7 == 3) || at%7 != 3 && text.Value(i) != fmt.Sprint("row ", at) {
				t.Fatalf("row %d is %d, %q", at, n.Value(i), text.Value(i))
			}
			at++
		}
	}
	require.NoError(t, page.Err())
	require.Equal(t, max(offset, end), at)
}

func TestAnyPageCanBeRead(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	const rows = 300_000
	f := open(t, newDisk(t))
	require.NoError(t, keepNumbers(f, firstID, rows))
	r, err := f.OpenResult(firstID)
	require.NoError(t, err)
	require.EqualValues(t, rows, r.Rows())
	require.Greater(t, len(r.index.parts), 5)
	random := rand.New(rand.NewPCG(1, 2))
	pages := [][2]int64{{0, 0}, {0, 1}, {0, -1}, {rows - 1, 1}, {rows - 1, 100}, {rows, 5}, {rows, -1}, {0, rows}}
	for _, p := range r.index.parts[1:] {
		pages = append(pages, [2]int64{p.firstRow, 1}, [2]int64{max(0, p.firstRow-1), 2}, [2]int64{p.firstRow, int64(p.rows)})
	}
	for range 20 {
		pages = append(pages, [2]int64{random.Int64N(rows), random.Int64N(3000)})
	}
	for _, page := range pages {
		requireNumbers(t, r, page[0], page[1])
	}
	require.False(t, r.Page(context.Background(), rows+10, 10).Next(), "after the end there is nothing")
	require.True(t, r.Page(context.Background(), -1, 1).Next(), "nothing is before the first row")
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	page := r.Page(ended, 0, 10)
	require.False(t, page.Next())
	require.ErrorIs(t, page.Err(), context.Canceled)
	require.NoError(t, r.Close())
}

// TestSmallBatchesShareParts: a result of many batches of one row is as compact as
// one of few.
func TestSmallBatchesShareParts(t *testing.T) {
	f := open(t, newDisk(t))
	w, err := f.Create(firstID, numberColumns, nil)
	require.NoError(t, err)
	for i := range 2000 {
		require.NoError(t, w.AddArrays(numbers(i, 1)))
	}
	require.NoError(t, w.AddArrays(numbers(0, 0)))
	require.EqualValues(t, 2000, w.Rows())
	require.NoError(t, w.Finish())
	r, err := f.OpenResult(firstID)
	require.NoError(t, err)
	require.Len(t, r.index.parts, 2)
	requireNumbers(t, r, 0, -1)
}

// valueCases is a value of each type that answers can have, as Arrow's JSON.
var valueCases = map[string]string{
	"boolean": "true", "tinyint": "-7", "smallint": "300", "integer": "70000", "bigint": "9007199254740993", "real": "1.5", "double": "2.25",
	"decimal(20,3)": `"12345678901234567.125"`, "varchar": `"text ü"`, "varchar(10)": `"ten"`, "char(4)": `"ab  "`, "json": `"{\"a\":1}"`,
	"varbinary": `"AQID"`, "hyperloglog": `"AQID"`, "date": "19000", "time(3)": `"10:11:12.125"`, "time(9)": `"10:11:12.125"`,
	"timestamp(0)": `"2024-02-29 23:00:00"`, "timestamp(3)": `"2024-02-29 23:00:00.125"`, "timestamp(9)": `"1709200000123456789000000000000000"`, "time(12)": "36672125000000000",
	"interval day to second": "86400000", "interval year to month": "13",
	"uuid": `"AAECAwQFBgcICQoLDA0ODw=="`, "ipaddress": `"AAAAAAAAAAAAAP//CgAAAQ=="`,
	"array(varchar)": `["a", null, "b"]`, "array(array(bigint))": `[[1], null, [2, 3]]`, "array(unknown)": `[null]`, "unknown": "null",
	"map(varchar, bigint)":         `[{"key": "a", "value": 1}, {"key": "b", "value": null}]`,
	"map(bigint, array(varchar))":  `[{"key": 5, "value": ["x"]}]`,
	`row("a b" bigint, c varchar)`: `{"a b": 5, "c": null}`,
	`row(bigint, row(x date))`:     `{"": 5, "": {"x": 3}}`,
	"array(row(n double))":         `[{"n": 1.5}, null]`,
}

func TestEveryTypeComesBack(t *testing.T) {
	delete(valueCases, `row(bigint, row(x date))`) // Arrow's JSON knows fields by name
	for typ, value := range valueCases {
		t.Run(typ, func(t *testing.T) {
			c, whole := typedColumn(t, "c", typ, "[null, "+value+", null, "+value+"]")
			requireComesBack(t, c, whole)
		})
	}
}

func TestZonesComeBack(t *testing.T) {
	berlin, err := arrowtype.ParseZone("Europe/Berlin")
	require.NoError(t, err)
	offset, err := arrowtype.OffsetZone(-330)
	require.NoError(t, err)
	zoned := fmt.Sprintf(`{"instant": "2024-01-01 10:00:00", "zone": %d}, {"instant": "2024-07-01 10:00:00", "zone": 0}, null, {"instant": "2024-07-01", "zone": %d}`, berlin, offset)
	for typ, json := range map[string]string{
		"timestamp(3) with time zone":                  "[null, " + zoned + "]",
		"timestamp(12) with time zone":                 fmt.Sprintf(`[{"instant": "1709200000123456789000000000000000", "zone": %d}, null]`, berlin),
		"array(timestamp(3) with time zone)":           "[null, [" + zoned + "], [], [" + zoned + "]]",
		"row(at timestamp(6) with time zone)":          `[{"at": null}` + strings.Join(append([]string{""}, fieldsOf(zoned)...), "") + "]",
		"map(bigint, timestamp(3) with time zone)":     `[[], [{"key": 1, "value": ` + strings.SplitAfter(zoned, "}")[0] + `}]]`,
		"map(timestamp(3) with time zone, varchar(5))": `[null, [{"key": ` + strings.SplitAfter(zoned, "}")[0] + `, "value": null}]]`,
	} {
		t.Run(typ, func(t *testing.T) {
			c, whole := typedColumn(t, "c", typ, json)
			requireComesBack(t, c, whole)
		})
	}
	c, whole := typedColumn(t, "c", "time(3) with time zone", fmt.Sprintf(`[null, {"instant": "10:00:00", "zone": %d}]`, offset))
	requireComesBack(t, c, whole)
}

func fieldsOf(zoned string) (rows []string) {
	for _, one := range strings.SplitAfter(zoned, "}") {
		if at := strings.Index(one, "{"); at >= 0 {
			rows = append(rows, `, {"at": `+one[at:]+"}")
		}
	}
	return rows
}

// TestZonesOfAnotherProcess: the codes of zones in a file are translated by their
// names, whatever codes this process has for them.
func TestZonesOfAnotherProcess(t *testing.T) {
	codes, err := zoneCodes(map[int32]string{4711: "Asia/Tokyo", 0: "UTC", 7: "+02:00"})
	require.NoError(t, err)
	c, whole := typedColumn(t, "c", "timestamp(3) with time zone",
		`[{"instant": "2024-01-01", "zone": 4711}, null, {"instant": "2024-01-01", "zone": 7}]`)
	require.NoError(t, ownZones(c.Type, whole.Data(), codes))
	require.Equal(t, `"2024-01-01 09:00:00.000 Asia/Tokyo"`, string(answer.AppendJSON(nil, c.Type, whole, 0)))
	require.Equal(t, `"2024-01-01 02:00:00.000 +02:00"`, string(answer.AppendJSON(nil, c.Type, whole, 2)))
	require.ErrorContains(t, ownZones(c.Type, whole.Data(), map[int32]int32{}), "which the index does not name")
	_, err = zoneCodes(map[int32]string{1: "Mars/Olympus"})
	require.Error(t, err)
}

// requireComesBack keeps slices of an array, and compares what is read as text.
func requireComesBack(t *testing.T, c answer.Column, whole arrow.Array) {
	t.Helper()
	f := open(t, newDisk(t))
	w, err := f.Create(firstID, []answer.Column{c}, nil)
	require.NoError(t, err)
	var want []string
	for _, from := range []int{1, 0, 2} {
		slice := array.NewSlice(whole, int64(from), int64(whole.Len()))
		for i := range slice.Len() {
			want = append(want, string(answer.AppendJSON(nil, c.Type, slice, i)))
		}
		require.NoError(t, w.AddArrays([]arrow.Array{slice}))
		if from == 1 {
			require.NoError(t, w.flush(), "parts of their own")
		}
	}
	require.NoError(t, w.Finish())
	r, err := f.OpenResult(firstID)
	require.NoError(t, err)
	require.Equal(t, []answer.Column{c}, r.Columns())
	for offset := range want {
		var got []string
		page := r.Page(context.Background(), int64(offset), -1)
		for page.Next() {
			for i := range page.Arrays()[0].Len() {
				got = append(got, string(answer.AppendJSON(nil, c.Type, page.Arrays()[0], i)))
			}
		}
		require.NoError(t, page.Err())
		require.Equal(t, want[offset:], got)
	}
	for _, format := range answer.Formats() {
		_, err := answer.Write(format, &bytes.Buffer{}, r.Page(context.Background(), 1, 2))
		require.NoError(t, err, format)
	}
}

func TestEmptyResult(t *testing.T) {
	f := open(t, newDisk(t))
	require.NoError(t, keepNumbers(f, firstID, 0))
	r, err := f.OpenResult(firstID)
	require.NoError(t, err)
	require.Zero(t, r.Rows())
	require.Equal(t, numberColumns, r.Columns())
	page := r.Page(context.Background(), 0, -1)
	require.False(t, page.Next())
	require.NoError(t, page.Err())
}

func TestResultsAreFoundAgainAndRemoved(t *testing.T) {
	disk := newDisk(t)
	f := open(t, disk)
	_, err := f.OpenResult(firstID)
	require.ErrorIs(t, err, ErrNotKept)
	require.NoError(t, keepNumbers(f, firstID, 10))
	require.NoError(t, keepNumbers(f, secondID, 20))
	require.ErrorContains(t, keepNumbers(f, firstID, 10), "has one")
	w, err := f.Create(uuid.NewString(), numberColumns, nil)
	require.NoError(t, err)
	require.NoError(t, w.AddArrays(numbers(0, 100)))
	require.NoError(t, w.flush())
	other, err := disk.Create(folder + "/notes.txt")
	require.NoError(t, err)
	require.NoError(t, other.Close())
	used := f.UsedBytes() - w.bytes

	readOnly, err := Open(Options{FS: vfs.ReadOnly(disk, syscall.EROFS), Dir: folder, ReadOnly: true})
	require.NoError(t, err)
	require.Equal(t, used, readOnly.UsedBytes())
	require.ErrorContains(t, keepNumbers(readOnly, uuid.NewString(), 1), "read-only")
	require.Len(t, namesIn(t, disk), 4, "nothing was removed")

	f = open(t, disk)
	require.Equal(t, used, f.UsedBytes())
	require.Equal(t, []string{firstID + ".result", secondID + ".result", "notes.txt"}, namesIn(t, disk), "the unfinished one went")
	bytes, ok := f.Bytes(firstID)
	require.True(t, ok)
	require.Positive(t, bytes)
	r, err := f.OpenResult(secondID)
	require.NoError(t, err)
	requireNumbers(t, r, 0, -1)

	require.NoError(t, f.RemoveOthers(func(id string) bool { return id == secondID }))
	require.Equal(t, []string{secondID + ".result", "notes.txt"}, namesIn(t, disk))
	require.NoError(t, f.Remove(firstID))
	require.NoError(t, f.Remove(secondID))
	require.Zero(t, f.UsedBytes())
	_, err = f.OpenResult(secondID)
	require.ErrorIs(t, err, ErrNotKept)
	requireNumbers(t, r, 0, -1)
}

func namesIn(t testing.TB, files vfs.FS) (names []string) {
	entries, err := files.ReadDir(folder)
	require.NoError(t, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestIDsAreUUIDs(t *testing.T) {
	f := open(t, newDisk(t))
	for _, id := range []string{"", "x", "../../etc/passwd", strings.ToUpper(firstID), "{" + firstID + "}", strings.ReplaceAll(firstID, "-", "")} {
		require.ErrorContains(t, keepNumbers(f, id, 1), "no id of a query")
		_, err := f.OpenResult(id)
		require.ErrorIs(t, err, ErrNotKept)
		require.NoError(t, f.Remove(id))
	}
}

func TestFilesAreTheirOwnersOnly(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	dir := filepath.Join(t.TempDir(), "results")
	f, err := Open(Options{Dir: dir})
	require.NoError(t, err)
	require.NoError(t, keepNumbers(f, firstID, 10))
	for path, want := range map[string]fs.FileMode{dir: 0o700, f.resultPath(firstID): 0o600} {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, want, info.Mode().Perm(), path)
	}
	r, err := f.OpenResult(firstID)
	require.NoError(t, err)
	requireNumbers(t, r, 0, -1)
	require.NoError(t, r.Close())
}

func TestLimits(t *testing.T) {
	disk := newDisk(t)
	r := rand.New(rand.NewPCG(3, 4))
	random := func(n int) []arrow.Array { // does not compress
		text := array.NewStringBuilder(arrowmemory.DefaultAllocator)
		for range n {
			b := make([]byte, 1000)
			for i := range b {
				b[i] = byte(32 + r.IntN(90))
			}
			text.Append(string(b))
		}
		return []arrow.Array{text.NewArray()}
	}
	columns := []answer.Column{{Name: "text", Type: types.VarcharType}}
	keep := func(f *Folder, id string, rows int) error {
		w, err := f.Create(id, columns, nil)
		if err != nil {
			return err
		}
		defer w.Abort()
		for range rows / 100 {
			if err := w.AddArrays(random(100)); err != nil {
				return err
			}
		}
		return w.Finish()
	}
	f, err := Open(Options{FS: disk, Dir: folder, MaxResultBytes: 3 << 20, MaxLakeBytes: 4 << 20})
	require.NoError(t, err)
	err = keep(f, firstID, 10_000)
	require.Equal(t, types.InsufficientResources, types.ErrorName(err))
	require.ErrorContains(t, err, "longer than the 3.0 MiB that one may have")
	require.Zero(t, f.UsedBytes())
	require.Empty(t, namesIn(t, disk))

	require.NoError(t, keep(f, firstID, 3000))
	err = keep(f, secondID, 3000)
	require.Equal(t, types.InsufficientResources, types.ErrorName(err))
	require.ErrorContains(t, err, "may keep 4.0 MiB")
	require.Equal(t, []string{firstID + ".result"}, namesIn(t, disk), "the older one stays")
	require.NoError(t, f.Remove(firstID))
	require.NoError(t, keep(f, secondID, 3000))

	disk = newDisk(t)
	small := &smallDisk{FS: disk, free: 10 << 20}
	f = open(t, small)
	err = keep(f, firstID, 2000)
	require.ErrorContains(t, err, "may keep 1.0 MiB", "a tenth of the free disk")
	small.free = 1 << 50
	require.NoError(t, keep(f, firstID, 2000))
	limit, err := f.limitBytes()
	require.NoError(t, err)
	require.EqualValues(t, 20<<30, limit)
}

// smallDisk has so much room, or says so.
type smallDisk struct {
	vfs.FS
	free int64
}

func (s *smallDisk) FreeBytes(string) (int64, error) { return s.free, nil }

func TestMemoryIsAccounted(t *testing.T) {
	f := open(t, newDisk(t))
	pool := memory.NewPool(64 << 20)
	account := pool.Account("the kept result")
	w, err := f.Create(firstID, numberColumns, account)
	require.NoError(t, err)
	require.NoError(t, w.AddArrays(numbers(0, 100_000)))
	require.NoError(t, w.Finish())
	require.Zero(t, pool.UsedBytes())
	require.Greater(t, pool.PeakBytes(), int64(2<<20))

	w, err = f.Create(secondID, numberColumns, memory.NewPool(1<<20).Account("the kept result"))
	require.NoError(t, err)
	require.Equal(t, types.ExceededMemoryLimit, types.ErrorName(w.AddArrays(numbers(0, 100_000))))
	w.Abort()
	require.Equal(t, []string{firstID + ".result"}, namesIn(t, f.fs))
}

func TestConcurrentQueries(t *testing.T) {
	f := open(t, newDisk(t))
	require.NoError(t, keepNumbers(f, firstID, 50_000))
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			id := uuid.NewString()
			if err := keepNumbers(f, id, 20_000*i); err != nil {
				t.Error(err)
			}
			r, err := f.OpenResult(id)
			if err != nil || r.Rows() != int64(20_000*i) {
				t.Error(err)
			}
			if err := f.Remove(id); err != nil {
				t.Error(err)
			}
		})
	}
	r, err := f.OpenResult(firstID)
	require.NoError(t, err)
	for i := range 4 {
		all.Go(func() {
			page := r.Page(context.Background(), int64(10_000*i), 10)
			if !page.Next() || page.Arrays()[0].(*array.Int64).Value(0) != int64(10_000*i) {
				t.Error(page.Err())
			}
		})
	}
	all.Wait()
	bytes, _ := f.Bytes(firstID)
	require.Equal(t, bytes, f.UsedBytes())
}

func BenchmarkKeep(b *testing.B) {
	arrays := numbers(0, 8192)
	b.SetBytes(8192 * 20)
	f, err := Open(Options{Dir: filepath.Join(b.TempDir(), "results")})
	require.NoError(b, err)
	w, err := f.Create(firstID, numberColumns, nil)
	require.NoError(b, err)
	for b.Loop() {
		require.NoError(b, w.AddArrays(arrays))
	}
	w.Abort()
}

func BenchmarkPage(b *testing.B) {
	f, err := Open(Options{Dir: filepath.Join(b.TempDir(), "results")})
	require.NoError(b, err)
	require.NoError(b, keepNumbers(f, firstID, 1_000_000))
	for i := 0; b.Loop(); i++ {
		r, err := f.OpenResult(firstID)
		require.NoError(b, err)
		page := r.Page(context.Background(), int64(i*7919)%999_000, 1000)
		for page.Next() {
		}
		require.NoError(b, page.Err())
		require.NoError(b, r.Close())
	}
}
