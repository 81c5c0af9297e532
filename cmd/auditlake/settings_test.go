package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSettings: flags win over the environment, which wins over the file.
func TestSettings(t *testing.T) {
	lake := sampleLake(t)
	folder := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", folder)
	path := filepath.Join(folder, "auditlake", "config.toml")
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	write := func(text string) { require.NoError(t, os.WriteFile(path, []byte(text), 0o600)) }
	const zone = "SELECT current_timezone() AS z"
	query := func(args ...string) outcome { return command(t, append([]string{"--lake", lake, "query"}, args...)...) }
	shell := func(script string) (out, errors string, code int) {
		var o, e bytes.Buffer
		code = run(context.Background(), []string{"--lake", lake, "shell"}, streams{in: strings.NewReader(script), out: &o, err: &e})
		return o.String(), e.String(), code
	}

	write("# mine\nstats = \"none\"\nformat = \"csv\"\ntime_zone = \"Asia/Tokyo\"\npager = \"off\"\n")
	require.Equal(t, outcome{out: "z\nAsia/Tokyo\n"}, query(zone))
	out, errors, code := shell(zone + ";")
	require.Equal(t, []any{"z\nAsia/Tokyo\n", "", exitDone}, []any{out, errors, code})
	out, _, _ = shell("SET TIME ZONE 'Europe/Berlin'; " + zone + ";")
	require.Equal(t, "z\nEurope/Berlin\n", out)

	got := query("--stats", "time", "--format", "json", "--session", "time_zone_id=UTC", zone)
	require.Equal(t, "[\n{\"z\":\"UTC\"}\n]\n", got.out)
	require.Contains(t, got.err, "1 row, ")
	file := filepath.Join(folder, "answer.ndjson")
	require.Equal(t, exitDone, query("-o", file, zone).code)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "{\"z\":\"Asia/Tokyo\"}\n", string(text), "the ending of -o is a flag, too")

	t.Setenv("AUDITLAKE_FORMAT", "ndjson")
	t.Setenv("AUDITLAKE_STATS", "time")
	t.Setenv("AUDITLAKE_TIME_ZONE", "America/New_York")
	got = query(zone)
	require.Equal(t, "{\"z\":\"America/New_York\"}\n", got.out)
	require.Contains(t, got.err, "1 row, ")
	got = query("--format", "csv", "--stats", "none", zone)
	require.Equal(t, outcome{out: "z\nAmerica/New_York\n"}, got)
	t.Setenv("AUDITLAKE_STATS", "much")
	got = query(zone)
	require.Equal(t, exitUsage, got.code)
	require.Contains(t, got.err, `AUDITLAKE_STATS: stats must be all, time, cost, none, not "much"`)
	for _, name := range []string{"AUDITLAKE_FORMAT", "AUDITLAKE_STATS", "AUDITLAKE_TIME_ZONE"} {
		t.Setenv(name, "")
	}

	for text, want := range map[string]string{
		"stats = \"none\"\n\ncolour = \"red\"\n": "line 3: unknown setting colour; the settings are format, pager, stats and time_zone",
		"stats = \"none\"\nformat = \"excel\"\n": `line 2: format is an unknown format "excel"; the formats are `,
		"format = \"parquet\"\n":                 "line 1: format must be a format for terminals, not parquet",
		"\nstats = 7\n":                          "line 2: ",
		"stats = \n":                             "line 1: ",
		"time_zone = \"Mars\"\n":                 "line 1: time_zone must be a time zone such as Europe/Berlin",
		"[query]\nstats = \"none\"\n":            "unknown setting query",
		strings.Repeat("#\n", maxSettingsBytes):  "config.toml has more than 65.5 kB",
	} {
		write(text)
		got := query(zone)
		require.Equal(t, exitUsage, got.code, text)
		require.Contains(t, got.err, path)
		require.Contains(t, got.err, want)
		require.Empty(t, got.out)
		_, errors, code := shell(zone + ";")
		require.Equal(t, exitUsage, code)
		require.Contains(t, errors, want)
	}
	require.NoError(t, os.Remove(path))
	require.Contains(t, query(zone).out, "---")
}
