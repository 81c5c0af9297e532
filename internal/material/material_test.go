package material

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOpen(t *testing.T) {
	plain, packed, damaged := filepath.Join(t.TempDir(), "a.jsonl"), filepath.Join(t.TempDir(), "a.jsonl.gz"), filepath.Join(t.TempDir(), "b.gz")
	require.NoError(t, os.WriteFile(plain, []byte("text"), 0o600))
	var text bytes.Buffer
	w := gzip.NewWriter(&text)
	_, err := w.Write([]byte("text"))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	require.NoError(t, os.WriteFile(packed, text.Bytes(), 0o600))
	require.NoError(t, os.WriteFile(damaged, []byte("text"), 0o600))
	for _, path := range []string{plain, packed} {
		f, err := Open(path)
		require.NoError(t, err)
		got, err := io.ReadAll(f)
		require.NoError(t, err)
		require.Equal(t, "text", string(got), path)
		require.NoError(t, f.Close())
	}
	_, err = Open(damaged)
	require.ErrorContains(t, err, "b.gz")
	_, err = Open(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

// TestASkipSaysWhatItSkips: what is not in the repository is named with its amount.
func TestASkipSaysWhatItSkips(t *testing.T) {
	require.Equal(t, "not run: 89 statements that others published (shared/data/queries/lake-queries.jsonl beside the module is absent)",
		skipped(outside["queries/lake-queries.jsonl"], "queries/lake-queries.jsonl"))
}

func TestOwnMaterialIsThere(t *testing.T) {
	for _, name := range []string{"trino/expr.jsonl.gz", "trino/query.jsonl.gz", "trino/error.jsonl", "trino/fixtures.json", "queries/own.jsonl", "queries/bench.json", "logs", "slt"} {
		require.FileExists(t, filepath.Join(Module(t), "go.mod"))
		require.NotEmpty(t, Own(t, name))
	}
}
