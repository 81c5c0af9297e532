package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestShorterRetention: it says how many events go, and does nothing unless they may.
func TestShorterRetention(t *testing.T) {
	lake, folder := filepath.Join(t.TempDir(), "lake"), t.TempDir()
	text := ""
	for i, days := range []int{1, 20, 40} {
		text += fmt.Sprintf(`{"eventTime":%q,"eventID":"%d"}`, time.Now().UTC().AddDate(0, 0, -days).Format(time.RFC3339), i) + "\n"
	}
	writeFiles(t, folder, map[string]string{"a.ndjson": text})
	require.Equal(t, exitDone, command(t, "--lake", lake, "import", folder).code)
	update := func(args ...string) outcome {
		return command(t, append([]string{"--lake", lake, "store", "update", "main"}, args...)...)
	}
	count := func() string {
		return command(t, "--lake", lake, "query", "--format", "csv", "SELECT count(*) FROM main").out
	}
	got := update("--retention", "30d")
	require.Equal(t, exitUsage, got.code, got.out)
	require.Contains(t, got.err, "error: 1 event of main is older than 30 days and would be deleted; pass --yes to confirm\n")
	require.Contains(t, update("--retention", "10d").err, "2 events of main are older than 10 days and would be deleted")
	for _, args := range [][]string{{"--retention", "5d"}, {"--retention", "5d", "--yes"}} {
		got = update(args...)
		require.Equal(t, exitUsage, got.code, got.out)
		require.Equal(t, "error: invalid parameter: retention must be 7 to 36500 days\n", got.err, "events do not go for a retention that there is not")
	}
	require.Equal(t, "_col0\n3\n", count())
	require.Contains(t, command(t, "--lake", lake, "store", "show").out, "3653 days")

	got = update("--retention", "10d", "--yes")
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.err, "2 events of main are older than 10 days; hidden now, removed by the next expiry\n")
	require.Contains(t, got.out, "10 days")
	require.Equal(t, "_col0\n1\n", count())
	require.Equal(t, exitDone, update("--retention", "9d").code, "no event goes")
	require.Equal(t, exitDone, update("--retention", "90d").code, "none by a longer one")
	require.Equal(t, exitUsage, update("--yes").code, "nothing to change")
}

// TestRetentionBeyondTheService: a lake's owner keeps events longer than the managed service does, also for ever.
func TestRetentionBeyondTheService(t *testing.T) {
	lake, folder := filepath.Join(t.TempDir(), "lake"), t.TempDir()
	writeFiles(t, folder, map[string]string{"a.ndjson": `{"eventTime":"2014-03-06T21:22:54Z","eventSource":"ec2.amazonaws.com","eventName":"StopInstances","eventID":"1"}` + "\n"})
	run := func(args ...string) outcome { return command(t, append([]string{"--lake", lake}, args...)...) }
	require.Equal(t, exitDone, run("store", "create", "main", "--retention", "3653d").code)
	got := run("import", folder)
	require.Regexp(t, `auditlake store update main --retention \d+d, then import again`, got.out+got.err)
	got = run("store", "update", "main", "--retention", "forever")
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "forever")
	require.Contains(t, run("store", "list").out, "forever")
	require.Equal(t, exitDone, run("import", folder).code)
	require.Equal(t, "_col0\n1\n", run("query", "--format", "csv", "SELECT count(*) FROM main").out)
	require.Contains(t, run("store", "update", "main", "--retention", "5000d").out, "5000 days")
}

func TestAsk(t *testing.T) {
	for answer, want := range map[string]bool{"y\n": true, "YES\r\n": true, "n\n": false, "\n": false, "": false, "yellow\n": false} {
		var out bytes.Buffer
		got, err := ask(strings.NewReader(answer), &out, "Go on?")
		require.NoError(t, err)
		require.Equal(t, want, got, answer)
		require.Equal(t, "Go on? [y/N] ", out.String())
	}
}
