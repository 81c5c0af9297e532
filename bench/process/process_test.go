package process

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRun(t *testing.T) {
	used, out, err := Run("some text", "sh", "-c", "cat; echo more")
	require.NoError(t, err)
	require.Equal(t, "some textmore\n", string(out))
	require.Positive(t, used.Wall)
	require.Positive(t, used.PeakBytes)
}

func TestRunInAnEnvironment(t *testing.T) {
	t.Setenv("AUDITLAKE_BENCH_OLD", "old")
	_, out, err := RunIn([]string{"AUDITLAKE_BENCH_NEW=new"}, "", "sh", "-c", "echo $AUDITLAKE_BENCH_OLD $AUDITLAKE_BENCH_NEW")
	require.NoError(t, err)
	require.Equal(t, "old new\n", string(out))
}

// TestRunFails: an error has what the command said of it.
func TestRunFails(t *testing.T) {
	_, out, err := Run("", "sh", "-c", "echo half; echo the reason >&2; exit 3")
	require.EqualError(t, err, "sh: exit status 3\nthe reason\n")
	require.Empty(t, out)
	_, _, err = Run("", filepath.Join(t.TempDir(), "absent"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestFolderBytes(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "a", "b"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "one"), make([]byte, 10), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a", "b", "two"), make([]byte, 200), 0o600))
	total, err := FolderBytes(dir)
	require.NoError(t, err)
	require.EqualValues(t, 210, total)
	_, err = FolderBytes(filepath.Join(dir, "absent"))
	require.ErrorIs(t, err, os.ErrNotExist)
}
