package engine_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/bench/gen"
	"github.com/auditlake/auditlake/engine"
)

// runtimeFilterQueries join a table with few rows of itself or of a list. The
// second of each pair hides the key from the scan.
var runtimeFilterQueries = []struct{ name, sql, hidden string }{
	{"inner join by id",
		"SELECT count(a.useragent), max(a.eventtime) FROM main a JOIN main b ON a.eventid = b.eventid WHERE b.errorcode IS NOT NULL AND b.eventtime >= '2025-12-30'",
		"SELECT count(a.useragent), max(a.eventtime) FROM main a JOIN main b ON concat(a.eventid, '') = b.eventid WHERE b.errorcode IS NOT NULL AND b.eventtime >= '2025-12-30'"},
	{"inner join by time",
		"SELECT count(a.useragent) FROM main a JOIN (SELECT min(eventtime) AS t FROM main WHERE errorcode IS NOT NULL) b ON a.eventtime = b.t",
		"SELECT count(a.useragent) FROM main a JOIN (SELECT min(eventtime) AS t FROM main WHERE errorcode IS NOT NULL) b ON date_add('hour', 0, a.eventtime) = b.t"},
	{"IN a query",
		"SELECT count(useragent), count(*) FROM main WHERE eventid IN (SELECT eventid FROM main WHERE eventtime >= '2025-12-31' AND errorcode IS NOT NULL)",
		"SELECT count(useragent), count(*) FROM main WHERE concat(eventid, '') IN (SELECT eventid FROM main WHERE eventtime >= '2025-12-31' AND errorcode IS NOT NULL)"},
	{"EXISTS",
		"SELECT count(useragent) FROM main a WHERE EXISTS (SELECT 1 FROM main b WHERE a.eventid = b.eventid AND b.eventtime >= '2025-12-31' AND b.errorcode IS NOT NULL)",
		"SELECT count(useragent) FROM main a WHERE EXISTS (SELECT 1 FROM main b WHERE concat(a.eventid, '') = b.eventid AND b.eventtime >= '2025-12-31' AND b.errorcode IS NOT NULL)"},
	{"EXISTS for a few rows",
		"SELECT count(*) FROM (VALUES 'a', 'none') AS v (id) WHERE EXISTS (SELECT 1 FROM main m WHERE m.eventid = v.id AND m.useragent <> 'x')",
		"SELECT count(*) FROM (VALUES 'a', 'none') AS v (id) WHERE EXISTS (SELECT 1 FROM main m WHERE concat(m.eventid, '') = v.id AND m.useragent <> 'x')"},
	{"IN for a few rows",
		"SELECT count(*) FROM (VALUES 'a', 'none') AS v (id) WHERE id IN (SELECT eventid FROM main WHERE useragent <> 'x')",
		"SELECT count(*) FROM (VALUES 'a', 'none') AS v (id) WHERE id IN (SELECT concat(eventid, '') FROM main WHERE useragent <> 'x')"},
	{"through a grouping and a union",
		"SELECT x.eventid, n FROM (SELECT eventid, count(useragent) AS n FROM (SELECT eventid, useragent FROM main UNION ALL SELECT eventid, eventsource FROM main) GROUP BY eventid) x JOIN (VALUES 'a', 'none') AS v (id) ON x.eventid = v.id",
		"SELECT x.eventid, n FROM (SELECT eventid, count(useragent) AS n FROM (SELECT eventid, useragent FROM main UNION ALL SELECT eventid, eventsource FROM main) GROUP BY eventid) x JOIN (VALUES 'a', 'none') AS v (id) ON concat(x.eventid, '') = v.id"},
	{"a row of a nested field",
		"SELECT count(a.eventname) FROM main a JOIN (VALUES 'nobody') AS v (arn) ON a.useridentity.arn = v.arn",
		"SELECT count(a.eventname) FROM main a JOIN (VALUES 'nobody') AS v (arn) ON concat(a.useridentity.arn, '') = v.arn"},
}

// TestRuntimeFilters: what a join's first side holds spares reading the other,
// and changes no answer; the bytes stay within the estimate and are the same
// every time.
func TestRuntimeFilters(t *testing.T) {
	if testing.Short() {
		t.Skip("many events")
	}
	logs := t.TempDir()
	_, err := gen.Write(logs, gen.Options{Seed: 5, Events: 20_000, Days: 30, End: newYear})
	require.NoError(t, err)
	lake := openLake(t, t.TempDir(), newYear)
	ctx := context.Background()
	_, err = lake.Imports().Run(ctx, engine.ImportOptions{Paths: []string{logs}})
	require.NoError(t, err)

	for _, q := range runtimeFilterQueries {
		t.Run(q.name, func(t *testing.T) {
			plan, err := lake.Explain(ctx, q.sql, false)
			require.NoError(t, err)
			require.Contains(t, plan, "dynamicFilter = ")
			hidden, err := lake.Explain(ctx, q.hidden, false)
			require.NoError(t, err)
			require.NotContains(t, hidden, "dynamicFilter")

			want, whole, err := ask(ctx, lake, q.hidden)
			require.NoError(t, err)
			estimate, err := lake.Estimate(ctx, q.sql)
			require.NoError(t, err)
			var scanned int64
			for i := range 3 {
				got, stats, err := ask(ctx, lake, q.sql)
				require.NoError(t, err)
				require.Equal(t, want, got)
				require.Less(t, stats.BytesScanned*10, whole.BytesScanned*9, "of %d", whole.BytesScanned)
				require.LessOrEqual(t, stats.BytesScanned, estimate.HighBytes)
				require.GreaterOrEqual(t, stats.BytesScanned, estimate.LowBytes)
				if i > 0 {
					require.Equal(t, scanned, stats.BytesScanned)
				}
				scanned = stats.BytesScanned
			}
			analyzed, err := lake.Explain(ctx, q.sql, true)
			require.NoError(t, err)
			require.Contains(t, strings.ReplaceAll(analyzed, "dynamicFilter = ", ""), "dynamicFilter ")
			t.Logf("%d bytes, %d without", scanned, whole.BytesScanned)
		})
	}
}
