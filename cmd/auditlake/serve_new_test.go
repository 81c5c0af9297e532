package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// TestServeMakesALake: a folder that is missing or empty becomes a lake, and the server says so. A folder with anything else stays as it is.
func TestServeMakesALake(t *testing.T) {
	dir := t.TempDir()
	volume := filepath.Join(dir, "volume")
	require.NoError(t, os.MkdirAll(filepath.Join(volume, "lost+found"), 0o700))
	empty := filepath.Join(dir, "an empty one")
	require.NoError(t, os.Mkdir(empty, 0o700))
	for _, lake := range []string{filepath.Join(dir, "missing", "below"), empty, volume} {
		printed := printedServe(t, lake)
		require.Contains(t, printed, "created a lake in "+lake+"; to import files: `auditlake --lake "+shellQuoted(lake)+" import PATH`; AWS clients can also create event data stores")
		require.NoError(t, engine.FindLake(lake))
	}
	require.NotContains(t, printedServe(t, sampleLake(t)), "new lake")

	documents := filepath.Join(dir, "documents")
	require.NoError(t, os.Mkdir(documents, 0o700))
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		require.NoError(t, os.WriteFile(filepath.Join(documents, name), nil, 0o600))
	}
	got := command(t, "--lake", documents, "serve", "--listen", "127.0.0.1:0")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, documents+" is not a lake and not empty: it contains a, b, c and 2 more; pass --lake with a lake")
	require.Contains(t, got.err, "--lake")
	entries, err := os.ReadDir(documents)
	require.NoError(t, err)
	require.Len(t, entries, 5)
}

// TestServeKeepsItsCertificate: the next start has the certificate that clients trust since the first, and another name in it is announced.
func TestServeKeepsItsCertificate(t *testing.T) {
	lake := filepath.Join(t.TempDir(), "lake")
	certificate := func(flags ...string) string {
		t.Helper()
		var line string
		t.Run("start", func(t *testing.T) {
			for _, l := range strings.SplitAfter(printedServe(t, lake, append(flags, "--tls-self-signed")...), "\n") {
				if strings.HasPrefix(l, "  certificate ") || line != "" && strings.HasPrefix(l, "      ") {
					line += l
				}
			}
		})
		return line
	}
	first := certificate()
	require.Regexp(t, `^  certificate `+lake+`/tls\.pem, until 20..-..-..; SHA-256 [0-9a-f]{64}\n$`, first)
	require.Equal(t, first, certificate())
	require.NoError(t, os.WriteFile(filepath.Join(lake, engine.TLSKeyFile), nil, 0o600))
	again := certificate()
	require.Contains(t, again, "It is new, because the one before cannot be read")
	require.Contains(t, again, "Give it to clients that trusted the old one")
	require.NotContains(t, again, first[strings.Index(first, "SHA"):])
}
