package main

import (
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/process"
)

func logFile(t *testing.T, text string) string {
	path := filepath.Join(t.TempDir(), "log.json.gz")
	f, err := os.Create(path)
	require.NoError(t, err)
	w := gzip.NewWriter(f)
	_, err = w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	require.NoError(t, f.Close())
	return path
}

// TestMeasurement: two events of one shape on two days, one whose text no shape gives again, one that is no event.
func TestMeasurement(t *testing.T) {
	m := newMeasurement(2)
	escaped := strings.Repeat(`\u0047`, 100)
	event := func(day, name string) string {
		return `{"eventVersion":"1.08","eventTime":"2025-12-` + day + `T10:00:00Z","eventName":"` + name + `"}`
	}
	require.NoError(t, m.file(logFile(t, `{"Records":[`+event("01", "Get")+`,`+event("02", "Put")+`,`+event("02", escaped)+`,{"eventTime":"never"}]}`)))
	text := process.Printed(t, func() { m.flush(); m.report() })
	require.Contains(t, text, `kept: {"eventVersion":"1.08","eventTime":"2025-12-02T10:00:00Z","eventName":"`+escaped+`"}`)
	require.Contains(t, text, "3 events of 2 days,")
	require.Contains(t, text, "1 records failed\nrebuilt exactly: 2; text kept: 1 (")
	require.Contains(t, text, "shapes: 1 distinct, 1.0 in a day;")
	require.Regexp(t, `(?m)^2 \{`, text) // the one shape with its events
}

func TestMeasurementNamesItsFile(t *testing.T) {
	path := logFile(t, `{"Records":[{"eventTime":`)
	require.ErrorContains(t, newMeasurement(0).file(path), path)
	require.ErrorIs(t, newMeasurement(0).file(path+".no"), os.ErrNotExist)
}
