package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCompact(t *testing.T) {
	lake := sampleLake(t)
	before := command(t, "--lake", lake, "query", "--format", "csv", "SELECT count(*), count(DISTINCT eventid) FROM main")
	require.Equal(t, 0, command(t, "--lake", lake, "compact").code)
	for _, args := range [][]string{{"compact"}, {"compact", "--rewrite-old"}} {
		got := command(t, append([]string{"--lake", lake}, args...)...)
		require.Equal(t, 0, got.code, got.err)
		require.Equal(t, "nothing to merge\n", got.out)
	}
	after := command(t, "--lake", lake, "query", "--format", "csv", "SELECT count(*), count(DISTINCT eventid) FROM main")
	require.Equal(t, before.out, after.out)
	require.Equal(t, exitUsage, command(t, "--lake", lake, "compact", "main").code)
}

// A compaction that could not read anything does not say that there was nothing to merge.
func TestCompactOfDamage(t *testing.T) {
	lake := filepath.Join(t.TempDir(), "lake")
	logs := filepath.Join("..", "..", "testdata", "logs")
	for _, from := range []string{"2025-12-10T12:00:00Z", "2025-12-10"} {
		require.Equal(t, exitDone, command(t, "--lake", lake, "import", "--from", from, "--to", "2025-12-11", logs).code)
	}
	files, err := filepath.Glob(filepath.Join(lake, "stores/*/*/*.orc"))
	require.NoError(t, err)
	require.Len(t, files, 2)
	require.NoError(t, os.Truncate(files[0], 100))
	got := command(t, "--lake", lake, "compact")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, files[0])
	require.Empty(t, got.out)
}

// TestCompactDropsWhatTwoTrailsDelivered: a store that has repeats is told to leave them out, and says what is to do.
func TestCompactDropsWhatTwoTrailsDelivered(t *testing.T) {
	dir := t.TempDir()
	lake := filepath.Join(dir, "lake")
	event := `{"eventTime":"2026-01-30T12:00:00Z","eventID":"1","eventName":"Get","eventCategory":"Management","recipientAccountId":"111122223333"}`
	require.Equal(t, exitDone, command(t, "--lake", lake, "store", "create", "main", "--retention", "3653d").code)
	const hint = "1 duplicate event in these days: same id, account and bytes as another event; queries count both\n" +
		"to drop the duplicates: auditlake store update main --dedupe eventid && auditlake compact\n"
	for i, text := range []string{`{"Records":[` + event + `]}`, `{"Records": [` + event + `]}`} {
		path := filepath.Join(dir, fmt.Sprint(i, ".json"))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		got := command(t, "--lake", lake, "import", path)
		require.Equal(t, exitDone, got.code)
		require.Equal(t, i == 1, strings.Contains(got.out, hint), got.out)
	}
	wrong := command(t, "--lake", lake, "store", "update", "main", "--dedupe", "all")
	require.Equal(t, exitUsage, wrong.code)
	require.Contains(t, wrong.err, `--dedupe must be eventid or none, not "all"`)
	told := command(t, "--lake", lake, "store", "update", "main", "--dedupe", "eventid")
	require.Equal(t, exitDone, told.code, told.err)
	require.Contains(t, told.out, "the next compaction drops those from before: auditlake compact")
	got := command(t, "--lake", lake, "compact")
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "dropped 1 duplicate event\n")
	shown := command(t, "--lake", lake, "store", "show", "main")
	require.Regexp(t, `events +1\n`, shown.out)
	require.Regexp(t, `duplicates +dropped \(--dedupe eventid\)\n`, shown.out)
	require.Equal(t, exitDone, command(t, "--lake", lake, "verify").code)
}
