package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/cmd/auditlake/sample"
)

func TestParseSince(t *testing.T) {
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"7d": now.AddDate(0, 0, -7), "12h": now.Add(-12 * time.Hour), "90m": now.Add(-90 * time.Minute),
		"20260131": time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC), "20260131T100000Z": time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC),
		"20260131T100000+0200": time.Date(2026, 1, 31, 8, 0, 0, 0, time.UTC), "2026-01-31T10:00:00+0200": time.Date(2026, 1, 31, 8, 0, 0, 0, time.UTC),
		"2026-01-31": time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC), "2026-01-31T10:00:00+02:00": time.Date(2026, 1, 31, 8, 0, 0, 0, time.UTC),
	} {
		got, err := parseSince(text, now)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "7", "-7d", "0d", "monday", "7days", "99999d"} {
		_, err := parseSince(text, now)
		var wrong usageError
		require.ErrorAs(t, err, &wrong, text)
		require.ErrorContains(t, err, "7d or 12h")
	}
}

// TestTimesOfFlags: every flag that takes a time of the past takes how long ago it is.
func TestTimesOfFlags(t *testing.T) {
	dir := t.TempDir()
	logs, lake := filepath.Join(dir, "logs"), filepath.Join(dir, "lake")
	require.NoError(t, sample.WriteTo(logs, time.Now().UTC().Add(-240*time.Hour)))
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"import", "--dry-run", "--from", "5d", logs}, "skipped: outside --from/--to"},
		{[]string{"import", "--to", "5d", logs}, "imported 3,000 events"},
		{[]string{"lookup", "--start", "5d", "--format", "json"}, `{"Events": []}`},
		{[]string{"lookup", "--end", "5d", "--limit", "1", "--format", "json"}, `"EventId"`},
		{[]string{"query", "SELECT 12345"}, "12345"},
		{[]string{"queries", "list", "--since", "1h"}, "SELECT 12345"},
		{[]string{"lookup", "--from", "5d", "--format", "json"}, `{"Events": []}`},
		{[]string{"lookup", "--from", "20d", "--to", "5d", "--limit", "1", "--format", "json"}, `"EventId"`},
		{[]string{"queries", "list", "--from", "1h"}, "SELECT 12345"},
		{[]string{"queries", "list", "--from", "2026-01-31T10:00:00Z", "--to", "2026-02-01"}, "statement\n"},
		{[]string{"usage", "--from", "1d"}, "main"},
		{[]string{"usage", "--from", "2d", "--to", "1d"}, "stored\n"},
	} {
		got := command(t, append([]string{"--lake", lake}, c.args...)...)
		require.Equal(t, exitDone, got.code, "%v: %s", c.args, got.err)
		require.Contains(t, got.out, c.want, "%v", c.args)
	}
	for want, args := range map[string][]string{
		"--from must be before --to":                                     {"lookup", "--from", "2026-01-31", "--to", "2026-01-31"},
		"use either --to or --end, not both":                             {"lookup", "--to", "1d", "--end", "1d"},
		"is not a time; use 2026-01-31, 2026-01-31T10:00:00Z, 7d or 12h": {"queries", "list", "--to", "monday"},
		"use either --month, or --from and --to":                         {"usage", "--month", "2026-01", "--from", "1d"},
		"can span at most 120 months":                                    {"usage", "--from", "2000-01-01"},
	} {
		got := command(t, append([]string{"--lake", lake}, args...)...)
		require.Equal(t, exitUsage, got.code, got.err)
		require.Contains(t, got.err, want)
	}
	help := command(t, "lookup", "--help").out + command(t, "queries", "list", "--help").out
	require.Equal(t, 2, strings.Count(help, "--from "))
	for _, old := range []string{"--start", "--end", "--since"} {
		require.NotContains(t, help, old+" ")
	}
}
