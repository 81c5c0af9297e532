package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCompact(t *testing.T) {
	lake := sampleLake(t)
	before := command(t, "--lake", lake, "query", "--format", "csv", "SELECT count(*), count(DISTINCT eventid) FROM main")
	for _, want := range []string{"", "nothing to merge\n"} {
		got := command(t, "--lake", lake, "compact")
		require.Equal(t, 0, got.code, got.err)
		if want != "" {
			require.Equal(t, want, got.out)
		}
	}
	after := command(t, "--lake", lake, "query", "--format", "csv", "SELECT count(*), count(DISTINCT eventid) FROM main")
	require.Equal(t, before.out, after.out)
	require.Equal(t, exitUsage, command(t, "--lake", lake, "compact", "main").code)
}
