package imports_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/bench/gen"
	"github.com/auditlake/auditlake/engine"
)

// TestStopImport: a stopped import keeps what it has read, and the next one goes on.
func TestStopImport(t *testing.T) {
	const events = 4000
	logs := t.TempDir()
	_, err := gen.Write(logs, gen.Options{Seed: 3, Events: events, Accounts: 2, EventsPerFile: 10})
	require.NoError(t, err)
	lake := openLake(t, t.TempDir(), newYear)
	ctx := context.Background()
	hasty, cancel := context.WithCancel(ctx)
	cancel()
	waited := make(chan error, 1)
	asked := 0
	first, err := lake.Imports().Run(ctx, engine.ImportOptions{Paths: []string{logs}, FileDone: func(engine.ImportedFile) {
		if asked++; asked > 1 {
			return
		}
		running, err := lake.Imports().List(ctx)
		require.NoError(t, err)
		_, err = lake.Imports().Stop(hasty, running[0].ID) // stops it, and does not wait: the import waits for us
		require.ErrorIs(t, err, context.Canceled)
		go func() {
			i, err := lake.Imports().Stop(ctx, running[0].ID)
			if err == nil && i.Status != "STOPPED" {
				err = fmt.Errorf("it is %s", i.Status)
			}
			waited <- err
		}()
	}})
	require.ErrorIs(t, err, engine.ErrImportStopped)
	if err := <-waited; !errors.Is(err, engine.ErrImportNotRunning) { // it may have ended by then
		require.NoError(t, err)
	}
	i, err := lake.Imports().Get(ctx, first.ImportID)
	require.NoError(t, err)
	require.EqualValues(t, "STOPPED", i.Status)
	require.Equal(t, first.ImportID, i.ID)
	require.Equal(t, first.Events, i.Counts.Events)
	require.Less(t, first.Events, int64(events))
	requireStoredIn(t, lake, first.Events)

	_, err = lake.Imports().Stop(ctx, i.ID)
	require.ErrorIs(t, err, engine.ErrImportNotRunning)
	second, err := lake.Imports().Run(ctx, engine.ImportOptions{Paths: []string{logs}})
	require.NoError(t, err)
	require.EqualValues(t, events, first.Events+second.Events)
}
