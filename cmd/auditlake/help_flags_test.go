package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestHelpLeavesSeldomFlagsOut: the help of a command has its own flags and those that people need daily; all others are a topic of help, and work.
func TestHelpLeavesSeldomFlagsOut(t *testing.T) {
	for _, line := range [][]string{{"usage", "--help"}, {"help", "keys", "create"}, {"help"}} {
		got := command(t, line...)
		require.Equal(t, exitDone, got.code, got.err)
		require.Contains(t, got.out, "--lake string")
		for _, name := range seldomFlags {
			require.NotContains(t, got.out, "--"+name, "%v", line)
		}
		require.Contains(t, got.out, "flags", "where the others are")
	}
	all := command(t, "help", "flags")
	require.Equal(t, exitDone, all.code, all.err)
	for _, name := range append(seldomFlags, "lake", "read-only") {
		require.Contains(t, all.out, "--"+name)
	}
	require.Equal(t, exitDone, command(t, "--memory", "1GiB", "query", "SELECT 1", "--lake", sampleLake(t)).code)
}
