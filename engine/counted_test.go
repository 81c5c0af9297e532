package engine_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// countedQueries are of the kind that the manifest answers for whole segments, each with a question that has the
// same answer and reads the rows. Whole: of a lake without pushed events all segments are whole.
var countedQueries = []struct {
	name, counted, read string
	whole               bool
}{
	{"all rows", "count(*) FROM main", "sum(1) FROM main", true},
	{"all rows by a constant", "count(1) FROM main", "sum(1) FROM main", true},
	{"times", "count(eventtime), min(eventtime), max(eventtime) FROM main",
		"sum(1), min_by(eventtime, eventtime), max_by(eventtime, eventtime) FROM main", true},
	{"whole days", "count(*) FROM main WHERE eventtime >= '2025-12-05' AND eventtime < '2025-12-20'",
		"sum(1) FROM main WHERE eventtime >= '2025-12-05' AND eventtime < '2025-12-20'", true},
	{"parts of days", "count(*), min(eventtime) FROM main WHERE eventtime BETWEEN timestamp '2025-12-05 07:00:00' AND timestamp '2025-12-20 12:30:00'",
		"sum(1), min_by(eventtime, eventtime) FROM main WHERE eventtime BETWEEN timestamp '2025-12-05 07:00:00' AND timestamp '2025-12-20 12:30:00'", false},
	{"no row", "count(*), max(eventtime) FROM main WHERE eventtime > '2030-01-01'", "count(eventid), max_by(eventtime, eventtime) FROM main WHERE eventtime > '2030-01-01'", true},
	{"by day", "date_trunc('day', eventtime) AS d, count(*) FROM main GROUP BY 1 ORDER BY 1", "date_trunc('day', eventtime) AS d, sum(1) FROM main GROUP BY 1 ORDER BY 1", true},
	{"by date and month", "date(eventtime), date_trunc('month', eventtime), count(*), max(eventtime) FROM main GROUP BY 1, 2 ORDER BY 1",
		"date(eventtime), date_trunc('month', eventtime), sum(1), max_by(eventtime, eventtime) FROM main GROUP BY 1, 2 ORDER BY 1", true},
	{"by hour", "date_trunc('hour', eventtime), count(*) FROM main GROUP BY 1 ORDER BY 1", "date_trunc('hour', eventtime), sum(1) FROM main GROUP BY 1 ORDER BY 1", false},
	{"by day in a part of time", "date(eventtime), count(*), min(eventtime) FROM main WHERE eventtime > '2025-12-10 11:00:00' GROUP BY 1 ORDER BY 1",
		"date(eventtime), sum(1), min_by(eventtime, eventtime) FROM main WHERE eventtime > '2025-12-10 11:00:00' GROUP BY 1 ORDER BY 1", false},
	{"above a count", "count(*) + 1, date_diff('day', min(eventtime), max(eventtime)) FROM main HAVING count(*) > 0",
		"sum(1) + 1, date_diff('day', min_by(eventtime, eventtime), max_by(eventtime, eventtime)) FROM main HAVING sum(1) > 0", true},
	{"with a filter of another column", "count(*) FROM main WHERE errorcode IS NULL", "sum(1) FROM main WHERE errorcode IS NULL", false},
	{"of a column that may be NULL", "count(errorcode) FROM main", "sum(CASE WHEN errorcode IS NULL THEN 0 ELSE 1 END) FROM main", false},
	{"distinct", "count(DISTINCT eventtime) FROM main", "cardinality(array_distinct(array_agg(eventtime))) FROM main", false},
	{"filtered", "count(*) FILTER (WHERE eventtime > '2025-12-10') FROM main", "sum(1) FROM main WHERE eventtime > '2025-12-10'", false},
	{"by day of the week", "day_of_week(eventtime), count(*) FROM main GROUP BY 1 ORDER BY 1", "day_of_week(eventtime), sum(1) FROM main GROUP BY 1 ORDER BY 1", false},
}

// TestManifestCounts compares what the manifest counts with what rows say, before and after events are pushed.
func TestManifestCounts(t *testing.T) {
	ctx := context.Background()
	lake := logsLake(t)
	_, err := lake.Stores().Update(ctx, "main", engine.StoreUpdate{DedupeEventID: off()}) // as it takes pushes
	require.NoError(t, err)
	for _, pushed := range []int{0, 3} {
		for i := range pushed {
			_, err := lake.Push(ctx, "main", [][]byte{pushedEvent(i)})
			require.NoError(t, err)
		}
		for _, q := range countedQueries {
			t.Run(fmt.Sprintf("%s, %d pushed", q.name, pushed), func(t *testing.T) {
				want := answerOf(t, lake, "SELECT "+q.read)
				got, stats, err := ask(ctx, lake, "SELECT "+q.counted)
				require.NoError(t, err)
				require.Equal(t, want, got)
				if q.whole && pushed == 0 {
					require.Zero(t, stats.BytesScanned)
				}
				estimate, err := lake.Estimate(ctx, "SELECT "+q.counted)
				require.NoError(t, err)
				require.LessOrEqual(t, estimate.LowBytes, stats.BytesScanned)
				require.GreaterOrEqual(t, estimate.HighBytes, stats.BytesScanned)
				require.LessOrEqual(t, stats.EventsScanned, estimate.EventsScanned)
			})
		}
	}
}

// TestManifestCountsWithoutSegments takes the segments away: what the manifest proves needs none of them.
func TestManifestCountsWithoutSegments(t *testing.T) {
	lake := logsLake(t)
	want := map[string][]string{}
	for _, q := range countedQueries {
		want[q.name] = answerOf(t, lake, "SELECT "+q.counted)
	}
	require.NoError(t, lake.Close()) // it keeps files open
	require.NoError(t, filepath.WalkDir(filepath.Join(lake.Dir(), "stores"), func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".orc") {
			err = os.Remove(path)
		}
		return err
	}))
	lake = openLake(t, lake.Dir(), newYear)
	for _, q := range countedQueries {
		if q.whole {
			require.Equal(t, want[q.name], answerOf(t, lake, "SELECT "+q.counted), q.name)
			continue
		}
		_, _, err := ask(context.Background(), lake, "SELECT "+q.counted)
		require.Error(t, err, q.name)
	}
}
