package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOutputForScripts: whole values, and nothing before an error.
func TestOutputForScripts(t *testing.T) {
	lake := sampleLake(t)
	long := strings.Repeat("x", 300)
	for _, test := range []struct {
		name string
		args []string
		code int
		out  string
	}{
		{"a table in a pipe", []string{"SELECT rpad('', 300, 'x') AS a, 1 AS b UNION ALL SELECT 'y', 2 ORDER BY b"}, exitDone,
			"a" + strings.Repeat(" ", 301) + "b\n" + strings.Repeat("-", 300) + "  -\n" + long + "  1\n" + "y" + strings.Repeat(" ", 301) + "2\n"},
		{"a long last column in a pipe", []string{"SELECT 1 AS a, rpad('', 300, 'x') AS b"}, exitDone, "a  b\n-  " + strings.Repeat("-", 100) + "\n1  " + long + "\n"},
		{"fields of rows", []string{"--format", "csv", "SELECT CAST(ROW(1, 'x') AS row(a bigint, b varchar)) AS r"}, exitDone, "r\n\"{\"\"a\"\":1,\"\"b\"\":\"\"x\"\"}\"\n"},
		{"formulas", []string{"--format", "csv", "SELECT '=1+1' AS a, -1 AS b"}, exitDone, "a,b\n=1+1,-1\n"},
		{"no formulas", []string{"--format", "csv", "--csv-safe", "SELECT '=1+1' AS a, -1 AS b"}, exitDone, "a,b\n'=1+1,-1\n"},
		{"for a page", []string{"--format", "markdown", "SELECT 'a|b' AS a"}, exitDone, "| a |\n| --- |\n| a\\|b |\n"},
		{"another format than CSV made safe", []string{"--csv-safe", "SELECT 1"}, exitUsage, ""},
		{"an error in a table", []string{"SELECT 6 / (n - 3) FROM UNNEST(sequence(1, 3)) t (n)"}, exitFailed, ""},
		{"an error in CSV", []string{"--format", "csv", "SELECT 6 / (n - 3) FROM UNNEST(sequence(1, 3)) t (n)"}, exitFailed, ""},
		{"an error in JSON", []string{"--format", "json", "SELECT 6 / (n - 3) FROM UNNEST(sequence(1, 3)) t (n)"}, exitFailed, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := command(t, append([]string{"--lake", lake, "query"}, test.args...)...)
			require.Equal(t, test.code, got.code, got.err)
			require.Equal(t, test.out, got.out)
		})
	}
}

// TestCharts: an answer is drawn, and what cannot be drawn is a usage error.
func TestCharts(t *testing.T) {
	lake := filepath.Join(t.TempDir(), "lake")
	require.Equal(t, exitDone, command(t, "--lake", lake, "store", "create", "main").code)
	rows := "SELECT * FROM (VALUES ('a', 1), ('b', 4)) t (name, calls)"
	got := command(t, "--lake", lake, "query", "--chart", "bar", rows)
	require.Equal(t, exitDone, got.code, got.err)
	require.Equal(t, "a  "+strings.Repeat("█", 18)+"▌"+strings.Repeat(" ", 55)+"  1\nb  "+strings.Repeat("█", 74)+"  4\n", got.out)
	require.Contains(t, got.err, "2 rows")
	got = command(t, "--lake", lake, "query", "--chart", "line", rows)
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "4 │")
	for want, args := range map[string][]string{
		`unknown chart "pie"; use bar or line`:                   {"--chart", "pie", rows},
		"no chart: it needs a first column with labels or times": {"--chart", "bar", "SELECT 1"},
		"use either --chart or --format, not both":               {"--chart", "bar", "--format", "csv", rows},
	} {
		got := command(t, append([]string{"--lake", lake, "query"}, args...)...)
		require.Equal(t, exitUsage, got.code, got.err)
		require.Contains(t, got.err, want)
		require.Empty(t, got.out)
	}
}
