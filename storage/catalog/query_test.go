package catalog

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestIndexQueries: a catalog of an earlier version has queries that no index names, some of them too old.
func TestIndexQueries(t *testing.T) {
	c := open(t, t.TempDir())
	defer c.Close()
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	const count = 25
	require.NoError(t, c.Update(context.Background(), func(tx *Tx) error {
		for n := range count {
			q := &Query{ID: fmt.Sprintf("q%02d", n), Status: QueryFinished, CreatedAt: start.Add(time.Duration(n) * time.Hour)}
			require.NoError(t, put(tx, queryKey(q.ID), q))
		}
		return nil
	}))
	listed := func() (ids []string) {
		require.NoError(t, c.View(func(tx *Tx) error {
			all, err := tx.LatestQueries(QueryFilter{}, count, func(*Query) bool { return true })
			for _, q := range all {
				ids = append(ids, q.ID)
			}
			return err
		}))
		return ids
	}
	isStale := func(before time.Time) (stale bool) {
		require.NoError(t, c.View(func(tx *Tx) (err error) {
			stale, err = tx.HasStaleQueries(before)
			return err
		}))
		return stale
	}
	before := start.Add(20 * time.Hour)
	require.Empty(t, listed())
	require.True(t, isStale(before))
	steps := 0
	for next, isFirst := "", true; isFirst || next != ""; isFirst = false {
		steps++
		require.NoError(t, c.Update(context.Background(), func(tx *Tx) (err error) {
			next, err = tx.IndexQueries(next, before, 10)
			return err
		}))
	}
	require.Equal(t, 3, steps)
	require.Equal(t, []string{"q24", "q23", "q22", "q21", "q20"}, listed())
	require.False(t, isStale(before))
	require.True(t, isStale(before.Add(time.Hour)))
	require.NoError(t, c.Update(context.Background(), func(tx *Tx) error {
		left, err := tx.DeleteQueriesBefore(start.Add(23*time.Hour), 10)
		require.False(t, left)
		return err
	}))
	require.Equal(t, []string{"q24", "q23"}, listed())
}

// TestIndexQueriesRemovesAllOfAQuery: also of one that an index names already.
func TestIndexQueriesRemovesAllOfAQuery(t *testing.T) {
	c := open(t, t.TempDir())
	defer c.Close()
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	require.NoError(t, c.Update(context.Background(), func(tx *Tx) error {
		require.NoError(t, tx.PutQuery(&Query{ID: "q", Status: QueryQueued, CreatedAt: at}))
		_, err := tx.IndexQueries("", at.Add(time.Hour), 10)
		require.NoError(t, err)
		require.Equal(t, []string{queryIndexedKey}, tx.keys("query", 10))
		return nil
	}))
}

// TestDeletedQueriesLeaveNothing: with a query goes all that it is found by.
func TestDeletedQueriesLeaveNothing(t *testing.T) {
	c := open(t, t.TempDir())
	defer c.Close()
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	count := func() (n int) {
		require.NoError(t, c.View(func(tx *Tx) error {
			n = len(tx.keys("query", 100))
			return nil
		}))
		return n
	}
	require.NoError(t, c.Update(context.Background(), func(tx *Tx) error {
		q := Query{ID: "q", User: "ann", Status: QueryRunning, CreatedAt: at}
		require.NoError(t, tx.PutQuery(&q))
		q.StoreIDs = []string{mainID, otherID}
		return tx.PutQuery(&q)
	}))
	require.Equal(t, 6, count(), "the record, by time, user and two stores, and as one that runs")
	for _, limit := range []int{1, 10} {
		require.NoError(t, c.Update(context.Background(), func(tx *Tx) error {
			left, err := tx.DeleteQueriesBefore(at.Add(time.Millisecond), limit)
			require.Equal(t, limit == 1, left)
			return err
		}))
		require.Zero(t, count())
	}
}
