package orc_test

import (
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/orc"
)

// pythonWithPyarrow is the Python that AUDITLAKE_PYTHON names.
func pythonWithPyarrow(t *testing.T) string {
	python := os.Getenv("AUDITLAKE_PYTHON")
	if python == "" {
		t.Skip("AUDITLAKE_PYTHON does not name a Python with pyarrow")
	}
	return python
}

// pyarrow runs the script beside the tests' data.
func pyarrow(t *testing.T, python, command, folder string) {
	out, err := exec.Command(python, "testdata/check_pyarrow.py", command, folder).CombinedOutput()
	require.NoError(t, err, "%s", out)
}

func TestPyarrowReadsOurFiles(t *testing.T) {
	python := pythonWithPyarrow(t)
	folder := t.TempDir()
	want := map[string][]string{}
	n := 0
	for _, compression := range []orc.Compression{orc.Zstd, orc.Zlib, orc.Snappy, orc.None} {
		for _, nullShare := range []float64{0, 0.2, 1} {
			for _, rows := range []int{0, 1, 8193, 30000} {
				n++
				rec := randomRecord(rand.New(rand.NewPCG(uint64(n), 1)), everyType, rows, nullShare)
				file := write(t, orc.WriterOptions{Compression: compression, Level: orc.Level(n % 2), BlockBytes: 1 << 15, StripeBytes: 1 << 20,
					Bloom: func(string) bool { return true }}, rec)
				name := fmt.Sprintf("%v-%v-%d", compression, nullShare, rows)
				require.NoError(t, os.WriteFile(filepath.Join(folder, name+".orc"), file, 0o644))
				want[name] = rowTexts(rec.Columns())
			}
		}
	}
	for name, rec := range edgeRecords() {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name+".orc"), write(t, orc.WriterOptions{}, rec), 0o644))
		want[name] = rowTexts(rec.Columns())
	}
	pyarrow(t, python, "dump", folder)
	for name, rows := range want {
		requireRows(t, filepath.Join(folder, name+".txt"), rows)
	}
}

// edgeRecords are times around the epochs, long and far-off texts.
func edgeRecords() map[string]arrow.Record {
	records := map[string]arrow.Record{
		"long texts":    texts(strings.Repeat("x", 1<<20), nil, strings.Repeat("日", 1<<18), "", "\U0010ffff", "a\x00b"),
		"only NULL":     texts(nil, nil, nil),
		"one empty":     texts(""),
		"a million":     repeatedRecord(1_000_000),
		"a single NULL": texts(nil),
	}
	for _, unit := range []arrow.TimeUnit{arrow.Second, arrow.Millisecond, arrow.Microsecond, arrow.Nanosecond} {
		perSecond := arrow.Timestamp(time.Second / unit.Multiplier())
		var values []arrow.Timestamp
		for _, at := range []string{"1969-12-31T23:59:58Z", "1970-01-01T00:00:00Z", "2014-12-31T23:59:59Z", "2015-01-01T00:00:00Z",
			"2025-03-30T01:00:00Z", "2025-11-02T06:00:00Z", "2038-01-19T03:14:07Z", "1900-01-01T00:00:00Z", "2200-12-31T23:59:59Z"} {
			second, err := time.Parse(time.RFC3339, at)
			if err != nil {
				panic(err)
			}
			base := arrow.Timestamp(second.Unix()) * perSecond
			values = append(values, base, base+perSecond/2, base+perSecond/1000, base+perSecond-min(1, perSecond-1), base+1%perSecond)
		}
		records["times in "+unit.String()] = timestamps(unit, values...)
	}
	return records
}

// repeatedRecord has so many rows of few texts.
func repeatedRecord(rows int) arrow.Record {
	values := make([]any, rows)
	for i := range values {
		values[i] = []string{"GetObject", "PutObject", "日本語"}[i*i%7%3]
	}
	return texts(values...)
}

func TestWeReadPyarrowsFiles(t *testing.T) {
	python := pythonWithPyarrow(t)
	folder := t.TempDir()
	pyarrow(t, python, "write", folder)
	files, err := filepath.Glob(filepath.Join(folder, "*.orc"))
	require.NoError(t, err)
	require.Greater(t, len(files), 20)
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			file, err := os.ReadFile(path)
			require.NoError(t, err)
			r := open(t, file)
			columns := readAll(t, r, columnPaths(r.Schema()))
			if r.NumRows() == 0 {
				return
			}
			requireRows(t, strings.TrimSuffix(path, ".orc")+".txt", rowTexts(columns))
			requireBloom(t, r, orc.Column("unique"))
		})
	}
}

// requireBloom asks another writer's filters for each value of the column, and for values it lacks.
func requireBloom(t *testing.T, r *orc.Reader, path orc.Path) {
	passed, asked := 0, 0
	for i := range r.NumStripes() {
		s, err := r.Stripe(i)
		require.NoError(t, err)
		require.True(t, s.HasBloom(path))
		for g := range s.Groups() {
			values := readAllOf(t, s, g, path)
			for row := range values.Len() {
				may, err := s.MayContain(g, path, []string{values.ValueStr(row)}, nil)
				require.NoError(t, err)
				require.True(t, may || values.IsNull(row), "row %d", row)
				may, err = s.MayContain(g, path, []string{fmt.Sprintf("absent-%d", row)}, nil)
				require.NoError(t, err)
				if asked++; may {
					passed++
				}
			}
		}
	}
	require.LessOrEqual(t, passed, 1+asked/4, "the filters must tell most absent values")
}

func requireRows(t *testing.T, path string, rows []string) {
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	theirs := strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
	if len(content) == 0 {
		theirs = nil
	}
	require.Equal(t, len(theirs), len(rows), path)
	for i := range rows {
		require.Equal(t, theirs[i], rows[i], "%s, row %d", path, i)
	}
}

// rowTexts prints rows as the script does.
func rowTexts(columns []arrow.Array) []string {
	rows := make([]string, columns[0].Len())
	for i := range rows {
		cells := make([]string, len(columns))
		for c, column := range columns {
			cells[c] = cellText(column, i)
		}
		rows[i] = strings.Join(cells, ",")
	}
	return rows
}

func cellText(arr arrow.Array, i int) string {
	if arr.IsNull(i) {
		return "null"
	}
	switch arr := arr.(type) {
	case *array.Float32:
		return fmt.Sprintf("%016x", math.Float64bits(float64(arr.Value(i))))
	case *array.Float64:
		return fmt.Sprintf("%016x", math.Float64bits(arr.Value(i)))
	case *array.Decimal128:
		return arr.Value(i).ToString(0)
	case *array.String:
		return "'" + hex.EncodeToString([]byte(arr.Value(i)))
	case *array.Binary:
		return "x" + hex.EncodeToString(arr.Value(i))
	case *array.Date32:
		return fmt.Sprint(int32(arr.Value(i)))
	case *array.Timestamp:
		return fmt.Sprint(int64(arr.Value(i)) * int64(arr.DataType().(*arrow.TimestampType).Unit.Multiplier()))
	case *array.Map:
		return "{" + elementTexts(arr.List, i, func(j int) string {
			return cellText(arr.Keys(), j) + ":" + cellText(arr.Items(), j)
		}) + "}"
	case *array.List:
		return "[" + elementTexts(arr, i, func(j int) string { return cellText(arr.ListValues(), j) }) + "]"
	case *array.Struct:
		var fields []string
		for f := range arr.NumField() {
			fields = append(fields, cellText(arr.Field(f), i))
		}
		return "(" + strings.Join(fields, ",") + ")"
	}
	return arr.ValueStr(i)
}

func elementTexts(list *array.List, i int, text func(j int) string) string {
	var elements []string
	start, end := list.ValueOffsets(i)
	for j := int(start); j < int(end); j++ {
		elements = append(elements, text(j))
	}
	return strings.Join(elements, ",")
}
