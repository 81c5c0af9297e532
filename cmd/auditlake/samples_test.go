package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSamplesNameAStoreOfTheirCategory: the statement of a sample can be asked as it is printed, or the command says which store is missing.
func TestSamplesNameAStoreOfTheirCategory(t *testing.T) {
	lake := filepath.Join(t.TempDir(), "lake")
	ask := func(args ...string) outcome {
		t.Helper()
		got := command(t, append([]string{"--lake", lake}, args...)...)
		require.Equal(t, 0, got.code, got.err)
		return got
	}
	name := "Rates against the usual"
	got := ask("samples", "--sql", name)
	require.Contains(t, got.out, "FROM insight")
	require.Contains(t, got.err, "the lake has no store of Insight events: give --store, or make one with auditlake store create NAME --category Insight")
	ask("store", "create", "events")
	ask("store", "create", "unusual", "--category", "Insight")
	got = ask("samples", "--sql", name)
	require.Contains(t, got.out, "FROM unusual")
	require.NotContains(t, got.err, "no store")
	ask("query", got.out)
	got = ask("samples", "--sql", "Guessed passwords")
	require.Contains(t, got.out, "FROM events\n")
	ask("query", got.out)
	ask("store", "create", "main")
	require.Contains(t, ask("samples", "--sql", "Guessed passwords").out, "FROM main\n")
	require.Contains(t, ask("samples", "--sql", "--store", "other", name).out, "FROM other\n")
}
