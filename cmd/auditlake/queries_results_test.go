package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
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
		"no id":           {nil, exitUsage, "arg"},
	} {
		got := command(t, append([]string{"--lake", lake, "queries", "results"}, c.args...)...)
		require.Equal(t, c.code, got.code, name)
		require.Contains(t, got.err, c.want, name)
	}
}
