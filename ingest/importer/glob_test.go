package importer

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestGlob: ** stands for any folders; each match is given once.
func TestGlob(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.json.gz", "x/a.json.gz", "x/y/a.json.gz", "x/y/b.txt", "x/z/2026/a.json", "q/2026/c.json"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, nil, 0o600))
	}
	for pattern, want := range map[string][]string{
		"**/*.json.gz":      {"a.json.gz", "x/a.json.gz", "x/y/a.json.gz"},
		"x/**/*.json.gz":    {"x/a.json.gz", "x/y/a.json.gz"},
		"x/**/y/*":          {"x/y/a.json.gz", "x/y/b.txt"},
		"**/2026":           {"q/2026", "x/z/2026"},
		"**/2026/**/*.json": {"q/2026/c.json", "x/z/2026/a.json"},
		"[xq]/**/?.json":    {"q/2026/c.json", "x/z/2026/a.json"},
		"x/**":              {"x"},
		"x/*":               {"x/a.json.gz", "x/y", "x/z"},
		"**/none":           nil,
		"none/**/a.json":    nil,
	} {
		found, err := glob(filepath.Join(dir, filepath.FromSlash(pattern)))
		require.NoError(t, err, pattern)
		var names []string
		for _, path := range found {
			name, err := filepath.Rel(dir, path)
			require.NoError(t, err)
			names = append(names, filepath.ToSlash(name))
		}
		require.ElementsMatch(t, want, names, pattern)
	}
	_, err := glob(filepath.Join(dir, "**", "[x"))
	require.ErrorIs(t, err, filepath.ErrBadPattern)
}
