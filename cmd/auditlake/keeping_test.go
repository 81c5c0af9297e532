package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

func TestKeepingFlags(t *testing.T) {
	var o engine.Options
	f := keepingFlags{queries: "30d", result: "2GiB", results: "1TB"}
	require.NoError(t, f.set(&o))
	require.Equal(t, engine.Options{KeepHistory: 30 * 24 * time.Hour, MaxResultBytes: 2 << 30, MaxResultsBytes: 1e12}, o)
	f = keepingFlags{queries: "90m"}
	require.NoError(t, f.set(&o))
	require.Equal(t, 90*time.Minute, o.KeepHistory)
	o = engine.Options{}
	require.NoError(t, (&keepingFlags{}).set(&o))
	require.Zero(t, o)
}

// TestTheHoldersSettingsCount: how much is kept is the matter of the process that holds the lake; others hear so.
func TestTheHoldersSettingsCount(t *testing.T) {
	lake := sampleLake(t)
	serveLake(t, lake, "--max-result", "4kB", "--keep-queries", "2d")
	const long = "SELECT eventjson FROM main"
	got := command(t, "--lake", lake, "query", "--keep", "--format", "csv", long)
	require.Equal(t, exitLimit, got.code, got.err)
	require.Contains(t, got.err, "The result cannot be kept")
	require.NotContains(t, got.err, "warning")
	got = command(t, "--lake", lake, "--memory", "1GiB", "query", "--keep", "--max-result", "1GiB", "--max-results", "2GiB", "--keep-queries", "9d", "--format", "csv", long)
	require.Equal(t, exitLimit, got.code, got.err)
	require.Contains(t, got.err, "warning: ignoring --memory, --keep-queries, --max-result, --max-results: another process holds the lake")
	got = command(t, "--lake", lake, "--memory", "1GiB", "queries", "list")
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.err, "warning: ignoring --memory: another process holds the lake")
}
