package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/internal/process"
)

// TestAQueryThatSpills gives the rows that it gives in memory, says how much it has spilled, and leaves nothing; what a killed
// process has left goes when the lake is opened.
func TestAQueryThatSpills(t *testing.T) {
	dir := logsLakeFolder(t)
	options := engine.Options{Now: func() time.Time { return newYear }}
	lake, err := engine.Open(t.Context(), dir, options)
	require.NoError(t, err)
	const sql = "SELECT eventid, eventjson FROM main ORDER BY length(eventjson), eventid"
	want, stats, err := ask(t.Context(), lake, sql)
	require.NoError(t, err)
	require.Zero(t, stats.SpilledBytes)
	require.NoError(t, lake.Close())

	left := filepath.Join(dir, "spill", "7.spill")
	require.NoError(t, os.MkdirAll(filepath.Dir(left), 0o700))
	require.NoError(t, os.WriteFile(left, []byte("rows"), 0o600))
	options.MemoryLimitBytes = 4 << 20
	for _, readOnly := range []bool{false, true} {
		options.ReadOnly = readOnly
		temporary := t.TempDir()
		t.Setenv("TMPDIR", temporary)
		lake, err = engine.Open(t.Context(), dir, options)
		require.NoError(t, err)
		require.NoFileExists(t, left)
		got, stats, err := ask(t.Context(), lake, sql)
		require.NoError(t, err)
		require.Equal(t, want, got)
		require.Positive(t, stats.SpilledBytes)
		require.LessOrEqual(t, stats.PeakMemoryBytes, int64(4<<20))

		ctx, cancel := context.WithCancel(t.Context())
		rows, err := lake.Query(ctx, sql)
		require.NoError(t, err)
		require.True(t, rows.Next())
		folder := filepath.Join(dir, "spill")
		if readOnly {
			folder = temporary
		}
		entries, err := os.ReadDir(folder)
		require.NoError(t, err)
		require.NotEmpty(t, entries)
		cancel()
		require.NoError(t, rows.Close())
		require.NoError(t, lake.Close())
		require.NoDirExists(t, filepath.Join(dir, "spill"))
		entries, err = os.ReadDir(temporary)
		require.NoError(t, err)
		require.Empty(t, entries)
	}
}

// spillingSteps are statements about the test's log files that spill within 4 MiB, by the step of their plan that does.
var spillingSteps = []struct{ step, sql string }{
	{"Join", "SELECT a.eventid, b.eventjson FROM main a JOIN main b ON a.eventid = b.eventid"},
	{"Join", "SELECT a.eventid, b.eventjson FROM main a LEFT JOIN main b ON a.sharedeventid = b.eventid AND a.eventtime < b.eventtime"},
	{"Join", "SELECT eventid FROM main WHERE eventjson NOT IN (SELECT eventjson FROM main WHERE eventid < 'f')"},
	{"Except", "SELECT eventjson FROM main EXCEPT ALL SELECT eventjson FROM main WHERE readonly"},
	{"Intersect", "SELECT eventjson FROM main INTERSECT SELECT eventjson FROM main WHERE readonly"},
	{"Sort", "SELECT eventid, eventjson FROM main ORDER BY length(eventjson), eventid"},
	{"TopN", "SELECT eventid, eventjson FROM main ORDER BY eventjson FETCH FIRST 1900 ROWS WITH TIES"},
	{"TopN", "SELECT eventid, eventjson FROM main ORDER BY eventjson LIMIT 1900"},
	{"Aggregate", "SELECT eventjson, count(*) FROM main GROUP BY 1"},
	{"Aggregate", "SELECT DISTINCT eventjson, eventid FROM main"},
	{"Aggregate", "SELECT readonly, count(DISTINCT eventjson), max(eventid) FROM main GROUP BY 1"},
	{"Union", "SELECT eventjson FROM main UNION SELECT eventjson || ' ' FROM main"},
	{"Join", "SELECT a.eventid, b.eventjson FROM main a FULL JOIN main b ON a.eventid = b.eventid AND b.readonly"},
	{"Join", "SELECT eventid FROM main a WHERE EXISTS (SELECT 1 FROM main b WHERE b.eventjson = a.eventjson AND b.eventtime <= a.eventtime)"},
	{"PatternRecognition", "SELECT * FROM main MATCH_RECOGNIZE (PARTITION BY sourceipaddress ORDER BY eventtime, eventid " +
		"MEASURES first(a.eventjson) AS began, count(b.eventid) AS n PATTERN (a b+) DEFINE b AS b.eventname <> prev(b.eventname))"},
	{"PartitionTopN", "SELECT eventjson FROM (SELECT *, row_number() OVER (PARTITION BY eventname, sourceipaddress, useragent ORDER BY eventjson) AS place FROM main) WHERE place <= 3"},
	{"Window", "SELECT eventjson, row_number() OVER (PARTITION BY eventname ORDER BY eventid) FROM main"},
}

// TestExplainAnalyzeSaysWhatSpills: which step, how much, and what all steps spilled together.
func TestExplainAnalyzeSaysWhatSpills(t *testing.T) {
	lake, err := engine.Open(t.Context(), logsLakeFolder(t), engine.Options{Now: func() time.Time { return newYear }, MemoryLimitBytes: 4 << 20})
	require.NoError(t, err)
	defer lake.Close()
	for i, c := range spillingSteps {
		if process.UnderRace && i%3 > 0 || testing.Short() && i%9 > 0 {
			continue // TestSpillingChangesNoAnswer asks all
		}
		t.Run(c.step+" of "+c.sql, func(t *testing.T) {
			ran, nodes := analyzedJSON(t, lake, c.sql)
			spilled, all := map[string]int64{}, int64(0)
			for _, n := range nodes {
				spilled[n.Name] += n.Actual.SpilledBytes
				all += n.Actual.SpilledBytes
			}
			require.Positive(t, spilled[c.step], spilled)
			require.Equal(t, all, ran.Statistics.SpilledBytes)
			text := strings.Join(answerOf(t, lake, "EXPLAIN ANALYZE "+c.sql), "\n")
			require.Regexp(t, `(?m)^ *(- )?`+c.step+`.*\n.*spilled \d+ bytes`, text)
			require.Regexp(t, `(?m)^  · in all .*, \d+ spilled`, text)

			_, stats, err := ask(t.Context(), lake, c.sql)
			require.NoError(t, err)
			require.Positive(t, stats.SpilledBytes)
		})
	}
}

// TestSpillingChangesNoAnswer asks statements of operators that spill, with caches of several sizes and numbers of workers: with
// AUDITLAKE_BUDGETS every number with each size.
func TestSpillingChangesNoAnswer(t *testing.T) {
	want := map[string][]string{}
	lake := logsLake(t)
	for _, c := range spillingSteps {
		want[c.sql] = answerOf(t, lake, c.sql)
	}
	numbersOfWorkers := map[string][]int{"none": {2}, "tiny": {7}, "default": {1}}
	if _, all := os.LookupEnv("AUDITLAKE_BUDGETS"); all {
		numbersOfWorkers = map[string][]int{"none": {1, 2, 7}, "tiny": {1, 2, 7}, "default": {1, 2, 7}}
	} else if process.UnderRace {
		numbersOfWorkers = map[string][]int{"tiny": {7}}
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	cachedLakes(t, 4<<20, func(cache string, lake *engine.Lake) {
		for _, workers := range numbersOfWorkers[cache] {
			runtime.GOMAXPROCS(workers)
			for _, c := range spillingSteps {
				got, stats, err := ask(t.Context(), lake, c.sql)
				require.NoError(t, err, c.sql)
				require.Equal(t, want[c.sql], got, "cache %s, %d workers: %s", cache, workers, c.sql)
				require.Positive(t, stats.SpilledBytes, c.sql)
				require.LessOrEqual(t, stats.PeakMemoryBytes, int64(4<<20))
			}
		}
	})
}
