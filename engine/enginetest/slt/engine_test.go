package slt_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/enginetest/clock"
	"github.com/auditlake/auditlake/engine/enginetest/slt"
	"github.com/auditlake/auditlake/storage/vfs"
)

var complete = flag.Bool("complete", false, "write the answers of testdata/slt anew")

// TestSLT runs the behaviour tests of testdata/slt; package slt says how they
// are written. Each file runs with enough memory, and then in ways that spill: the answers are the same. The bytes scanned do not depend on
// cache and workers; more than with enough memory may be scanned where rows cannot be kept for all who read them.
func TestSLT(t *testing.T) {
	folder := filepath.Join("..", "..", "..", "testdata")
	files, err := filepath.Glob(filepath.Join(folder, "slt/*.slt"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	spilled := int64(0)
	for i, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".slt")
		t.Run(name, func(t *testing.T) {
			if testing.Short() && name == "rebuilt" {
				t.Skip("too long under the race detector; the unit stage runs it")
			}
			file, err := slt.Read(path)
			require.NoError(t, err)
			plain := &sltRun{file: file, folder: folder}
			plain.runAll(t)
			if *complete {
				require.NoError(t, file.Complete(plain.got))
				return
			}
			scanned := map[int]int64{} // in each way that spills
			ways := sltWaysOf(i, name)
			for _, w := range ways {
				t.Run(w.String(), func(t *testing.T) {
					r := &sltRun{file: file, folder: folder, way: w, scanned: scanned, least: plain.scanned}
					r.runAll(t)
					spilled += r.spilled
				})
			}
		})
	}
	require.Positive(t, spilled)
}

// tinyCacheBytes keeps a part of what a file's records read, so that most of it is dropped again.
const tinyCacheBytes = 30 << 10

// sltWay is a way in which a file runs; the zero value: with the workers, the memory and the cache that are usual.
type sltWay struct {
	workers                    int
	spillFromBytes, cacheBytes int64
}

func (w sltWay) isUsual() bool { return w == sltWay{} }

func (w sltWay) String() string {
	return fmt.Sprintf("%d workers, spilling from %d bytes, cache of %d", w.workers, w.spillFromBytes, w.cacheBytes)
}

// sltWaysOf returns the ways of a file that spill all that can be spilled: 1, 2 and 7 workers, with no cache and with a tiny one in turns.
// AUDITLAKE_BUDGETS asks for all of them. Otherwise the file's name chooses one. Under the race detector only some files, among them those
// with joins, groups, patterns and windows, have one; an import takes long and spills nothing.
func sltWaysOf(file int, name string) (ways []sltWay) {
	spillFromBytes := int64(1)
	if name == "rebuilt" {
		spillFromBytes = 2 << 20 // with less its long rows are divided one by one, for minutes
	}
	for i, workers := range []int{1, 2, 7} {
		ways = append(ways, sltWay{workers, spillFromBytes, []int64{-1, tinyCacheBytes}[(file+i)%2]})
	}
	_, all := os.LookupEnv("AUDITLAKE_BUDGETS")
	switch {
	case all:
		return ways
	case testing.Short() && (file%5 != 0 || name == "import"):
		return nil
	}
	return ways[crc32.ChecksumIEEE([]byte(name))%3:][:1]
}

// sltRun is one file being run.
type sltRun struct {
	t, step     *testing.T // of the file and of the record
	spills      vfs.FS     // memory: making thousands of small files is most of the time on some file systems
	file        *slt.File
	folder, dir string
	way         sltWay
	clock       *clock.Clock
	lake        *engine.Lake
	got         map[int][]string
	scanned     map[int]int64 // by queries, in this way and those like it
	least       map[int]int64 // in the usual way; nil: this is it
	spilled     int64

	last      slt.Record // the last query, its rows and bytes
	lastRows  []string
	lastBytes int64
}

func (r *sltRun) runAll(t *testing.T) {
	if r.way.isUsual() {
		r.got, r.scanned = map[int][]string{}, map[int]int64{}
	} else {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(r.way.workers))
	}
	r.t, r.dir, r.spills = t, t.TempDir(), vfs.NewMemory()
	r.clock = clock.New(time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC))
	r.open()
	for _, record := range r.file.Records {
		t.Run(fmt.Sprint("line ", record.Line), func(t *testing.T) {
			r.step = t
			r.run(record)
		})
	}
	require.NoError(t, r.lake.Close())
}

func (r *sltRun) open() {
	lake, err := engine.Open(context.Background(), r.dir,
		engine.Options{Now: r.clock.Now, CacheBytes: r.way.cacheBytes, SpillFromBytes: r.way.spillFromBytes, SpillFiles: r.spills})
	require.NoError(r.t, err)
	r.t.Cleanup(func() { lake.Close() })
	r.lake = lake
}

func (r *sltRun) run(record slt.Record) {
	at := fmt.Sprintf("%s:%d", filepath.Base(r.file.Path), record.Line)
	ctx := context.Background()
	switch record.Kind {
	case slt.Now:
		now, err := time.Parse(time.RFC3339, record.Args[0])
		require.NoError(r.step, err, at)
		r.clock.Set(now)
	case slt.Store:
		options := engine.StoreOptions{Name: record.Args[0]}
		for i := 1; i+1 < len(record.Args); i += 2 {
			switch record.Args[i] {
			case "retention":
				options.RetentionDays = number(record.Args[i+1])
			case "eventjson":
				options.EventJSON = engine.EventJSONForm(record.Args[i+1])
			}
		}
		_, err := r.lake.Stores().Create(ctx, options)
		require.NoError(r.step, err, at)
	case slt.Retention:
		_, err := r.lake.Stores().Update(ctx, record.Args[0], engine.StoreUpdate{RetentionDays: number(record.Args[1])})
		require.NoError(r.step, err, at)
	case slt.Import:
		r.importPath(record, at)
	case slt.Restart:
		require.NoError(r.step, r.lake.Close(), at)
		r.open()
	case slt.Statement:
		r.statement(record, at)
	case slt.Query:
		r.query(record, at)
	case slt.Bytes:
		r.bytes(record, at)
	case slt.Repeat:
		rows, bytes := r.answer(r.last, at)
		require.Equal(r.step, r.lastRows, rows, at)
		require.Equal(r.step, r.lastBytes, bytes, "%s: bytes scanned", at)
	}
}

// number is 0 for what is none.
func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}

func (r *sltRun) importPath(record slt.Record, at string) {
	result, err := r.lake.Imports().Run(context.Background(), engine.ImportOptions{
		Store: record.Args[1], Paths: []string{filepath.Join(r.folder, record.Args[0])},
	})
	require.NoError(r.step, err, at)
	counts := map[string]int64{
		"events": result.Events, "files": result.Files, "known": result.FilesKnown, "other": result.FilesOther,
		"failures": result.FailedRecords + result.FilesFailed, "retention": result.SkippedRetention, "window": result.SkippedWindow,
		"keys": result.DuplicateKeys,
	}
	for _, want := range record.Args[2:] {
		name, _, _ := strings.Cut(want, "=")
		require.Contains(r.step, counts, name, at)
		require.Equal(r.step, want, fmt.Sprintf("%s=%d", name, counts[name]), at)
	}
}

func (r *sltRun) statement(record slt.Record, at string) {
	_, _, err := r.rows(record.SQL)
	if record.Args[0] == "ok" {
		require.NoError(r.step, err, at)
		return
	}
	var e *engine.Error
	require.True(r.step, errors.As(err, &e), "%s: got %v", at, err)
	require.Equal(r.step, record.Args[1], e.Name, "%s: %v", at, err)
	if len(record.Args) > 2 {
		require.Equal(r.step, record.Args[2], e.Pos.String(), "%s: %v", at, err)
	}
}

func (r *sltRun) query(record slt.Record, at string) {
	rows, bytes := r.answer(record, at)
	r.last, r.lastRows, r.lastBytes = record, rows, bytes
	if r.way.isUsual() {
		r.got[record.Line], r.scanned[record.Line] = rows, bytes
	} else {
		r.compare(record, at)
	}
	if !*complete {
		require.Equal(r.step, strings.Join(record.Want, "\n"), strings.Join(rows, "\n"), at)
	}
}

// compare requires of the last query the bytes scanned that it should have.
func (r *sltRun) compare(record slt.Record, at string) {
	require.GreaterOrEqual(r.step, r.lastBytes, r.least[record.Line], "%s: bytes scanned", at)
	if estimate, err := r.lake.Estimate(context.Background(), record.SQL); err == nil { // SHOW and its like have none
		require.LessOrEqual(r.step, r.lastBytes, estimate.HighBytes, "%s: bytes scanned", at)
	}
	if before, ok := r.scanned[record.Line]; ok {
		require.Equal(r.step, before, r.lastBytes, "%s: bytes scanned", at)
	}
	r.scanned[record.Line] = r.lastBytes
	if r.way.cacheBytes > 0 { // it keeps most from the second time on
		rows, bytes := r.answer(record, at)
		require.Equal(r.step, r.lastRows, rows, at)
		require.Equal(r.step, r.lastBytes, bytes, "%s: bytes scanned", at)
	}
}

func (r *sltRun) answer(record slt.Record, at string) ([]string, int64) {
	rows, bytes, err := r.rows(record.SQL)
	require.NoError(r.step, err, at)
	if len(record.Args) > 0 && record.Args[0] == "rowsort" {
		sort.Strings(rows)
	}
	return rows, bytes
}

func (r *sltRun) rows(sql string) ([]string, int64, error) {
	rows, err := r.lake.Query(context.Background(), sql)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		arrays := rows.Arrays()
		for i := range arrays[0].Len() {
			out = append(out, strings.ReplaceAll(strings.Join(cellsOf(rows.Columns(), arrays, i), " | "), "\n", `\n`))
		}
	}
	r.spilled += rows.Stats().SpilledBytes
	return out, rows.Stats().BytesScanned, rows.Err()
}

func cellsOf(columns []answer.Column, arrays []arrow.Array, row int) []string {
	cells := make([]string, len(arrays))
	for j, c := range columns {
		cells[j] = "NULL"
		if !answer.IsNull(arrays[j], row) {
			cells[j] = string(answer.AppendText(nil, c.Type, arrays[j], row))
		}
	}
	return cells
}

func (r *sltRun) bytes(record slt.Record, at string) {
	limit, err := strconv.ParseInt(record.Args[1], 10, 64)
	require.NoError(r.step, err, at)
	switch record.Args[0] {
	case "<=":
		require.LessOrEqual(r.step, r.lastBytes, limit, at)
	case ">=":
		require.GreaterOrEqual(r.step, r.lastBytes, limit, at)
	default:
		require.Equal(r.step, limit, r.lastBytes, at)
	}
}
