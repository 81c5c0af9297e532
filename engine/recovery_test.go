package engine_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// BenchmarkRecovery opens a lake whose log holds pushed events of AUDITLAKE_HOT_MB megabytes (100 if it
// is not set), all of which are in the first answer.
func BenchmarkRecovery(b *testing.B) {
	ctx := context.Background()
	megabytes := 100
	if text := os.Getenv("AUDITLAKE_HOT_MB"); text != "" {
		var err error
		megabytes, err = strconv.Atoi(text)
		require.NoError(b, err)
	}
	dir := b.TempDir()
	options := engine.Options{Now: func() time.Time { return pushDay }, FlushBytes: 1 << 40, FlushAge: time.Hour}
	lake, err := engine.Open(ctx, dir, options)
	require.NoError(b, err)
	_, err = lake.Stores().Create(ctx, engine.StoreOptions{Name: "main"})
	require.NoError(b, err)
	pushed, bytes := 0, 0
	for bytes < megabytes*1_000_000 {
		var events [][]byte
		for range pushBatch {
			event := pushedEvent(pushed)
			events = append(events, event)
			pushed++
			bytes += len(event)
		}
		_, err := lake.Push(ctx, "main", events)
		require.NoError(b, err)
	}
	require.NoError(b, lake.Close())
	var cpu time.Duration
	b.ResetTimer()
	for range b.N {
		before := cpuTime(b)
		lake, err := engine.Open(ctx, dir, options)
		require.NoError(b, err)
		cpu += cpuTime(b) - before
		b.StopTimer()
		d, err := lake.Stores().Describe(ctx, "main")
		require.NoError(b, err)
		require.EqualValues(b, pushed, d.Events)
		require.NoError(b, lake.Close())
		b.StartTimer()
	}
	gigabytes := float64(b.N) * float64(logBytes(b, dir)) / 1e9
	b.ReportMetric(float64(logBytes(b, dir))/1e6, "MB")
	b.ReportMetric(b.Elapsed().Seconds()/gigabytes, "s/GB")
	b.ReportMetric(cpu.Seconds()/gigabytes, "CPU-s/GB")
}

// logBytes is the size of the log of pushed events.
func logBytes(b *testing.B, dir string) (bytes int64) {
	b.Helper()
	require.NoError(b, filepath.WalkDir(filepath.Join(dir, "hot"), func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		bytes += info.Size()
		return err
	}))
	return bytes
}
