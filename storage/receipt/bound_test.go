package receipt

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMemoryIsBounded: what is remembered of ten channels, each with ten million receipts and as many as a lake lets be in no file, takes 64 MiB at most:
// filters of the oldest files go, files alone are left of them.
func TestMemoryIsBounded(t *testing.T) {
	const channels, runs, unsettled, mostBytes = 10, 10, 2 * (64 << 10), 64 << 20
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	m := New(Options{})
	for i := range channels * runs {
		filter := newFilter(defaultMaxRunReceipts)
		m.replaceRuns(fmt.Sprint(i%channels), nil, &run{receipts: defaultMaxRunReceipts, newest: int64(i), filter: filter, filterBytes: int64(len(filter))})
		require.LessOrEqual(t, m.filters, int64(defaultFilterBytes))
	}
	require.Greater(t, m.filters, int64(defaultFilterBytes)-2*defaultMaxRunReceipts, "no more filters go than must")
	list := make([]Receipt, 100)
	for first := 0; first < unsettled; first += len(list) {
		for i := range list {
			binary.BigEndian.PutUint64(list[i].Key[:], uint64(first+i)*0x9e3779b97f4a7c15)
		}
		m.Keep(fmt.Sprint(first/len(list)%channels), list)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	took := int64(after.HeapAlloc) - int64(before.HeapAlloc)
	t.Logf("%d receipts in files, %d in none: %.1f MiB, %.1f of them filters", channels*runs*defaultMaxRunReceipts, m.Recent(), float64(took)/(1<<20), float64(m.filters)/(1<<20))
	require.Less(t, took, int64(mostBytes))
	runtime.KeepAlive(m)
}
