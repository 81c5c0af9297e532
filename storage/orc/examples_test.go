package orc_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/arrowtest"
	"github.com/auditlake/auditlake/internal/material"
	"github.com/auditlake/auditlake/storage/orc"
)

// exampleFiles lists the ORC project's example files that match a pattern: those of testdata, and the
// others where all of them lie beside the module.
func exampleFiles(t *testing.T, pattern string) (paths []string) {
	var names []string
	folders := []string{filepath.Join("testdata", "examples")}
	if further := material.Further(t, "orc/examples"); further != "" {
		folders = append(folders, further)
	}
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, pattern))
		require.NoError(t, err)
		for _, path := range files {
			if name := filepath.Base(path); !slices.Contains(names, name) {
				names = append(names, name)
				paths = append(paths, path)
			}
		}
	}
	require.NotEmpty(t, paths)
	return paths
}

// unsupportedExamples are the files that must be refused by name.
var unsupportedExamples = map[string]string{
	"TestVectorOrcFile.testLzo.orc": "lzo compression",
	"encrypted.sample1.orc":         "column encryption",
}

// damagedExamples are the files whose parts contradict each other.
var damagedExamples = map[string]string{
	"TestOrcFile.testWithoutCompressionBlockSize.orc": "stripes have 100 rows, the footer says 0",
}

func TestExamples(t *testing.T) {
	if testing.Short() {
		t.Skip("too long under the race detector; the unit stage runs it")
	}
	for _, path := range exampleFiles(t, "*.orc") {
		name := filepath.Base(path)
		t.Run(name, func(t *testing.T) {
			file, err := os.ReadFile(path)
			require.NoError(t, err)
			if what, ok := unsupportedExamples[name]; ok {
				requireUnsupported(t, path, file, what)
				return
			}
			if reason, ok := damagedExamples[name]; ok {
				require.ErrorContains(t, readEverything(file), reason)
				return
			}
			rows, known := expectedRows(t, filepath.Join(filepath.Dir(path), "expected", strings.TrimSuffix(name, ".orc")+".jsn.gz"))
			requireFile(t, open(t, file), rows, known)
		})
	}
}

// requireFile reads all of a file and, if they are known, compares its rows.
func requireFile(t *testing.T, r *orc.Reader, rows []any, known bool) {
	if known {
		require.Equal(t, int64(len(rows)), r.NumRows())
	}
	for i := range r.NumStripes() {
		s, err := r.Stripe(i)
		require.NoError(t, err)
		for g := range s.Groups() {
			columns, err := s.Read(context.Background(), g, columnPaths(r.Schema()), nil, nil)
			require.NoError(t, err)
			if !known {
				continue
			}
			for c := range columns {
				columns[c] = arrowtest.Plain(t, columns[c])
			}
			for row := range s.Rows(g) {
				requireRow(t, r.Schema(), columns, row, rows[row])
			}
			rows = rows[s.Rows(g):]
		}
	}
}

func requireUnsupported(t *testing.T, path string, file []byte, what string) {
	_, err := orc.Open(strings.NewReader(string(file)), int64(len(file)), path)
	var unsupported *orc.UnsupportedError
	require.ErrorAs(t, err, &unsupported)
	require.Contains(t, err.Error(), what)
}

func expectedRows(t *testing.T, path string) (rows []any, known bool) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, false
	}
	require.NoError(t, err)
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	require.NoError(t, err)
	decoder := json.NewDecoder(bufio.NewReader(unzipped))
	decoder.UseNumber()
	for decoder.More() {
		var row any
		require.NoError(t, decoder.Decode(&row))
		rows = append(rows, row)
	}
	return rows, true
}

func requireRow(t *testing.T, schema *arrow.Schema, columns []arrow.Array, i int, row any) {
	fields, isObject := row.(map[string]any)
	if !isObject {
		requireValue(t, row, columns[0], i, "the value")
		return
	}
	for c, column := range columns {
		requireValue(t, fields[schema.Field(c).Name], column, i, schema.Field(c).Name)
	}
}

// requireValue compares a value with its JSON form.
func requireValue(t *testing.T, want any, arr arrow.Array, i int, what string) {
	if union, ok := arr.(*array.SparseUnion); ok {
		requireUnion(t, want, union, i, what)
		return
	}
	if want == nil {
		require.True(t, arr.IsNull(i), "%s, row %d", what, i)
		return
	}
	if arr.IsNull(i) {
		require.Fail(t, "NULL", "%s, row %d", what, i)
	}
	switch arr := arr.(type) {
	case *array.Struct:
		for f, field := range arr.DataType().(*arrow.StructType).Fields() {
			requireValue(t, want.(map[string]any)[field.Name], arr.Field(f), i, what+"."+field.Name)
		}
	case *array.Map:
		start, end := arr.ValueOffsets(i)
		require.Len(t, want, int(end-start), what)
		for j, entry := range want.([]any) {
			requireValue(t, entry.(map[string]any)["key"], arr.Keys(), int(start)+j, what+".key")
			requireValue(t, entry.(map[string]any)["value"], arr.Items(), int(start)+j, what+".value")
		}
	case *array.List:
		start, end := arr.ValueOffsets(i)
		require.Len(t, want, int(end-start), what)
		for j, element := range want.([]any) {
			requireValue(t, element, arr.ListValues(), int(start)+j, what+".element")
		}
	case *array.Binary:
		got := []any{}
		for _, b := range arr.Value(i) {
			got = append(got, json.Number(strconv.Itoa(int(b))))
		}
		require.Equal(t, want, got, what)
	default:
		requireScalar(t, want, arr, i, what)
	}
}

func requireUnion(t *testing.T, want any, arr *array.SparseUnion, i int, what string) {
	if want == nil {
		require.True(t, arr.Field(0).IsNull(i), "%s, row %d", what, i)
		return
	}
	tag := arr.ChildID(i)
	require.Equal(t, want.(map[string]any)["tag"], json.Number(strconv.Itoa(tag)), what)
	requireValue(t, want.(map[string]any)["value"], arr.Field(tag), i, what)
}

func requireScalar(t *testing.T, want any, arr arrow.Array, i int, what string) {
	switch arr := arr.(type) {
	case *array.Timestamp:
		at, err := time.Parse("2006-01-02 15:04:05.999999999", want.(string))
		require.NoError(t, err)
		require.Equal(t, at.UTC(), arr.Value(i).ToTime(arr.DataType().(*arrow.TimestampType).Unit), "%s, row %d", what, i)
	case *array.Float32:
		number, err := strconv.ParseFloat(want.(json.Number).String(), 32)
		require.NoError(t, err)
		require.Equal(t, fmt.Sprintf("%.7g", number), fmt.Sprintf("%.7g", arr.Value(i)), "%s, row %d", what, i)
	case *array.Float64:
		number, err := want.(json.Number).Float64()
		require.NoError(t, err)
		require.Equal(t, number, arr.Value(i), "%s, row %d", what, i)
	case *array.Decimal128:
		number, ok := new(big.Rat).SetString(want.(json.Number).String())
		require.True(t, ok)
		scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(arr.DataType().(*arrow.Decimal128Type).Scale)), nil)
		got := new(big.Rat).SetFrac(arr.Value(i).BigInt(), scale)
		require.Zero(t, number.Cmp(got), "%s, row %d: want %v, got %v", what, i, want, got)
	default:
		if want, got := fmt.Sprint(want), arr.ValueStr(i); want != got { // testify takes longer
			require.Equal(t, want, got, "%s, row %d", what, i)
		}
	}
}

func TestDamagedExamples(t *testing.T) {
	for _, path := range exampleFiles(t, filepath.Join("corrupt", "*.orc")) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			file, err := os.ReadFile(path)
			require.NoError(t, err)
			err = readEverything(file)
			var corrupt *orc.CorruptError
			require.ErrorAs(t, err, &corrupt)
			require.NotEmpty(t, corrupt.Reason)
		})
	}
}
