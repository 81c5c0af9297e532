package material

import (
	"bytes"
	"compress/gzip"
	"fmt"
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

// stopped is a test that ends where a helper ends it.
type stopped struct {
	testing.TB
	said string
}

func (s *stopped) Helper() {}

func (s *stopped) Log(args ...any) { s.said = fmt.Sprint(args...) }

func (s *stopped) Skip(args ...any) { panic("skipped: " + fmt.Sprint(args...)) }

func (s *stopped) Fatal(args ...any) { panic("fatal: " + fmt.Sprint(args...)) }

func (s *stopped) Fatalf(format string, args ...any) { s.Fatal(fmt.Sprintf(format, args...)) }

// TestMaterialOfOthers: beside the module it is found, without it a test is skipped or says what it leaves out.
func TestMaterialOfOthers(t *testing.T) {
	root := t.TempDir()
	module := filepath.Join(root, "module")
	require.NoError(t, os.MkdirAll(filepath.Join(module, "below"), 0o700))
	s := &stopped{TB: t}
	t.Chdir(root)
	require.PanicsWithValue(t, "fatal: no go.mod above the test", func() { Module(s) })

	require.NoError(t, os.WriteFile(filepath.Join(module, "go.mod"), nil, 0o600))
	t.Chdir(filepath.Join(module, "below"))
	absent := "not run: 16,651 events that others published (shared/data/events beside the module is absent)"
	require.PanicsWithValue(t, "skipped: "+absent, func() { Outside(s, "events") })
	require.Empty(t, Further(s, "events"))
	require.Equal(t, absent, s.said)
	require.Panics(t, func() { Own(s, "none") })
	require.PanicsWithValue(t, "fatal: secrets is not known to lie beside the module", func() { Outside(s, "secrets") })

	events := filepath.Join(root, "shared", "data", "events")
	require.NoError(t, os.MkdirAll(events, 0o700))
	require.Equal(t, events, Outside(s, "events"))
	require.Equal(t, events, Further(s, "events"))
}
