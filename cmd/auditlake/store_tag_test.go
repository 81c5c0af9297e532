package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestStoreTags: tags come, change and go, and one without a value is shown.
func TestStoreTags(t *testing.T) {
	lake := filepath.Join(t.TempDir(), "lake")
	ask := func(args ...string) outcome { return command(t, append([]string{"--lake", lake, "store"}, args...)...) }
	require.Equal(t, exitDone, ask("create", "main", "--tag", "team=sec", "--tag", "bare").code)
	require.Equal(t, exitDone, ask("tag", "main", "team=ops", "note", "empty=").code)
	require.Equal(t, exitDone, ask("untag", "main", "empty", "none").code)
	got := ask("show", "main")
	require.Equal(t, exitDone, got.code, got.err)
	require.Regexp(t, `tag team +ops`, got.out)
	require.Contains(t, got.out, "tag bare")
	require.Contains(t, got.out, "tag note")
	require.NotContains(t, got.out, "tag empty")
	got = ask("tag", "main", "=x")
	require.Equal(t, exitUsage, got.code)
	require.Contains(t, got.err, "a tag must be key=value or key, not")
}
