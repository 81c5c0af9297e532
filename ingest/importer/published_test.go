package importer

import (
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/ingest/logfile"
	"github.com/auditlake/auditlake/internal/material"
	"github.com/auditlake/auditlake/storage/catalog"
)

func moduleRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	require.NoError(t, err)
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		require.NotEqual(t, dir, filepath.Dir(dir), "no go.mod above the test")
		dir = filepath.Dir(dir)
	}
}

// rawRecords are a file's records, read by other means than the importer's.
func rawRecords(t *testing.T, path string) []json.RawMessage {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	plain, err := io.ReadAll(z)
	require.NoError(t, err)
	if strings.HasSuffix(path, ".ndjson.gz") {
		var records []json.RawMessage
		for line := range bytes.Lines(plain) {
			records = append(records, line)
		}
		return records
	}
	var log struct{ Records []json.RawMessage }
	require.NoError(t, json.Unmarshal(plain, &log))
	return log.Records
}

// TestPublishedEvents imports real events: every record is accounted for, none
// twice, and a longer retention brings exactly those that a shorter one left out.
func TestPublishedEvents(t *testing.T) {
	t.Parallel()
	folder := material.Outside(t, "events")
	source, err := NewFiles(folder)
	require.NoError(t, err)
	at := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	l := newLake(t, 1900)
	first, files := l.run(t, source, Options{Now: at})
	logs := int64(0)
	for _, f := range files {
		if f.Kind != logfile.LogFile {
			require.Equal(t, ".md", filepath.Ext(f.Object.Key))
			continue
		}
		logs++
		require.False(t, f.Broken, f.Object.Key)
		require.EqualValues(t, len(rawRecords(t, f.Object.Key)), f.Records, f.Object.Key)
	}
	require.EqualValues(t, 433, logs)
	require.Equal(t, map[string]int64{"BAD_EVENT_TIME": 1}, first.Reasons)
	require.Positive(t, first.Import.Counts.SkippedRetention)
	require.Positive(t, first.Import.Counts.Events)

	again, _ := l.run(t, source, Options{Now: at})
	require.Zero(t, again.Import.Counts.Events)
	require.Equal(t, first.Import.Counts.SkippedRetention, again.Import.Counts.SkippedRetention)

	left := first.Import.Counts.SkippedRetention
	for _, days := range []int{3653, first.RetentionDaysNeeded} {
		l.retain(t, days)
		more, _ := l.run(t, source, Options{Now: at})
		require.Positive(t, more.Import.Counts.Events)
		require.Equal(t, left, more.Import.Counts.Events+more.Import.Counts.SkippedRetention)
		left = more.Import.Counts.SkippedRetention
	}
	require.Zero(t, left)

	var plain []string
	require.NoError(t, filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".ndjson.gz") {
			plain = append(plain, path)
		}
		return err
	}))
	lines, err := NewFiles(plain...)
	require.NoError(t, err)
	other := newLake(t, 20000)
	r, _ := other.run(t, lines, Options{Now: at})
	require.EqualValues(t, 16651, r.Import.Counts.Records)
	require.EqualValues(t, 16650, r.Import.Counts.Events)
}

// TestSampleLogs compares every event of the repository's log files, byte for byte.
func TestSampleLogs(t *testing.T) {
	folder := filepath.Join(moduleRoot(t), "testdata", "logs")
	var want []string
	require.NoError(t, filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		for _, r := range rawRecords(t, path) {
			want = append(want, string(r))
		}
		return nil
	}))
	require.NotEmpty(t, want)
	source, err := NewFiles(folder)
	require.NoError(t, err)
	l := newLake(t, 3653)
	r, _ := l.run(t, source, Options{Now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
	require.Equal(t, catalog.ImportCompleted, r.Import.Status)
	require.Equal(t, sorted(want...), l.texts(t))
}
