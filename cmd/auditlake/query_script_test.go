package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSeveralStatements: they run in their order, the first error ends the run, and its place is that of the whole text.
func TestSeveralStatements(t *testing.T) {
	lake := sampleLake(t)
	file := filepath.Join(t.TempDir(), "incident.sql")
	for _, test := range []struct {
		name, script string
		args         []string
		code         int
		out, err     string // err is contained
	}{
		{"two", "SELECT 1 AS a; SELECT 2 AS b;", nil, exitDone, "a\n1\n\nb\n2\n", "1 row, "},
		{"one with a semicolon and a comment", "SELECT 1 AS a; -- and that is all", nil, exitDone, "a\n1\n", "1 row, "},
		{"a text with a semicolon", "SELECT ';' AS a;\n\nSELECT 2 AS b", nil, exitDone, "a\n;\n\nb\n2\n", ""},
		{"lines of JSON", "SELECT 1 AS a; SELECT 2 AS b", []string{"--format", "ndjson"}, exitDone, "{\"a\":1}\n{\"b\":2}\n", ""},
		{"an error in the third line", "SELECT 1 AS a;\n\n  SELECT nope FROM main;\nSELECT 3 AS c;", nil, exitUsage, "a\n1\n",
			"COLUMN_NOT_FOUND at 3:10: Column 'nope' cannot be resolved\n    SELECT nope FROM main;\n           ^\n"},
		{"an error in the same line", "SELECT 'ü' AS a; SELECT nope FROM main", nil, exitUsage, "a\nü\n", "COLUMN_NOT_FOUND at 1:25: "},
		{"two places in a message", "SELECT 1 AS a;\nSELECT k IN (1 2) FROM main", nil, exitUsage, "a\n1\n", "from '2' at 2:16 on"},
		{"an error in the second line of a statement", "SELECT 1 AS a;\nSELECT 1,\n nope FROM main;", nil, exitUsage, "a\n1\n", "COLUMN_NOT_FOUND at 3:2: "},
		{"an error of a row", "SELECT 1 AS a;\nSELECT 1 / (n - 1) AS b FROM (VALUES 1) t (n);", nil, exitFailed, "a\n1\n", "the statement at line 2: DIVISION_BY_ZERO"},
		{"a quote that is never closed", "SELECT 1 AS a;\nSELECT 'x;\nSELECT 2;", nil, exitUsage, "a\n1\n", "at 2:8: "},
		{"a session", "SET TIME ZONE 'Asia/Tokyo'; PREPARE q FROM SELECT ? AS p; EXECUTE q USING 7; SELECT current_timezone() AS z;", nil, exitDone,
			"p\n7\n\nz\nAsia/Tokyo\n", "SET TIME ZONE\nPREPARE\n"},
		{"a price for each", "SELECT 1; SELECT 2", []string{"--dry-run"}, exitDone, strings.Repeat("would scan 0 B of 0 B stored, $0 (estimate of the managed service's price)\n", 2), ""},
		{"statistics of one", "SELECT 1; SELECT 2", []string{"--stats-file", "x"}, exitUsage, "", "--stats-file works with one statement, not with several"},
		{"Parquet of one", "SELECT 1; SELECT 2", []string{"--format", "parquet"}, exitUsage, "", "--format parquet works with one statement"},
	} {
		t.Run(test.name, func(t *testing.T) {
			args := append([]string{"--lake", lake, "query", "--format", "csv"}, test.args...)
			got := command(t, append(args, test.script)...)
			require.Equal(t, test.code, got.code, got.err)
			require.Equal(t, test.out, got.out)
			require.Contains(t, got.err, test.err)

			require.NoError(t, os.WriteFile(file, []byte(test.script), 0o600))
			got = command(t, append(args, "-f", file)...)
			require.Equal(t, test.code, got.code, got.err)
			require.Equal(t, test.out, got.out)
			require.Contains(t, got.err, test.err)
			if test.code != exitDone && !strings.Contains(got.err, "works with one statement") {
				require.Contains(t, got.err, "error: "+file+": ")
			}
		})
	}
	var out, errors bytes.Buffer
	long := strings.NewReader("SELECT 1;" + strings.Repeat(" ", maxStatementBytes))
	require.Equal(t, exitUsage, run(context.Background(), []string{"--lake", lake, "query", "-"}, streams{in: long, out: &out, err: &errors}))
	require.Contains(t, errors.String(), "standard input is larger than 2.10 MB; auditlake shell reads scripts of any length")
}

// TestFormatByEnding: the name of the output file says what is in it.
func TestFormatByEnding(t *testing.T) {
	lake := sampleLake(t)
	dir := t.TempDir()
	for _, test := range []struct {
		name  string
		args  []string
		begin string
	}{
		{"a.csv", nil, "a,b\n1,x\n"},
		{"a.CSV", nil, "a,b\n1,x\n"},
		{"a.json", nil, "[\n{\"a\":1,\"b\":\"x\"}"},
		{"a.ndjson", nil, `{"a":1,"b":"x"}`},
		{"a.jsonl", nil, `{"a":1,"b":"x"}`},
		{"a.md", nil, "| a | b |\n"},
		{"a.txt", nil, "a  b\n"},
		{"plain", nil, "a  b\n"},
		{"a.parquet", nil, "PAR1"},
		{"a.arrow", nil, "ARROW1"},
		{"a.arrows", nil, "\xff\xff\xff\xff"},
		{"a.report", []string{"--format", "csv"}, "a,b\n"},
		{"b.txt", []string{"--format", "csv"}, "a,b\n"},
		{"a.csv.gz", nil, "a,b\n1,x\n"},
		{"a.ndjson.gz", nil, `{"a":1,"b":"x"}`},
	} {
		path := filepath.Join(dir, test.name)
		got := command(t, append([]string{"--lake", lake, "query", "-o", path, "SELECT 1 AS a, 'x' AS b"}, test.args...)...)
		require.Equal(t, exitDone, got.code, got.err)
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		if strings.HasSuffix(test.name, ".gz") {
			unzipped, err := gzip.NewReader(bytes.NewReader(text))
			require.NoError(t, err)
			text, err = io.ReadAll(unzipped)
			require.NoError(t, err)
		}
		require.True(t, strings.HasPrefix(string(text), test.begin), "%s: %q", test.name, text)
	}
	for name, want := range map[string]string{
		"a.xlsx": "unknown file name extension .xlsx; use one of .arrow, .arrows, .csv, .json, .jsonl, .md, .ndjson, .parquet, .txt, or pass --format",
		"a.gz":   "unknown file name extension .gz", "a.parquet.gz": "parquet files are already compressed; remove .gz",
	} {
		path := filepath.Join(dir, "no", name)
		got := command(t, "--lake", lake, "query", "-o", path, "SELECT 1")
		require.Equal(t, exitUsage, got.code, got.err)
		require.Contains(t, got.err, want)
		got = command(t, "--lake", lake, "queries", "results", "x", "-o", path)
		require.Equal(t, exitUsage, got.code, got.err)
		require.Contains(t, got.err, want)
	}
	path := filepath.Join(dir, "two.csv")
	got := command(t, "--lake", lake, "query", "-o", path, "SELECT 1 AS a; SELECT 2 AS b")
	require.Equal(t, exitDone, got.code, got.err)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "a\n1\n\nb\n2\n", string(text))
	got = command(t, "--lake", lake, "query", "-o", path, "SELECT 1 AS a; SELECT nope")
	require.Equal(t, exitUsage, got.code, got.err)
	require.NoFileExists(t, path, "a file with a part of the answers")
}

// TestPriceOfNothing: a statement that reads no store has no price line.
func TestPriceOfNothing(t *testing.T) {
	lake := sampleLake(t)
	for sql, isPriced := range map[string]bool{"SELECT 1": false, "SHOW TABLES": false, "SELECT count(*) FROM main": true, "SELECT eventname FROM main LIMIT 1": true} {
		got := command(t, "--lake", lake, "query", sql)
		require.Equal(t, exitDone, got.code, got.err)
		require.Equal(t, isPriced, strings.Contains(got.err, "price"), "%s: %s", sql, got.err)
		require.Contains(t, got.err, "row")
	}
}
