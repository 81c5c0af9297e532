package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
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
	require.Contains(t, out, "made dashboard Overview with 6 widgets")
	diff, _ = ask(0, "dashboard", "diff", file)
	require.Empty(t, diff)
	out, _ = ask(0, "dashboard", "apply", file)
	require.Contains(t, out, "dashboard Overview is as the file says")
	again, _ := ask(0, "dashboard", "export", "Overview")
	require.Equal(t, exported, again)

	write(strings.Replace(exported, `"Title": "Top errors"`, `"Title": "Errors"`, 1))
	diff, _ = ask(exitFailed, "dashboard", "diff", file)
	require.Equal(t, []string{`-        "Title": "Top errors",`, `+        "Title": "Errors",`}, strings.Split(strings.TrimSpace(diff), "\n"))
	out, _ = ask(0, "dashboard", "apply", file)
	require.Contains(t, out, "changed dashboard Overview")

	for _, tt := range []struct {
		name, from, to, want string
		code                 int
	}{
		{"no dashboard", exported, "[]", "not", exitFailed},
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
