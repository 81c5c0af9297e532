package engine_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/enginetest/slt"
	"github.com/auditlake/auditlake/planner/types"
)

// FuzzQuery: no statement makes the engine fail in a way that is not its author's.
func FuzzQuery(f *testing.F) {
	files, err := filepath.Glob("../testdata/slt/*.slt")
	require.NoError(f, err)
	for _, path := range files {
		file, err := slt.Read(path)
		require.NoError(f, err)
		for i, record := range file.Records {
			if testing.Short() && i%8 > 0 {
				continue // TestSLT asks them all
			}
			if record.SQL != "" {
				f.Add(record.SQL)
			}
		}
	}
	lake, err := engine.Open(context.Background(), f.TempDir(), engine.Options{
		Now: func() time.Time { return newYear }, MemoryLimitBytes: 16 << 20, SpillLimitBytes: 16 << 20,
	})
	require.NoError(f, err)
	f.Cleanup(func() { lake.Close() })
	events := filepath.Join(f.TempDir(), "events.json")
	writeEvents(f, events, "2025-12-01T00:00:00Z", "2025-12-02T10:00:00Z", "2025-12-02T11:00:00Z")
	_, err = lake.Imports().Run(context.Background(), engine.ImportOptions{Paths: []string{events}})
	require.NoError(f, err)

	f.Fuzz(func(t *testing.T, sql string) {
		_, _, err := ask(context.Background(), lake, sql, engine.Timeout(2*time.Second))
		if err == nil {
			return
		}
		name := types.ErrorName(err)
		require.NotEmpty(t, name, "%q: %v", sql, err)
		require.NotEqual(t, types.GenericInternalError, name, "%q: %v", sql, err)
	})
}
