package material

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMadeFoldersAreCopies: the folder is made once, and what one test changes of its copy no other one sees.
func TestMadeFoldersAreCopies(t *testing.T) {
	var made Made
	times := 0
	copied := func() string {
		return made.Copy(t, func(dir string) {
			times++
			require.NoError(t, os.MkdirAll(filepath.Join(dir, "a", "b"), 0o700))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "a", "b", "file"), []byte("text"), 0o640))
		})
	}
	for range 2 {
		dir := copied()
		path := filepath.Join(dir, "a", "b", "file")
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, "text", string(content))
		for at, mode := range map[string]os.FileMode{path: 0o640, filepath.Join(dir, "a"): 0o700} {
			info, err := os.Stat(at)
			require.NoError(t, err)
			require.Equal(t, mode, info.Mode().Perm(), at)
		}
		require.NoError(t, os.WriteFile(path, []byte("changed"), 0o640))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "new"), nil, 0o600))
	}
	require.Equal(t, 1, times)
	require.NoFileExists(t, filepath.Join(copied(), "new"))
}
