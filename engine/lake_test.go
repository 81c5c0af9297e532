package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/enginetest/clock"
)

// moduleFolder is where go.mod is.
func moduleFolder(t *testing.T) string {
	dir, err := os.Getwd()
	require.NoError(t, err)
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
	}
	t.Fatal("no go.mod above the test")
	return ""
}

var newYear = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func off() *bool { return new(bool) }

func openLake(t *testing.T, dir string, now time.Time) *engine.Lake {
	return openLakeAt(t, dir, clock.New(now))
}

func openLakeAt(t *testing.T, dir string, c *clock.Clock) *engine.Lake {
	lake, err := engine.Open(context.Background(), dir, engine.Options{Now: c.Now})
	require.NoError(t, err)
	t.Cleanup(func() { lake.Close() })
	return lake
}

func createStore(t *testing.T, lake *engine.Lake, name string, retentionDays int) {
	_, err := lake.Stores().Create(context.Background(), engine.StoreOptions{Name: name, RetentionDays: retentionDays})
	require.NoError(t, err)
}

func TestOpenWhatIsNoLake(t *testing.T) {
	dir := t.TempDir()
	_, err := engine.Open(context.Background(), dir, engine.Options{MustExist: true})
	require.ErrorIs(t, err, engine.ErrNoLake)
	require.ErrorContains(t, err, dir)
}
