package engine_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/enginetest/clock"
	"github.com/auditlake/auditlake/engine/enginetest/slt"
)

var complete = flag.Bool("complete", false, "write the answers of testdata/slt anew")

// TestSLT runs the behaviour tests of testdata/slt; package slt says how they
// are written.
func TestSLT(t *testing.T) {
	folder := filepath.Join(moduleFolder(t), "testdata")
	files, err := filepath.Glob(filepath.Join(folder, "slt/*.slt"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".slt"), func(t *testing.T) {
			if testing.Short() && filepath.Base(path) == "rebuilt.slt" {
				t.Skip("too long under the race detector; the unit stage runs it")
			}
			file, err := slt.Read(path)
			require.NoError(t, err)
			r := &sltRun{t: t, file: file, folder: folder, dir: t.TempDir(), got: map[int][]string{}}
			r.clock = clock.New(time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC))
			r.lake = openLakeAt(t, r.dir, r.clock)
			for _, record := range file.Records {
				t.Run(fmt.Sprint("line ", record.Line), func(t *testing.T) {
					r.step = t
					r.run(record)
				})
			}
			if *complete {
				require.NoError(t, file.Complete(r.got))
			}
		})
	}
}

// sltRun is one file being run.
type sltRun struct {
	t, step     *testing.T // of the file and of the record
	file        *slt.File
	folder, dir string
	clock       *clock.Clock
	lake        *engine.Lake
	got         map[int][]string

	last      slt.Record // the last query, its rows and bytes
	lastRows  []string
	lastBytes int64
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
		r.lake = openLakeAt(r.t, r.dir, r.clock)
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
	r.got[record.Line] = rows
	if !*complete {
		require.Equal(r.step, strings.Join(record.Want, "\n"), strings.Join(rows, "\n"), at)
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
	for cells := range textRows(rows) {
		out = append(out, strings.ReplaceAll(strings.Join(cells, " | "), "\n", `\n`))
	}
	return out, rows.Stats().BytesScanned, rows.Err()
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
