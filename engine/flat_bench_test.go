package engine_test

import (
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// BenchmarkFlat asks the questions whose cost does not grow with a store. AUDITLAKE_BENCH_LAKE names a lake with
// events in its store events; it is only read.
func BenchmarkFlat(b *testing.B) {
	folder := os.Getenv("AUDITLAKE_BENCH_LAKE")
	if folder == "" {
		b.Skip("AUDITLAKE_BENCH_LAKE names no lake")
	}
	lake, err := engine.Open(context.Background(), folder, engine.Options{ReadOnly: true})
	require.NoError(b, err)
	defer func() { require.NoError(b, lake.Close()) }()
	for _, q := range []struct{ name, sql string }{
		{"count", "SELECT count(*) FROM events"},
		{"count by day", "SELECT date_trunc('day', eventtime), count(*) FROM events GROUP BY 1 ORDER BY 1"},
		{"least and greatest time", "SELECT min(eventtime), max(eventtime) FROM events"},
		{"latest 100", "SELECT * FROM events ORDER BY eventtime DESC LIMIT 100"},
		{"oldest 100", "SELECT * FROM events ORDER BY eventtime LIMIT 100"},
		{"latest 20 refused", "SELECT eventtime, eventname FROM events WHERE errorcode = 'AccessDenied' ORDER BY eventtime DESC LIMIT 20"},
		{"one event id", "SELECT * FROM events WHERE eventid = '" + answerText(b, lake, "SELECT eventid FROM events ORDER BY eventtime OFFSET 1000 LIMIT 1") + "'"},
		{"an access key in one day", "SELECT * FROM events WHERE eventtime >= TIMESTAMP '2024-01-15 00:00:00' AND eventtime < TIMESTAMP '2024-01-16 00:00:00' AND useridentity.accesskeyid = '" +
			answerText(b, lake, "SELECT useridentity.accesskeyid FROM events WHERE eventtime >= TIMESTAMP '2024-01-15 00:00:00' AND useridentity.accesskeyid IS NOT NULL ORDER BY eventtime LIMIT 1") + "'"},
	} {
		b.Run(q.name, func(b *testing.B) {
			var stats engine.Stats
			for b.Loop() {
				_, stats = askAll(b, lake, q.sql)
			}
			b.ReportMetric(float64(stats.BytesScanned), "B-scanned")
			b.ReportMetric(float64(stats.BytesRead), "B-read")
		})
	}
}

// askAll reads an answer to its end, and returns the first value of its last row as text.
func askAll(b *testing.B, lake *engine.Lake, sql string) (string, engine.Stats) {
	rows, err := lake.Query(context.Background(), sql)
	require.NoError(b, err)
	defer func() { require.NoError(b, rows.Close()) }()
	text := ""
	for rows.Next() {
		record := rows.Record()
		text = record.Column(0).ValueStr(int(record.NumRows()) - 1)
	}
	require.NoError(b, rows.Err())
	return text, rows.Stats()
}

func answerText(b *testing.B, lake *engine.Lake, sql string) string {
	text, _ := askAll(b, lake, sql)
	return text
}
