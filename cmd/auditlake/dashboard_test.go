package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// TestDashboardFiles: a managed dashboard becomes a file, the file a dashboard, and changes of the file are shown and made.
func TestDashboardFiles(t *testing.T) {
	lake := sampleLake(t)
	ask := func(code int, args ...string) (string, string) {
		t.Helper()
		got := command(t, append([]string{"--lake", lake}, args...)...)
		require.Equal(t, code, got.code, "%s%s", got.out, got.err)
		return got.out, got.err
	}
	exported, _ := ask(0, "dashboard", "export", "AWSCloudTrail-Overview", "--store", "main")
	require.Contains(t, exported, `"Name": "Overview"`)
	require.NotContains(t, exported, "EventDataStoreId")
	file := filepath.Join(t.TempDir(), "overview.json")
	write := func(text string) { require.NoError(t, os.WriteFile(file, []byte(text), 0o600)) }
	write(exported)
	diff, _ := ask(exitFailed, "dashboard", "diff", file)
	require.Contains(t, diff, `+  "Name": "Overview",`)
	out, _ := ask(0, "dashboard", "apply", file)
	require.Contains(t, out, "created dashboard Overview with 6 widgets")
	diff, _ = ask(0, "dashboard", "diff", file)
	require.Empty(t, diff)
	out, _ = ask(0, "dashboard", "apply", file)
	require.Contains(t, out, "dashboard Overview already matches the file")
	again, _ := ask(0, "dashboard", "export", "Overview")
	require.Equal(t, exported, again)

	write(strings.Replace(exported, `"Title": "Top errors"`, `"Title": "Errors"`, 1))
	diff, _ = ask(exitFailed, "dashboard", "diff", file)
	require.Equal(t, []string{`-        "Title": "Top errors",`, `+        "Title": "Errors",`}, strings.Split(strings.TrimSpace(diff), "\n"))
	out, _ = ask(0, "dashboard", "apply", file)
	require.Contains(t, out, "updated dashboard Overview")

	for _, tt := range []struct {
		name, from, to, want string
		code                 int
	}{
		{"no dashboard", exported, "[]", file + ": The input is not a JSON object.", exitFailed},
		{"no JSON", exported, "Name: Overview", file + ": The input is not one JSON object: ", exitFailed},
		{"a member that is none", `"Name": "Overview"`, `"Name": "Overview", "Color": "red"`, "Color", exitFailed},
		{"a managed one", `"Name": "Overview"`, `"Name": "AWSCloudTrail-Overview"`, "managed", exitFailed},
		{"a wrong statement", "count(*)", "counted(*)", "FUNCTION_NOT_FOUND", exitUsage},
		{"a wrong view", `"View": "Table"`, `"View": "Heatmap"`, "Heatmap", exitFailed},
	} {
		write(strings.Replace(exported, tt.from, tt.to, 1))
		_, errOut := ask(tt.code, "dashboard", "apply", file)
		require.Contains(t, errOut, tt.want, tt.name)
	}
	_, errOut := ask(exitUsage, "dashboard", "export", "AWSCloudTrail-Overview")
	require.Contains(t, errOut, "--store")
	_, errOut = ask(exitFailed, "dashboard", "export", "none")
	require.Contains(t, errOut, "dashboard not found")
}

// TestDashboardRender: a dashboard that was refreshed is printed as a report, and one that was not is an error.
func TestDashboardRender(t *testing.T) {
	dir := sampleLake(t)
	const name = "AWSCloudTrail-Overview"
	got := command(t, "--lake", dir, "dashboard", "render", name)
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, "the dashboard has not been refreshed yet: "+name)
	require.Empty(t, got.out)

	lake, err := engine.Open(context.Background(), dir, engine.Options{})
	require.NoError(t, err)
	store, err := lake.Stores().Get(context.Background(), "main")
	require.NoError(t, err)
	given := map[string]string{engine.DashboardStartTime: "2000-01-01", engine.DashboardStoreID: store.ID}
	require.NoError(t, refreshOnce(context.Background(), lake, name, given, func(id string) (string, error) { return id, nil }))
	require.NoError(t, lake.Close())
	got = command(t, "--lake", dir, "dashboard", "render", name)
	require.Zero(t, got.code, got.err)
	require.True(t, strings.HasPrefix(got.out, "<!doctype html>"))
	require.Contains(t, got.out, "<title>Overview dashboard</title>")
	require.Contains(t, got.out, `"eventCount"`)
}

// TestDashboardListAndRefresh: a dashboard is found by its title, refreshed and rendered from the command line; an unknown one names the others.
func TestDashboardListAndRefresh(t *testing.T) {
	dir := sampleLake(t)
	ask := func(code int, args ...string) outcome {
		t.Helper()
		got := command(t, append([]string{"--lake", dir, "dashboard"}, args...)...)
		require.Equal(t, code, got.code, "%s%s", got.out, got.err)
		return got
	}
	require.Regexp(t, `(?m)^AWSCloudTrail-SecurityMonitoring +Security monitoring +\d+ +none +never`, ask(exitDone, "list").out)
	require.Contains(t, ask(exitFailed, "render", "Security monitoring").err, "to refresh it: auditlake dashboard refresh AWSCloudTrail-SecurityMonitoring\n")
	unknown := ask(exitFailed, "refresh", "Gardening").err
	require.Contains(t, unknown, "dashboard not found: Gardening; the dashboards are AWSCloudTrail-DataEventsOverview, ")

	got := ask(exitDone, "refresh", "security MONITORING", "--from", "40d")
	require.Contains(t, got.out, "refreshed AWSCloudTrail-SecurityMonitoring over store main: ")
	require.Regexp(t, `(?m)^AWSCloudTrail-SecurityMonitoring .* 20\d\d-\S+Z +done$`, ask(exitDone, "list").out)
	require.Contains(t, ask(exitDone, "render", "Security monitoring dashboard").out, "<!doctype html>")

	exported := ask(exitDone, "export", "overview", "--store", "main").out
	file := filepath.Join(t.TempDir(), "own.json")
	require.NoError(t, os.WriteFile(file, []byte(exported), 0o600))
	ask(exitDone, "apply", file)
	require.Contains(t, ask(exitDone, "refresh", "overview").out, "refreshed Overview: 6 widgets", "one's own comes before the managed one of its title")
	require.Contains(t, ask(exitUsage, "refresh", "overview", "--store", "main").err, "--store works with managed dashboards only")
	require.Contains(t, ask(exitUsage, "refresh", "insights events").err, "no store for Insight events; pass --store")
	require.Contains(t, ask(exitUsage, "refresh", "overview", "--from", "yesterday").err, "not a time")
	require.Contains(t, ask(exitFailed, "refresh", "AWSCloudTrail-Overview", "--store", "nothing").err, "nothing")
	require.NotZero(t, command(t, "--lake", dir, "--read-only", "dashboard", "refresh", "overview").code)
}
