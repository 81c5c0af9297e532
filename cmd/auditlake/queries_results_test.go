package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/enginetest/clock"
)

func TestQueriesResults(t *testing.T) {
	lake := sampleLake(t)
	const sql = "SELECT eventname, count(*) AS n FROM main GROUP BY 1 ORDER BY 2 DESC, 1"
	asked := command(t, "--lake", lake, "query", "--keep", "--format", "csv", sql)
	require.Equal(t, 0, asked.code, asked.err)
	id := regexp.MustCompile(`auditlake queries results ([0-9a-f-]{36})\n`).FindStringSubmatch(asked.err)
	require.NotNil(t, id, asked.err)

	kept := command(t, "--lake", lake, "queries", "results", id[1], "--format", "csv")
	require.Equal(t, 0, kept.code, kept.err)
	require.Equal(t, asked.out, kept.out)
	page := command(t, "--lake", lake, "queries", "results", id[1], "--format", "csv", "--offset", "1", "--limit", "2")
	want := command(t, "--lake", lake, "query", "--format", "csv", sql+" OFFSET 1 LIMIT 2")
	require.Equal(t, want.out, page.out)
	require.Contains(t, page.err, "2 rows of ")

	path := filepath.Join(t.TempDir(), "kept.csv")
	require.Equal(t, 0, command(t, "--lake", lake, "queries", "results", id[1], "--format", "csv", "-o", path).code)
	written, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, asked.out, string(written))

	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"no such query":   {[]string{"0a6f2a52-5b1c-4e55-9d7e-3f1f6c1d2b01"}, exitFailed, "query not found"},
		"negative offset": {[]string{id[1], "--offset", "-1"}, exitUsage, "--offset"},
		"unknown format":  {[]string{id[1], "--format", "xml"}, exitUsage, "unknown format"},
		"no id":           {nil, exitUsage, "missing ID; usage: auditlake queries results ID"},
	} {
		got := command(t, append([]string{"--lake", lake, "queries", "results"}, c.args...)...)
		require.Equal(t, c.code, got.code, name)
		require.Contains(t, got.err, c.want, name)
	}
}

// TestResultsOfTimedOutQueries: the rows that a query gave until it timed out are shown as what they are.
func TestResultsOfTimedOutQueries(t *testing.T) {
	dir := sampleLake(t)
	moving := clock.New(time.Now())
	lake, err := engine.Open(context.Background(), dir, engine.Options{Now: moving.Now, Elapsed: moving.Elapsed, AfterFunc: moving.AfterFunc})
	require.NoError(t, err)
	query, err := lake.Queries().Submit(context.Background(), "SELECT a.x FROM UNNEST(sequence(1, 10000)) AS a(x), UNNEST(sequence(1, 10000)) AS b(y)",
		engine.KeepResult(), engine.Timeout(time.Hour))
	require.NoError(t, err)
	rows, err := query.Rows()
	require.NoError(t, err)
	require.True(t, rows.Next())
	moving.Pass(time.Hour)
	require.Eventually(t, func() bool { return query.Info().State == engine.QueryTimedOut }, time.Minute, time.Millisecond)
	require.NoError(t, rows.Close())
	require.NoError(t, lake.Close())
	got := command(t, "--lake", dir, "queries", "results", query.ID(), "--format", "csv", "--limit", "2")
	require.Equal(t, 0, got.code, got.err)
	require.Equal(t, "x\n1\n1\n", got.out)
	require.Contains(t, got.err, "2 rows of ")
	require.Contains(t, got.err, "timed out")
}
