package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// field is the last word of the output's line that begins with name.
func field(t *testing.T, out, name string) string {
	t.Helper()
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, name) {
			words := strings.Fields(line)
			return words[len(words)-1]
		}
	}
	t.Fatalf("no line %q in %s", name, out)
	return ""
}

func TestVerify(t *testing.T) {
	lake := sampleLake(t)
	show := command(t, "--lake", lake, "store", "show")
	head, key := field(t, show.out, "chain head"), field(t, show.out, "chain key")

	got := command(t, "--lake", lake, "verify", "main", "--key", key, "--head", strings.ToUpper(head))
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "the given head is in the chain; 0 changes since")
	require.Contains(t, got.out, "no problem found")
	require.NotContains(t, got.out, "to prove more")

	got = command(t, "--lake", lake, "verify")
	require.Equal(t, exitDone, got.code, got.err)
	require.True(t, strings.HasSuffix(got.out,
		"to also detect a re-signed or truncated chain, keep key and head elsewhere and pass --key and --head\nno problem found\n"), got.out)
	require.NotContains(t, got.out, "cannot")
	require.Contains(t, command(t, "--lake", lake, "verify", "--key", key).out, "to also detect a truncated chain, keep the head elsewhere and pass --head")
	require.Contains(t, command(t, "--lake", lake, "verify", "--head", head).out, "to also detect a re-signed chain, keep the key elsewhere and pass --key")

	files, err := filepath.Glob(filepath.Join(lake, "stores/*/*/*.orc"))
	require.NoError(t, err)
	require.NoError(t, os.Truncate(files[0], 100))
	got = command(t, "--lake", lake, "verify")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.out, "PROBLEM damaged file "+files[0])
	require.Contains(t, got.err, "1 problem found")

	require.Equal(t, exitUsage, command(t, "--lake", lake, "verify", "--key", "x").code)
	require.Equal(t, exitUsage, command(t, "--lake", lake, "verify", "--head", "x").code)
}

func TestImportPrintsTheHead(t *testing.T) {
	dir := t.TempDir()
	logs := filepath.Join("..", "..", "testdata", "logs")
	got := command(t, "--lake", dir, "import", logs)
	require.Equal(t, exitDone, got.code, got.err)
	show := command(t, "--lake", dir, "store", "show")
	require.Equal(t, field(t, show.out, "chain head"), field(t, got.out, "chain head"))
}
