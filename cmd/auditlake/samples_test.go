package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
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
	name := "Anomalies against the baseline"
	got := ask("samples", "--sql", name)
	require.Contains(t, got.out, "FROM insight")
	require.Contains(t, got.err, "the lake has no store for Insight events; pass --store, or create one: auditlake store create NAME --category Insight")
	ask("store", "create", "events")
	ask("store", "create", "unusual", "--category", "Insight")
	got = ask("samples", "--sql", name)
	require.Contains(t, got.out, "FROM unusual")
	require.NotContains(t, got.err, "no store")
	ask("query", got.out)
	got = ask("samples", "--sql", "Successful brute-force sign-ins")
	require.Contains(t, got.out, "FROM events\n")
	ask("query", got.out)
	ask("store", "create", "main")
	require.Contains(t, ask("samples", "--sql", "Successful brute-force sign-ins").out, "FROM main\n")
	require.Contains(t, ask("samples", "--sql", "--store", "other", name).out, "FROM other\n")
}

// TestSamplesOfThemes: the themes about security come first, a theme is shown whole, and one that is not there is an error with those there are.
func TestSamplesOfThemes(t *testing.T) {
	all := command(t, "samples")
	require.Equal(t, exitDone, all.code, all.err)
	require.True(t, strings.HasPrefix(all.out, "Security monitoring  "), all.out[:80])
	lines := strings.Split(strings.TrimSpace(all.out), "\n")
	require.Len(t, lines, len(engine.Samples()))
	one := command(t, "samples", "--theme", "identity")
	require.Equal(t, exitDone, one.code, one.err)
	for _, line := range strings.Split(strings.TrimSpace(one.out), "\n") {
		require.True(t, strings.HasPrefix(line, "Identity  "), line)
	}
	require.Greater(t, strings.Count(one.out, "\n"), shownSamples)
	both := command(t, "samples", "--theme", "Privilege", "policy")
	require.Equal(t, exitDone, both.code, both.err)
	require.True(t, strings.HasPrefix(both.out, "Privilege  "), both.out)
	none := command(t, "samples", "--theme", "Gardening")
	require.Equal(t, exitUsage, none.code)
	require.Contains(t, none.err, `unknown theme "Gardening"; the themes are Security monitoring, Identity, `)
}
