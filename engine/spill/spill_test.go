package spill

import (
	"bytes"
	"errors"
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
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
	"github.com/auditlake/auditlake/storage/vfs"
)

const folder = "/lake/spill"

func newDisk(t testing.TB) *vfs.Memory {
	disk := vfs.NewMemory()
	require.NoError(t, disk.MkdirAll("/lake"))
	return disk
}

func newSpiller(t testing.TB, o Options) (*Spiller, *Query, *memory.Pool) {
	o.Dir = folder
	space, err := Open(o)
	require.NoError(t, err)
	pool := memory.NewPool(0)
	q := space.NewQuery()
	return q.NewSpiller(pool.Account("ORDER BY")), q, pool
}

func namesIn(t testing.TB, files vfs.FS) []string {
	entries, err := files.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func fromJSON(t testing.TB, dt arrow.DataType, json string) arrow.Array {
	values, _, err := array.FromJSON(arrowmemory.DefaultAllocator, dt, strings.NewReader(json))
	require.NoError(t, err)
	return values
}

// everyType has a column of each shape that arrays have, of four rows.
func everyType(t testing.TB) []batch.Vector {
	text := fromJSON(t, arrow.BinaryTypes.String, `["a", null, "", "ccc"]`)
	dictionary := batch.FromCodes([]int32{1, 0, 1, 0}, []byte{0b1101}, fromJSON(t, arrow.BinaryTypes.String, `["x", "a longer text"]`))
	arrays := []arrow.Array{
		text, dictionary, array.NewNull(4),
		batch.FromCodes([]int32{3, 0, 1, 0}, nil, fromJSON(t, arrow.BinaryTypes.String, `["x", "a longer text", "c", "d", "e", "f"]`)),
		fromJSON(t, arrow.FixedWidthTypes.Boolean, `[true, null, false, true]`),
		fromJSON(t, arrow.PrimitiveTypes.Int8, `[1, null, -3, 4]`), fromJSON(t, arrow.PrimitiveTypes.Int64, `[1, 2, 3, 4]`),
		fromJSON(t, arrow.PrimitiveTypes.Float64, `[1.5, null, 3, 4]`),
		fromJSON(t, &arrow.Decimal128Type{Precision: 38, Scale: 2}, `["1.25", null, "3.00", "4.00"]`),
		fromJSON(t, &arrow.FixedSizeBinaryType{ByteWidth: 2}, `["YWI=", null, "Y2Q=", "ZWY="]`),
		fromJSON(t, arrow.ListOf(arrow.PrimitiveTypes.Int64), `[[1, 2], null, [], [null]]`),
		fromJSON(t, arrow.MapOf(arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64), `[[{"key": "a", "value": 1}], null, [], []]`),
		fromJSON(t, arrow.StructOf(arrow.Field{Name: "x", Type: arrow.BinaryTypes.String, Nullable: true}), `[{"x": "a"}, null, {"x": null}, {"x": "dd"}]`),
		batch.FromLists([]int32{0, 1, 2, 2, 4}, nil, dictionary),
	}
	out := []batch.Vector{{Array: fromJSON(t, arrow.BinaryTypes.String, `["every row"]`), Const: true}}
	for _, a := range arrays {
		out = append(out, batch.Vector{Array: a})
	}
	return out
}

// rowTexts are the live rows of a batch as text.
func rowTexts(b *batch.Batch) (rows []string) {
	arrays := make([]arrow.Array, len(b.Columns))
	for i, v := range b.Columns {
		arrays[i] = batch.Decode(batch.Expand(v, b.Len))
	}
	for i := range b.Live() {
		var cells []string
		at := i
		if b.Sel != nil {
			at = int(b.Sel[i])
		}
		for _, a := range arrays {
			cells = append(cells, a.ValueStr(at)+fmt.Sprint(a.IsNull(at)))
		}
		rows = append(rows, strings.Join(cells, "|"))
	}
	return rows
}

func readAll(r *Run) (rows []string, err error) {
	reader, err := r.Reader()
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	for {
		b, err := reader.Next()
		if b == nil || err != nil {
			return rows, err
		}
		rows = append(rows, rowTexts(b)...)
	}
}

func TestRowsComeBackAsTheyWere(t *testing.T) {
	columns := everyType(t)
	sliced := make([]batch.Vector, len(columns))
	for i, v := range columns {
		sliced[i] = v
		if !v.Const {
			sliced[i].Array = array.NewSlice(v.Array, 1, 3)
		}
	}
	for name, batches := range map[string][]*batch.Batch{
		"dense":     {{Columns: columns, Len: 4}},
		"selection": {{Columns: columns, Len: 4, Sel: []int32{1, 3}}},
		"no rows":   {{Columns: columns, Len: 4, Sel: []int32{}}},
		"slices":    {{Columns: sliced, Len: 2}},
		"several":   {{Columns: columns, Len: 4}, {Columns: sliced, Len: 2}, {Columns: sliced, Len: 2, Sel: []int32{1}}},
		"no column": {{Len: 3}},
		"encodings that change": {
			{Columns: []batch.Vector{columns[0]}, Len: 4}, {Columns: []batch.Vector{columns[1]}, Len: 4},
			{Columns: []batch.Vector{columns[2]}, Len: 4}, {Columns: []batch.Vector{columns[3]}, Len: 4},
		},
	} {
		t.Run(name, func(t *testing.T) {
			disk := newDisk(t)
			s, q, pool := newSpiller(t, Options{FS: disk})
			run, err := s.NewRun()
			require.NoError(t, err)
			var want []string
			for _, b := range batches {
				require.NoError(t, run.Write(b))
				want = append(want, rowTexts(b)...)
			}
			require.NoError(t, run.Finish())
			require.EqualValues(t, len(want), run.Rows())
			for range 2 { // a run is read as often as wanted
				got, err := readAll(run)
				require.NoError(t, err)
				require.Equal(t, want, got)
			}
			require.Equal(t, run.Bytes(), q.space.UsedBytes())
			require.Equal(t, run.Bytes(), q.SpilledBytes())
			require.Equal(t, run.Bytes(), s.SpilledBytes())
			run.Close()
			run.Close()
			require.Empty(t, namesIn(t, disk))
			require.Zero(t, q.space.UsedBytes())
			require.Zero(t, pool.UsedBytes())
		})
	}
}

// longBatch has rows that make many records.
func longBatch(t testing.TB, rows int) *batch.Batch {
	random := rand.New(rand.NewPCG(1, 2))
	texts, numbers := make([]string, rows), make([]int64, rows)
	for i := range texts {
		texts[i], numbers[i] = strings.Repeat(fmt.Sprint(random.IntN(1000)), random.IntN(40)), int64(i)
	}
	text, err := batch.FromStrings(arrow.BinaryTypes.String, texts, nil)
	require.NoError(t, err)
	return &batch.Batch{Len: rows, Columns: []batch.Vector{{Array: text}, {Array: batch.FromValues(arrow.PrimitiveTypes.Int64, numbers, nil)}}}
}

func TestRecordsAreShort(t *testing.T) {
	s, _, pool := newSpiller(t, Options{FS: newDisk(t)})
	b := longBatch(t, 60_000)
	run, err := s.NewRun()
	require.NoError(t, err)
	require.NoError(t, run.Write(b))
	require.NoError(t, run.Finish())
	require.Less(t, run.Bytes(), batch.DecodedBytes(b.Columns[0], b.Len)/2, "it is compressed")
	reader, err := run.Reader()
	require.NoError(t, err)
	rows := 0
	for {
		part, err := reader.Next()
		require.NoError(t, err)
		if part == nil {
			break
		}
		rows += part.Len
		require.LessOrEqual(t, pool.UsedBytes(), int64(maxRecordBytes*5/4))
		require.Positive(t, pool.UsedBytes())
	}
	require.Equal(t, b.Len, rows)
	require.Less(t, pool.PeakBytes(), int64(5*maxRecordBytes))
	reader.Close()
	reader.Close()
	require.Zero(t, pool.UsedBytes())
}

// TestARowLongerThanARecord: it has a record of its own, within the memory of the query.
func TestARowLongerThanARecord(t *testing.T) {
	space, err := Open(Options{FS: newDisk(t), Dir: folder})
	require.NoError(t, err)
	for name, c := range map[string]struct {
		limitBytes int64
		fits       bool
	}{"enough memory": {8 << 20, true}, "too little": {2 << 20, false}} {
		t.Run(name, func(t *testing.T) {
			pool := memory.NewPool(c.limitBytes)
			q := space.NewQuery()
			defer q.Close()
			run, err := q.NewSpiller(pool.Account("ORDER BY")).NewRun()
			require.NoError(t, err)
			text, err := batch.FromStrings(arrow.BinaryTypes.String, []string{"a", strings.Repeat("x", 1<<20), "b"}, nil)
			require.NoError(t, err)
			b := &batch.Batch{Len: 3, Columns: []batch.Vector{{Array: text}}}
			err = run.Write(b)
			if !c.fits {
				require.Equal(t, types.ExceededMemoryLimit, types.ErrorName(err))
				return
			}
			require.NoError(t, err)
			require.NoError(t, run.Finish())
			rows, err := readAll(run)
			require.NoError(t, err)
			require.Equal(t, rowTexts(b), rows)
			require.Zero(t, pool.UsedBytes())
		})
	}
}

func TestLimitOfTheLake(t *testing.T) {
	disk := newDisk(t)
	space, err := Open(Options{FS: disk, Dir: folder, LimitBytes: 300_000})
	require.NoError(t, err)
	first, second := space.NewQuery(), space.NewQuery()
	spiller := func(q *Query) *Spiller { return q.NewSpiller(memory.NewPool(0).Account("ORDER BY")) }
	b := longBatch(t, 5_000)
	kept, err := spiller(first).NewRun()
	require.NoError(t, err)
	require.NoError(t, kept.Write(b))
	require.NoError(t, kept.Finish())
	other, err := spiller(second).NewRun()
	require.NoError(t, err)
	for err == nil {
		err = other.Write(b)
	}
	require.Equal(t, types.ExceededSpillLimit, types.ErrorName(err))
	require.ErrorContains(t, err, "Query exceeded local spill limit of 293.0 KiB")
	require.LessOrEqual(t, space.UsedBytes(), int64(300_000))
	_, err = readAll(kept)
	require.NoError(t, err, "the other query goes on")
	second.Close()
	require.Equal(t, kept.Bytes(), space.UsedBytes())
	require.NoError(t, func() error {
		more, err := spiller(first).NewRun()
		require.NoError(t, err)
		return more.Write(b)
	}(), "what one gives back others can have")
	first.Close()
	require.Zero(t, space.UsedBytes())
	require.Empty(t, namesIn(t, disk))
}

// littleRoom is a disk with so much free.
type littleRoom struct {
	vfs.FS
	free int64
}

func (d littleRoom) FreeBytes(string) (int64, error) { return d.free, nil }

func TestHalfOfTheFreeDiskIsTheLimit(t *testing.T) {
	s, q, _ := newSpiller(t, Options{FS: littleRoom{newDisk(t), 200_000}})
	run, err := s.NewRun()
	require.NoError(t, err)
	for err == nil {
		err = run.Write(longBatch(t, 1000))
	}
	require.ErrorContains(t, err, "local spill limit of 97.7 KiB")
	q.Close()
}

func TestOpenRemovesWhatAKilledProcessLeft(t *testing.T) {
	disk := newDisk(t)
	s, _, _ := newSpiller(t, Options{FS: disk})
	run, err := s.NewRun()
	require.NoError(t, err)
	require.NoError(t, run.Write(longBatch(t, 10)))
	other, err := disk.Create(filepath.Join(folder, "notes.txt"))
	require.NoError(t, err)
	require.NoError(t, other.Close())
	require.Len(t, namesIn(t, disk), 2)
	_, err = Open(Options{FS: disk, Dir: folder})
	require.NoError(t, err)
	require.Equal(t, []string{"notes.txt"}, namesIn(t, disk), "files of others are left alone")

	failing := vfs.NewInjector(disk)
	failing.Set(&vfs.Fault{Op: vfs.OpReadDir, Err: syscall.EIO})
	_, err = Open(Options{FS: failing, Dir: folder})
	require.ErrorIs(t, err, syscall.EIO)
}

func TestTheEndOfAQuery(t *testing.T) {
	disk := newDisk(t)
	s, q, _ := newSpiller(t, Options{FS: disk})
	writing, err := s.NewRun()
	require.NoError(t, err)
	finished, err := s.NewRun()
	require.NoError(t, err)
	require.NoError(t, finished.Finish())
	require.Len(t, namesIn(t, disk), 2)
	q.Close()
	q.Close()
	require.Empty(t, namesIn(t, disk))
	require.Error(t, writing.Write(longBatch(t, 1)))
	require.Error(t, writing.Finish())
	_, err = finished.Reader()
	require.Error(t, err)
	_, err = s.NewRun()
	require.ErrorContains(t, err, "has ended")
	require.Empty(t, namesIn(t, disk))
	q.space.Close()
	_, err = disk.ReadDir(folder)
	require.ErrorIs(t, err, fs.ErrNotExist)
}

// TestFailingOperations makes each operation fail that spilling needs: that query has one clear
// error, and another one goes on.
func TestFailingOperations(t *testing.T) {
	spillAndRead := func(s *Spiller) (rows []string, err error) {
		run, err := s.NewRun()
		if err != nil {
			return nil, err
		}
		defer run.Close()
		if err := run.Write(longBatch(t, 5_000)); err != nil {
			return nil, err
		}
		if err := run.Finish(); err != nil {
			return nil, err
		}
		return readAll(run)
	}
	for _, op := range []vfs.Op{vfs.OpMkdirAll, vfs.OpFree, vfs.OpCreate, vfs.OpWrite, vfs.OpClose, vfs.OpOpen, vfs.OpRead} {
		for _, cause := range []error{syscall.ENOSPC, syscall.EIO} {
			t.Run(fmt.Sprint(op, " ", cause), func(t *testing.T) {
				disk := vfs.NewInjector(newDisk(t))
				s, q, pool := newSpiller(t, Options{FS: disk})
				disk.Set(&vfs.Fault{Op: op, Times: 1, Err: cause, Torn: true})
				_, err := spillAndRead(s)
				require.Positive(t, disk.Injected())
				switch {
				case op == vfs.OpOpen || op == vfs.OpRead:
					require.Equal(t, types.GenericInternalError, types.ErrorName(err))
					require.ErrorContains(t, err, "Failed to read spilled rows of "+folder)
				case errors.Is(cause, syscall.ENOSPC):
					require.Equal(t, types.InsufficientResources, types.ErrorName(err))
					require.ErrorContains(t, err, "no space is left on the disk of "+folder)
				default:
					require.Equal(t, types.GenericInternalError, types.ErrorName(err))
					require.ErrorContains(t, err, "Failed to spill rows")
				}
				rows, err := spillAndRead(q.space.NewQuery().NewSpiller(pool.Account("ORDER BY")))
				require.NoError(t, err)
				require.Len(t, rows, 5_000)
				q.Close()
				require.Zero(t, q.space.UsedBytes())
				require.Zero(t, pool.UsedBytes())
				require.Empty(t, namesIn(t, disk))
			})
		}
	}
}

// TestDamageIsFound changes bytes all over a file, and cuts it everywhere.
func TestDamageIsFound(t *testing.T) {
	dir := t.TempDir()
	space, err := Open(Options{Dir: dir})
	require.NoError(t, err)
	q := space.NewQuery()
	run, err := q.NewSpiller(memory.NewPool(0).Account("ORDER BY")).NewRun()
	require.NoError(t, err)
	for range 2 {
		require.NoError(t, run.Write(&batch.Batch{Columns: everyType(t), Len: 4}))
	}
	require.NoError(t, run.Finish())
	content, err := os.ReadFile(run.path)
	require.NoError(t, err)
	for at := 0; at < len(content); at += 3 {
		damaged := bytes.Clone(content)
		damaged[at] ^= 1 << (at % 8)
		require.NoError(t, os.WriteFile(run.path, damaged, 0o600))
		_, err := readAll(run)
		require.ErrorContains(t, err, "Failed to read spilled rows", "byte %d", at)
	}
	for _, size := range []int{0, 1, len(content) / 2, len(content) - 1} {
		require.NoError(t, os.WriteFile(run.path, content[:size], 0o600))
		_, err := readAll(run)
		require.ErrorContains(t, err, "Failed to read spilled rows", "%d bytes", size)
	}
	require.NoError(t, os.WriteFile(run.path, content, 0o600))
	rows, err := readAll(run)
	require.NoError(t, err)
	require.Len(t, rows, 8)
	q.Close()
}

func TestRunsAreUsedByManyGoroutines(t *testing.T) {
	disk := newDisk(t)
	s, q, pool := newSpiller(t, Options{FS: disk})
	b := longBatch(t, 3_000)
	want := rowTexts(b)
	var running sync.WaitGroup
	for range 4 {
		running.Go(func() {
			for range 3 {
				run, err := s.NewRun()
				if err == nil {
					err = errors.Join(run.Write(b), run.Finish())
				}
				if err != nil {
					t.Error(err)
					return
				}
				rows, err := readAll(run)
				if err != nil || len(rows) != len(want) || rows[2_999] != want[2_999] {
					t.Errorf("%d rows, %v", len(rows), err)
				}
				run.Close()
			}
		})
	}
	running.Wait()
	require.Zero(t, pool.UsedBytes())
	require.Zero(t, q.space.UsedBytes())
	require.Empty(t, namesIn(t, disk))
}

// TestNothingSpillsWithoutASpace: what is nil can be asked and closed.
func TestNothingSpillsWithoutASpace(t *testing.T) {
	var space *Space
	q := space.NewQuery()
	require.Nil(t, q)
	s := q.NewSpiller(nil)
	require.Nil(t, s)
	require.Zero(t, q.SpilledBytes())
	require.Zero(t, s.SpilledBytes())
	q.Close()
	space.Close()
}

func BenchmarkSpill(b *testing.B) {
	s, _, _ := newSpiller(b, Options{FS: vfs.NewMemory()})
	rows := longBatch(b, 100_000)
	b.SetBytes(batch.DecodedBytes(rows.Columns[0], rows.Len) + 8*int64(rows.Len))
	for b.Loop() {
		run, err := s.NewRun()
		require.NoError(b, err)
		require.NoError(b, run.Write(rows))
		require.NoError(b, run.Finish())
		reader, err := run.Reader()
		require.NoError(b, err)
		for part, err := reader.Next(); part != nil; part, err = reader.Next() {
			require.NoError(b, err)
		}
		reader.Close()
		run.Close()
	}
}
