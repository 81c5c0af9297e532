package engine_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestQueriesReadTwiceAreRunOnce: a WITH query that is read twice scans as much
// as one that is read once.
func TestQueriesReadTwiceAreRunOnce(t *testing.T) {
	lake := logsLake(t)
	ctx := context.Background()
	for _, q := range []struct{ name, once, twice, text string }{
		{"grouping", "SELECT eventname, count(*) AS n FROM main GROUP BY eventname",
			"WITH c AS (SELECT eventname, count(*) AS n FROM main GROUP BY eventname) SELECT a.eventname, b.n FROM c a LEFT JOIN c b ON a.eventname = b.eventname", "in part"},
		{"filter", "SELECT eventid FROM main WHERE errorcode IS NOT NULL",
			"WITH e AS (SELECT eventid FROM main WHERE errorcode IS NOT NULL) SELECT eventid FROM e UNION ALL SELECT eventid FROM e", "as above"},
		{"the greatest", "SELECT eventname, max(eventtime) AS t FROM main GROUP BY 1",
			"WITH c AS (SELECT eventname, max(eventtime) AS t FROM main GROUP BY 1) SELECT eventname FROM c WHERE t = (SELECT max(t) FROM c)", "as above"},
		{"fewer columns", "SELECT eventname, count(*) AS n, max(eventtime) AS t FROM main GROUP BY 1",
			"WITH c AS (SELECT eventname, count(*) AS n, max(eventtime) AS t FROM main GROUP BY 1) SELECT eventname, t FROM c WHERE n > (SELECT avg(n) FROM c)", "in part"},
		{"some of the groups", "SELECT eventname, eventtime > TIMESTAMP '2000-01-01' AS late FROM main GROUP BY 1, 2",
			"WITH c AS (SELECT DISTINCT eventname, eventtime > TIMESTAMP '2000-01-01' AS late FROM main) SELECT count(*) FROM c UNION ALL SELECT count(*) FROM c WHERE late AND eventname NOT LIKE 'x%'",
			"Filter (late"},
	} {
		t.Run(q.name, func(t *testing.T) {
			_, once, err := ask(ctx, lake, q.once)
			require.NoError(t, err)
			estimate, err := lake.Estimate(ctx, q.twice)
			require.NoError(t, err)
			rows, twice, err := ask(ctx, lake, q.twice)
			require.NoError(t, err)
			require.NotEmpty(t, rows)
			require.Equal(t, once.BytesScanned, twice.BytesScanned)
			require.Equal(t, once.BytesStored, estimate.BytesStored)
			require.GreaterOrEqual(t, estimate.HighBytes, twice.BytesScanned)
			require.LessOrEqual(t, estimate.LowBytes, twice.BytesScanned)
			text, err := lake.Explain(ctx, q.twice, true)
			require.NoError(t, err)
			require.Contains(t, text, q.text)
		})
	}
}
