package store_test

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// metContext lets a test look at a lake in the middle of what is asked with it: at the first question whether it is done.
type metContext struct {
	context.Context
	meet *sync.Once
	then func()
}

func (c *metContext) Err() error {
	c.meet.Do(c.then)
	return c.Context.Err()
}

func (c *metContext) Done() <-chan struct{} {
	c.meet.Do(c.then)
	return c.Context.Done()
}

// TestStoppingIngestion: a store is STOPPING while a push is under way that had begun before; a process that is killed then
// leaves it STOPPED.
func TestStoppingIngestion(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	now := func() time.Time { return newYear }
	lake, err := engine.Open(ctx, dir, engine.Options{Now: now})
	require.NoError(t, err)
	defer lake.Close()
	_, err = lake.Stores().Create(ctx, engine.StoreOptions{Name: "main"})
	require.NoError(t, err)
	event := []byte(`{"eventTime":"2025-12-31T23:00:00Z","eventID":"1","eventCategory":"Management"}`)
	status := func(of *engine.Lake) string {
		s, err := of.Stores().Get(ctx, "main")
		require.NoError(t, err)
		return string(s.Status)
	}
	_, err = lake.Push(ctx, "main", [][]byte{event}) // from now on it is known how to push
	require.NoError(t, err)
	met := false
	results, err := lake.Push(&metContext{ctx, &sync.Once{}, func() {
		met = true
		require.NoError(t, lake.Stores().StopIngestion(ctx, "main"))
		require.Equal(t, "STOPPING_INGESTION", status(lake))
		stores, err := lake.Stores().List(ctx)
		require.NoError(t, err)
		require.EqualValues(t, "STOPPING_INGESTION", stores[0].Status)
		_, err = lake.Push(ctx, "main", [][]byte{event})
		require.ErrorIs(t, err, engine.ErrStoreStatus, "no other push begins")
		require.ErrorIs(t, lake.Stores().StopIngestion(ctx, "main"), engine.ErrStoreStatus)

		killed := t.TempDir()
		require.NoError(t, os.CopyFS(killed, os.DirFS(dir)))
		left, err := engine.Open(ctx, killed, engine.Options{Now: now})
		require.NoError(t, err)
		defer left.Close()
		require.Equal(t, "STOPPED_INGESTION", status(left))
	}}, "main", [][]byte{event})
	require.NoError(t, err)
	require.True(t, met)
	require.Empty(t, results[0].Code, "the push had begun before")
	require.Equal(t, "STOPPED_INGESTION", status(lake))
}

// TestStatesUnderLoad: a store that says that it has stopped takes no more events, whoever pushes meanwhile.
func TestStatesUnderLoad(t *testing.T) {
	ctx := context.Background()
	lake, err := engine.Open(ctx, t.TempDir(), engine.Options{Now: func() time.Time { return newYear }})
	require.NoError(t, err)
	defer lake.Close()
	_, err = lake.Stores().Create(ctx, engine.StoreOptions{Name: "main"})
	require.NoError(t, err)
	event := []byte(`{"eventTime":"2025-12-31T23:00:00Z","eventID":"1","eventCategory":"Management"}`)
	count := func() int64 {
		rows, err := lake.Query(ctx, "SELECT eventid FROM main")
		require.NoError(t, err)
		defer rows.Close()
		for rows.Next() {
		}
		require.NoError(t, rows.Err())
		return rows.Stats().Rows
	}
	for range 5 {
		var pushing sync.WaitGroup
		for range 4 {
			pushing.Go(func() {
				for {
					if _, err := lake.Push(ctx, "main", [][]byte{event}); err != nil {
						return // it was stopped
					}
				}
			})
		}
		require.Eventually(t, func() bool { return count() > 0 }, time.Minute, time.Millisecond)
		require.NoError(t, lake.Stores().StopIngestion(ctx, "main"))
		require.Eventually(t, func() bool {
			s, err := lake.Stores().Get(ctx, "main")
			return err == nil && s.Status == engine.StoreStoppedIngestion
		}, time.Minute, time.Millisecond)
		before := count()
		pushing.Wait()
		require.Equal(t, before, count())
		require.NoError(t, lake.Stores().StartIngestion(ctx, "main"))
	}
}
