package engine_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/internal/material"
	"github.com/auditlake/auditlake/storage"
)

// TestPyarrowReadsSegments: a foreign reader sees in every segment what SQL answers.
func TestPyarrowReadsSegments(t *testing.T) {
	python := os.Getenv("AUDITLAKE_PYTHON")
	if python == "" {
		t.Skip("AUDITLAKE_PYTHON does not name a Python with pyarrow")
	}
	t.Run("generated events", func(t *testing.T) {
		checkSegments(t, python, newYear, 2000, logsFolder(t))
	})
	t.Run("published events", func(t *testing.T) {
		checkSegments(t, python, time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), 13_500, material.Outside(t, "events"))
	})
}

// segmentFile and dayAnswer are what testdata/check_segments.py reads.
type segmentFile struct {
	Path string `json:"path"`
	Day  string `json:"day"`
	Rows int64  `json:"rows"`
}

type dayAnswer struct {
	Day    string `json:"day"`
	Answer string `json:"answer"`
}

func checkSegments(t *testing.T, python string, now time.Time, leastEvents int64, path string) {
	ctx := context.Background()
	dir, answers := t.TempDir(), t.TempDir()
	lake := openLake(t, dir, now)
	imported, err := lake.Imports().Run(ctx, engine.ImportOptions{Paths: []string{path}})
	require.NoError(t, err)
	require.GreaterOrEqual(t, imported.Events, leastEvents)

	days := writeDays(t, lake, answers)
	require.NoError(t, lake.Close())
	segments := manifest(t, dir, imported.Store.ID)

	list := filepath.Join(answers, "list.json")
	text, err := json.Marshal(map[string]any{"segments": segments, "days": days})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(list, text, 0o644))
	out, err := exec.Command(python, "testdata/check_segments.py", list).CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Equal(t, fmt.Sprintf("%d segments, %d rows\n", len(segments), imported.Events), string(out))
}

// writeDays writes all rows of the only store, a file for each day.
func writeDays(t *testing.T, lake *engine.Lake, folder string) []dayAnswer {
	var days []dayAnswer
	for _, day := range answerOf(t, lake, "SELECT DISTINCT date(eventtime) FROM main") {
		path := filepath.Join(folder, day+".ndjson")
		rows, err := lake.Query(context.Background(), fmt.Sprintf(
			"SELECT * FROM main WHERE eventtime >= timestamp '%s 00:00:00' AND eventtime < timestamp '%s 00:00:00' + interval '1' day", day, day))
		require.NoError(t, err)
		writePlain(t, path, rows)
		days = append(days, dayAnswer{day, path})
	}
	return days
}

func writePlain(t *testing.T, path string, rows *engine.Rows) {
	defer rows.Close()
	file, err := os.Create(path)
	require.NoError(t, err)
	defer file.Close()
	out := bufio.NewWriter(file)
	lines := json.NewEncoder(out)
	for rows.Next() {
		record := rows.Record()
		for i := range int(record.NumRows()) {
			row := map[string]any{}
			for j, field := range record.Schema().Fields() {
				row[field.Name] = plainValue(t, record.Column(j), i)
			}
			require.NoError(t, lines.Encode(row))
		}
	}
	require.NoError(t, rows.Err())
	require.NoError(t, out.Flush())
}

// plainValue is a value in the form that testdata/check_segments.py describes.
func plainValue(t *testing.T, arr arrow.Array, row int) any {
	if answer.IsNull(arr, row) {
		return nil
	}
	switch arr := arr.(type) {
	case *array.String:
		return arr.Value(row)
	case *array.Boolean:
		return arr.Value(row)
	case *array.Timestamp:
		require.Equal(t, arrow.Millisecond, arr.DataType().(*arrow.TimestampType).Unit)
		return int64(arr.Value(row))
	case *array.Map:
		pairs := [][]any{}
		from, to := arr.ValueOffsets(row)
		for i := int(from); i < int(to); i++ {
			pairs = append(pairs, []any{plainValue(t, arr.Keys(), i), plainValue(t, arr.Items(), i)})
		}
		return pairs
	case *array.List:
		elements := []any{}
		from, to := arr.ValueOffsets(row)
		for i := int(from); i < int(to); i++ {
			elements = append(elements, plainValue(t, arr.ListValues(), i))
		}
		return elements
	case *array.Struct:
		fields := []any{}
		for f := range arr.NumField() {
			fields = append(fields, plainValue(t, arr.Field(f), row))
		}
		return fields
	}
	require.Fail(t, "no plain form", "%s", arr.DataType())
	return nil
}

// manifest lists the segments of a lake that is closed.
func manifest(t *testing.T, dir, storeID string) []segmentFile {
	data, err := storage.Open(context.Background(), dir, storage.Options{})
	require.NoError(t, err)
	defer data.Close()
	snapshot, err := data.Snapshot(context.Background())
	require.NoError(t, err)
	defer snapshot.Close()
	segments, err := snapshot.Segments(storeID)
	require.NoError(t, err)
	var out []segmentFile
	for _, s := range segments {
		out = append(out, segmentFile{data.SegmentPath(s), s.Day.String(), s.Rows})
	}
	return out
}
