package engine_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/bench/gen"
	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/enginetest/clock"
	"github.com/auditlake/auditlake/internal/material"
	"github.com/auditlake/auditlake/planner/types"
)

// TestOneDayOfThirtyIsCheap: a predicate on time is what makes a question cheap.
func TestOneDayOfThirtyIsCheap(t *testing.T) {
	if testing.Short() {
		t.Skip("too long under the race detector; the unit stage runs it")
	}
	logs := t.TempDir()
	_, err := gen.Write(logs, gen.Options{Seed: 5, Events: 20_000, Days: 30, End: newYear})
	require.NoError(t, err)
	lake := openLake(t, t.TempDir(), newYear)
	_, err = lake.Imports().Run(context.Background(), engine.ImportOptions{Paths: []string{logs}})
	require.NoError(t, err)

	const whole = "SELECT count(DISTINCT eventname) FROM main"
	const day = whole + " WHERE eventtime >= '2025-12-10' AND eventtime < '2025-12-11'"
	all, allStats, err := ask(context.Background(), lake, whole)
	require.NoError(t, err)
	one, oneStats, err := ask(context.Background(), lake, day)
	require.NoError(t, err)
	require.NotEqual(t, all, one)
	require.Positive(t, oneStats.BytesScanned)
	require.LessOrEqual(t, oneStats.BytesScanned*20, allStats.BytesScanned)
	require.EqualValues(t, 29, oneStats.Pruned.Partitions)
	require.EqualValues(t, 30, oneStats.Pruned.PartitionsTotal)
	t.Logf("one day: %d bytes, thirty: %d, 1/%d", oneStats.BytesScanned, allStats.BytesScanned, allStats.BytesScanned/oneStats.BytesScanned)

	for range 3 {
		rows, stats, err := ask(context.Background(), lake, day)
		require.NoError(t, err)
		require.Equal(t, one, rows)
		require.Equal(t, oneStats.BytesScanned, stats.BytesScanned)
	}
}

// TestTimesThatStatisticsSettle: leaving eventtime unread never changes an answer.
func TestTimesThatStatisticsSettle(t *testing.T) {
	lake := logsLake(t)
	random := rand.New(rand.NewPCG(1, 2))
	moments := answerOf(t, lake, "SELECT eventtime FROM main WHERE eventid < '1'")
	moments = append(moments, "2025-12-10 00:00:00.000", "2025-12-11 00:00:00.000", "2025-12-10 23:59:59.999")
	operators := []string{"=", "<>", "<", "<=", ">", ">="}
	pick := func(from []string) string { return from[random.IntN(len(from))] }
	for range 60 {
		const sql = "SELECT count(eventname), min(eventid) FROM main WHERE "
		first, second := fmt.Sprintf("%s timestamp '%s'", pick(operators), pick(moments)), fmt.Sprintf("%s timestamp '%s'", pick(operators), pick(moments))
		want := answerOf(t, lake, sql+"eventtime + interval '0' second "+first+" AND eventtime + interval '0' second "+second)
		got := answerOf(t, lake, sql+"eventtime "+first+" AND eventtime "+second)
		require.Equal(t, want, got, "%s AND %s", first, second)
	}
}

// costQueries are of many shapes: what they scan must lie in the estimate.
var costQueries = []string{
	"SELECT 1",
	"SELECT count(*) FROM main",
	"SELECT min(eventtime), max(eventtime) FROM main",
	"SELECT * FROM main",
	"SELECT * FROM main LIMIT 1",
	"SELECT eventid FROM main ORDER BY eventtime DESC LIMIT 3",
	"SELECT eventid FROM main ORDER BY eventtime LIMIT 3",
	"SELECT count(DISTINCT eventname) FROM main",
	"SELECT count(*) FROM main WHERE eventtime >= '2025-12-30'",
	"SELECT eventname FROM main WHERE eventtime BETWEEN timestamp '2025-12-05 00:00:00' AND timestamp '2025-12-06 12:00:00'",
	"SELECT eventjson FROM main WHERE eventid = '0005fa02-8746-4a73-b9c8-74eb62b9b703'",
	"SELECT eventjson FROM main WHERE eventid = 'none'",
	"SELECT useridentity.arn, count(*) FROM main WHERE errorcode LIKE 'Acc%' GROUP BY 1",
	"SELECT requestparameters['bucketName'] FROM main WHERE eventname = 'GetObject' AND element_at(requestparameters, 'bucketName') IS NOT NULL",
	"SELECT count(*) FROM main WHERE eventname IN ('ConsoleLogin', 'StopLogging')",
	"SELECT eventsource FROM main WHERE errorcode IS NULL AND awsregion <> 'us-east-1' LIMIT 10",
	"SELECT a.eventid FROM main a JOIN main b ON a.eventid = b.eventid WHERE b.errorcode IS NOT NULL",
	"SELECT count(*) FROM main WHERE eventname IN (SELECT eventname FROM main WHERE errorcode IS NOT NULL)",
	"SELECT r.arn FROM main CROSS JOIN UNNEST(resources) AS r",
	"SELECT eventname FROM main UNION ALL SELECT eventsource FROM main",
	"SELECT eventname FROM main WHERE eventtime > now()",
	"SELECT eventname FROM main WHERE 1 = 0",
	"SELECT x FROM (SELECT eventname AS x, eventtime FROM main WHERE length(useragent) > 20) WHERE eventtime < '2025-12-20' ORDER BY x LIMIT 5",
	"SELECT eventname, row_number() OVER (PARTITION BY awsregion ORDER BY eventtime) FROM main WHERE readonly",
	"WITH e AS (SELECT date(eventtime) AS d FROM main) SELECT d, count(*) FROM e GROUP BY d HAVING count(*) > 50",
	"SELECT EXISTS (SELECT 1 FROM main WHERE eventname = 'GetObject')",
	"SELECT (SELECT max(eventtime) FROM main WHERE errorcode IS NOT NULL)",
}

// importedLogs is a lake with the generated events.
var importedLogs material.Made

func logsLake(t *testing.T) *engine.Lake { return openLake(t, logsLakeFolder(t), newYear) }

// logsLakeFolder is the folder of such a lake, which is closed.
func logsLakeFolder(t *testing.T) string {
	return importedLogs.Copy(t, func(dir string) {
		lake := openLake(t, dir, newYear)
		imported, err := lake.Imports().Run(context.Background(), engine.ImportOptions{Paths: []string{logsFolder(t)}})
		require.NoError(t, err)
		require.EqualValues(t, 2000, imported.Events)
		require.NoError(t, lake.Close())
	})
}

func TestEstimateContainsWhatIsScanned(t *testing.T) {
	lake := logsLake(t)
	for _, sql := range costQueries {
		t.Run(sql, func(t *testing.T) {
			estimate, err := lake.Estimate(context.Background(), sql)
			require.NoError(t, err)
			_, stats, err := ask(context.Background(), lake, sql)
			require.NoError(t, err)
			require.LessOrEqual(t, estimate.LowBytes, stats.BytesScanned)
			require.GreaterOrEqual(t, estimate.HighBytes, stats.BytesScanned)
			require.LessOrEqual(t, stats.EventsScanned, estimate.EventsScanned)
			require.Equal(t, estimate.BytesStored, stats.BytesStored)
			require.InDelta(t, lake.Prices().Query(stats.BytesScanned), stats.Price, 1e-12)

			_, again, err := ask(context.Background(), lake, sql)
			require.NoError(t, err)
			require.Equal(t, stats.BytesScanned, again.BytesScanned)
		})
	}
}

// TestAnswersLeftEarly: an answer closed early was never charged
// for more than the whole would be.
func TestAnswersLeftEarly(t *testing.T) {
	lake := logsLake(t)
	_, whole, err := ask(context.Background(), lake, "SELECT * FROM main")
	require.NoError(t, err)
	rows, err := lake.Query(context.Background(), "SELECT * FROM main")
	require.NoError(t, err)
	require.True(t, rows.Next())
	require.NoError(t, rows.Close())
	require.LessOrEqual(t, rows.Stats().BytesScanned, whole.BytesScanned)
	require.False(t, rows.Next())
	require.NoError(t, rows.Close())
}

func TestMaxBytes(t *testing.T) {
	lake := logsLake(t)
	ctx := context.Background()
	for _, sql := range costQueries {
		_, free, err := ask(ctx, lake, sql)
		require.NoError(t, err)
		if free.BytesScanned == 0 {
			continue
		}
		_, at, err := ask(ctx, lake, sql, engine.MaxBytes(free.BytesScanned))
		require.NoError(t, err, sql)
		require.Equal(t, free.BytesScanned, at.BytesScanned)

		_, _, err = ask(ctx, lake, sql, engine.MaxBytes(free.BytesScanned-1))
		require.Equal(t, types.ExceededScanLimit, types.ErrorName(err), sql)
	}
}

func TestMaxBytesRefusesBeforeReading(t *testing.T) {
	lake := logsLake(t)
	_, err := lake.Query(context.Background(), "SELECT * FROM main", engine.MaxBytes(1))
	require.Equal(t, types.ExceededScanLimit, types.ErrorName(err))
	require.ErrorContains(t, err, "nothing was read")

	// Nothing is certain of a query that may stop at its first row.
	_, stats, err := ask(context.Background(), lake, "SELECT eventid FROM main LIMIT 1")
	require.NoError(t, err)
	rows, err := lake.Query(context.Background(), "SELECT eventid FROM main LIMIT 1", engine.MaxBytes(stats.BytesScanned-1))
	require.NoError(t, err)
	defer rows.Close()
	require.False(t, rows.Next())
	require.Equal(t, types.ExceededScanLimit, types.ErrorName(rows.Err()))
	require.ErrorContains(t, rows.Err(), "limit")
}

// TestExplainContainsWhatEachScanScans: the interval it shows of a scan has what EXPLAIN ANALYZE shows of it.
func TestExplainContainsWhatEachScanScans(t *testing.T) {
	lake := logsLake(t)
	interval := regexp.MustCompile(`would scan ([\d.]+ k?M?B)(?: to ([\d.]+ k?M?B))? of`)
	actual := regexp.MustCompile(`scanned (\d+) bytes`)
	number := func(text string) float64 {
		digits, unit, _ := strings.Cut(text, " ")
		n, err := strconv.ParseFloat(digits, 64)
		require.NoError(t, err)
		return n * map[string]float64{"": 1, "B": 1, "kB": 1e3, "MB": 1e6}[unit]
	}
	const rounding = 0.005 // three digits are shown
	for _, sql := range costQueries {
		planned, err := lake.Explain(context.Background(), sql, false)
		require.NoError(t, err)
		analyzed, err := lake.Explain(context.Background(), sql, true)
		require.NoError(t, err)
		bounds, done := interval.FindAllStringSubmatch(planned, -1), actual.FindAllStringSubmatch(analyzed, -1)
		require.Len(t, done, len(bounds), "%s\n%s\n%s", sql, planned, analyzed)
		for i := range bounds {
			low, high := number(bounds[i][1]), number(cmp.Or(bounds[i][2], bounds[i][1]))
			require.LessOrEqual(t, low*(1-rounding), number(done[i][1]), "%s\n%s\n%s", sql, planned, analyzed)
			require.GreaterOrEqual(t, high*(1+rounding), number(done[i][1]), "%s\n%s\n%s", sql, planned, analyzed)
		}
	}
}

// TestExplainAnalyzeCostsWhatItRuns: it is limited and charged as the statement in it.
func TestExplainAnalyzeCostsWhatItRuns(t *testing.T) {
	ctx, lake := context.Background(), logsLake(t)
	sql := "SELECT count(DISTINCT eventname) FROM main"
	_, run, err := ask(ctx, lake, sql)
	require.NoError(t, err)
	_, analyzed, err := ask(ctx, lake, "EXPLAIN ANALYZE "+sql)
	require.NoError(t, err)
	require.Equal(t, run.BytesScanned, analyzed.BytesScanned)
	require.Equal(t, run.Price, analyzed.Price)
	require.EqualValues(t, 1, analyzed.Rows)
	usage, err := lake.Usage(ctx, "2026-01")
	require.NoError(t, err)
	require.Equal(t, 2*run.BytesScanned, usage.Totals[0].ScannedBytes)
	require.EqualValues(t, 2, usage.Totals[0].Queries)

	_, _, err = ask(ctx, lake, "EXPLAIN ANALYZE "+sql, engine.MaxBytes(run.BytesScanned-1))
	require.Equal(t, types.ExceededScanLimit, types.ErrorName(err))
	const endless = "SELECT count(*) FROM main a CROSS JOIN UNNEST(sequence(1, 10000)) AS b (n) CROSS JOIN UNNEST(sequence(1, 10000)) AS c (m) WHERE n < m"
	_, _, err = ask(ctx, lake, "EXPLAIN ANALYZE "+endless, engine.Timeout(time.Millisecond))
	require.Equal(t, types.ExceededTimeLimit, types.ErrorName(err))

	// EXPLAIN alone reads nothing.
	_, stats, err := ask(ctx, lake, "EXPLAIN "+sql, engine.MaxBytes(1))
	require.NoError(t, err)
	require.Zero(t, stats.BytesScanned)
	e, err := lake.Estimate(ctx, "EXPLAIN "+sql)
	require.NoError(t, err)
	require.Zero(t, e.HighBytes)
	e, err = lake.Estimate(ctx, "EXPLAIN ANALYZE "+sql)
	require.NoError(t, err)
	require.Positive(t, e.LowBytes)
}

// TestUsageTellsWhatIsStored: as large as the segments were at the end of each day.
func TestUsageTellsWhatIsStored(t *testing.T) {
	ctx := context.Background()
	c := clock.New(newYear)
	lake := openLakeAt(t, t.TempDir(), c)
	createStore(t, lake, "main", 60)
	_, err := lake.Imports().Run(ctx, engine.ImportOptions{Paths: []string{logsFolder(t)}})
	require.NoError(t, err)
	imported, err := lake.Stores().Describe(ctx, "main")
	require.NoError(t, err)
	require.Positive(t, imported.StoredBytes)
	c.Set(newYear.AddDate(0, 0, 57)) // some of the days age out
	_, err = lake.Expire(ctx)
	require.NoError(t, err)
	left, err := lake.Stores().Describe(ctx, "main")
	require.NoError(t, err)
	require.Less(t, left.StoredBytes, imported.StoredBytes)
	_, _, err = ask(ctx, lake, "SELECT count(*) FROM main")
	require.NoError(t, err)

	then, err := lake.Usage(ctx, newYear.Format("2006-01"))
	require.NoError(t, err)
	require.Equal(t, imported.StoredBytes, then.Days[0].StoredBytes)
	require.Equal(t, imported.StoredBytes, then.Totals[0].StoredBytes)
	now, err := lake.Usage(ctx, "")
	require.NoError(t, err)
	require.Equal(t, left.StoredBytes, now.Days[0].StoredBytes)
	require.Equal(t, left.StoredBytes, now.Totals[0].StoredBytes)
	before, err := lake.Usage(ctx, "2020-01")
	require.NoError(t, err)
	require.Zero(t, before.Totals[0].StoredBytes)
}

// TestUsageAddsUpWhatQueriesScanned: the month's usage is the sum of the answers' statistics.
func TestUsageAddsUpWhatQueriesScanned(t *testing.T) {
	lake := logsLake(t)
	var scanned int64
	for range 5 {
		sql := costQueries[1+rand.IntN(8)]
		_, stats, err := ask(context.Background(), lake, sql)
		require.NoError(t, err)
		scanned += stats.BytesScanned
	}
	usage, err := lake.Usage(context.Background(), "2026-01")
	require.NoError(t, err)
	require.Len(t, usage.Totals, 1)
	total := usage.Totals[0]
	require.Equal(t, scanned, total.ScannedBytes)
	require.EqualValues(t, 5, total.Queries)
	require.EqualValues(t, 2000, total.IngestedEvents)
	require.InDelta(t, lake.Prices().Query(scanned), total.QueryPrice, 1e-9)
	require.InDelta(t, lake.Prices().Ingestion(engine.ExtendableRetention, 0, total.IngestedBytes, 0), total.IngestionPrice, 1e-9)

	other, err := lake.Usage(context.Background(), "2025-12")
	require.NoError(t, err)
	require.Zero(t, other.Totals[0].Queries)
	_, err = lake.Usage(context.Background(), "January")
	require.ErrorIs(t, err, engine.ErrInvalidParameter)
}
