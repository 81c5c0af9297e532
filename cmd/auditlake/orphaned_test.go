package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// What opening sets aside, and what is not the lake's, is listed by verify and store show.
func TestSetAsideIsListed(t *testing.T) {
	lake := sampleLake(t)
	files, err := filepath.Glob(filepath.Join(lake, "stores/*/*/*.orc"))
	require.NoError(t, err)
	content, err := os.ReadFile(files[0])
	require.NoError(t, err)
	const unnamed = "000000000001-000000000002.orc"
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(files[0]), unnamed), content, 0o600))
	foreign := filepath.Join(filepath.Dir(files[0]), "other.orc")
	require.NoError(t, os.WriteFile(foreign, content, 0o600))

	got := command(t, "--lake", lake, "verify")
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "set aside ")
	require.Contains(t, got.out, filepath.Join("orphaned", filepath.Base(filepath.Dir(files[0])), unnamed))
	require.Contains(t, got.out, "the manifest does not name it")
	require.Contains(t, got.out, "not the lake's "+foreign)
	show := command(t, "--lake", lake, "store", "show")
	require.Contains(t, show.out, unnamed)
}

// An older catalog in the place of the lake's: commands say so, and change nothing; who asks for reading gets an answer.
func TestOlderCatalogIsNamed(t *testing.T) {
	lake := sampleLake(t)
	older := filepath.Join(t.TempDir(), "older")
	require.NoError(t, os.CopyFS(older, os.DirFS(filepath.Join(lake, "catalog"))))
	require.Equal(t, exitDone, command(t, "--lake", lake, "store", "create", "second").code)
	require.NoError(t, os.RemoveAll(filepath.Join(lake, "catalog")))
	require.NoError(t, os.CopyFS(filepath.Join(lake, "catalog"), os.DirFS(older)))

	const reason = "the catalog is older than the files beside it"
	for _, args := range [][]string{
		{"query", "select count(*) from main"}, {"expire"}, {"compact"}, {"store", "create", "third"}, {"store", "update", "main", "--retention", "7d"},
	} {
		got := command(t, append([]string{"--lake", lake}, args...)...)
		require.NotEqual(t, exitDone, got.code, args)
		require.Contains(t, got.err, reason, args)
		require.Contains(t, got.err, "auditlake --lake "+lake+" rebuild", args)
	}
	got := command(t, "--lake", lake, "verify")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.out, "PROBLEM the lake is read-only: "+reason)
	got = command(t, "--lake", lake, "--read-only", "query", "select count(*) from main")
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.err, "warning: the lake is read-only: "+reason)
}
