package main

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func gcPercent() int {
	percent := debug.SetGCPercent(-1)
	debug.SetGCPercent(percent)
	return percent
}

// TestCollectionIsPutOff finds the collector as it was once it has run.
func TestCollectionIsPutOff(t *testing.T) {
	t.Setenv("GOGC", "")
	collectLater() // so that no other test's does so meanwhile
	const own = 150
	require.Eventually(t, func() bool { runtime.GC(); return gcPercent() <= own }, time.Minute, time.Millisecond)
	defer debug.SetGCPercent(debug.SetGCPercent(own))

	putCollectionOff()
	if gcPercent() == own {
		t.Skip("the tests before this one hold more than is put off for")
	}
	require.Greater(t, gcPercent(), own)
	require.Eventually(t, func() bool { runtime.GC(); return gcPercent() == own }, time.Minute, time.Millisecond)
}

func TestCollectionIsTheUsersToSet(t *testing.T) {
	t.Setenv("GOGC", "77")
	before := gcPercent()
	putCollectionOff()
	require.Equal(t, before, gcPercent())
}
