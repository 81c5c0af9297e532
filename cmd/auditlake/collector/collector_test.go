package collector

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// gcPercent returns GOGC as it is. It only reads: setting it to learn what it was would undo what restore sets meanwhile.
func gcPercent() int {
	percent := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(percent)
	return int(percent[0].Value.Uint64())
}

// TestCollectionIsPutOff finds the collector as it was once it has run, also if it was put off twice.
func TestCollectionIsPutOff(t *testing.T) {
	t.Setenv("GOGC", "")
	const own = 150
	require.Eventually(t, func() bool { runtime.GC(); return gcPercent() <= own }, time.Minute, time.Millisecond, "after the beginning")
	defer debug.SetGCPercent(debug.SetGCPercent(own))

	PutOff(StatementBytes / 2)
	once := gcPercent()
	require.Greater(t, once, own)
	PutOff(StatementBytes)
	require.Greater(t, gcPercent(), once)
	require.Eventually(t, func() bool { runtime.GC(); return gcPercent() == own }, time.Minute, time.Millisecond)

	PutOff(StatementBytes)
	require.Greater(t, gcPercent(), own)
	require.Eventually(t, func() bool { runtime.GC(); return gcPercent() == own }, time.Minute, time.Millisecond)
}

func TestCollectionIsTheUsersToSet(t *testing.T) {
	t.Setenv("GOGC", "77")
	before := gcPercent()
	PutOff(StatementBytes)
	require.Equal(t, before, gcPercent())
}
