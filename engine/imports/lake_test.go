package imports_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/enginetest/clock"
)

var newYear = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func off() *bool { return new(bool) }

func openLake(t *testing.T, dir string, now time.Time) *engine.Lake {
	t.Helper()
	lake, err := engine.Open(context.Background(), dir, engine.Options{Now: clock.New(now).Now})
	require.NoError(t, err)
	t.Cleanup(func() { lake.Close() })
	return lake
}

func createStore(t *testing.T, lake *engine.Lake, name string, retentionDays int) {
	t.Helper()
	_, err := lake.Stores().Create(context.Background(), engine.StoreOptions{Name: name, RetentionDays: retentionDays})
	require.NoError(t, err)
}

// generatedLogs holds 2,000 generated events of December 2025.
const generatedLogs = "../../testdata/logs"

// writeEvents writes a log file with an event at each of some times; their ids are e0, e1, …
func writeEvents(t *testing.T, path string, times ...string) {
	t.Helper()
	var records []string
	for i, at := range times {
		records = append(records, fmt.Sprintf(`{"eventTime":%q,"eventID":"e%d"}`, at, i))
	}
	require.NoError(t, os.WriteFile(path, []byte(`{"Records":[`+strings.Join(records, ",")+`]}`), 0o600))
}

// answerOf is the rows of a question, their columns divided by "|".
func answerOf(t *testing.T, lake *engine.Lake, sql string) (lines []string) {
	t.Helper()
	rows, err := lake.Query(context.Background(), sql)
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		for row := range rows.Arrays()[0].Len() {
			var line []byte
			for column, c := range rows.Columns() {
				if column > 0 {
					line = append(line, '|')
				}
				line = answer.AppendText(line, c.Type, rows.Arrays()[column], row)
			}
			lines = append(lines, string(line))
		}
	}
	require.NoError(t, rows.Err())
	return lines
}

func requireStored(t *testing.T, lake *engine.Lake, events int64) {
	t.Helper()
	description, err := lake.Stores().Describe(context.Background(), "main")
	require.NoError(t, err)
	require.Equal(t, events, description.Events)
	requireStoredIn(t, lake, events)
	require.Equal(t, []string{fmt.Sprint(events)}, answerOf(t, lake, "SELECT count(eventjson) FROM main"))
}

func requireStoredIn(t *testing.T, lake *engine.Lake, events int64) {
	t.Helper()
	require.Equal(t, []string{fmt.Sprint(events)}, answerOf(t, lake, "SELECT count(*) FROM main"))
}
