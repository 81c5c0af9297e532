package catalog

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/dgraph-io/badger/v4"
	"github.com/stretchr/testify/require"
)

// TestReadersShareATransaction: to begin one, which may wait for commits, is left to who commits.
func TestReadersShareATransaction(t *testing.T) {
	c := open(t, t.TempDir())
	defer c.Close()
	first, second := c.Begin(), c.Begin()
	require.Same(t, first.txn, second.txn)
	update(t, c, func(tx *Tx) error {
		require.NoError(t, tx.PutStore(store(mainID, "main")))
		during := c.Begin()
		defer during.Discard()
		require.Same(t, first.txn, during.txn, "what is not committed is not seen")
		return nil
	})
	later := c.Begin()
	defer later.Discard()
	require.NotSame(t, first.txn, later.txn)
	_, err := later.Store(mainID)
	require.NoError(t, err)

	first.Discard()
	first.Discard()
	var missing *NotFoundError
	_, err = second.Store(mainID)
	require.ErrorAs(t, err, &missing, "the catalog of before the commit, although another reader of it has ended")
	second.Discard()
	_, err = second.txn.Get([]byte("any"))
	require.ErrorIs(t, err, badger.ErrDiscardedTxn, "after the last reader nothing holds what later commits replace")
}

func TestReadersWhileOthersCommit(t *testing.T) {
	c := open(t, t.TempDir())
	defer c.Close()
	var group sync.WaitGroup
	ended := make(chan struct{})
	for range 4 {
		group.Go(func() {
			for seen := 0; ; {
				select {
				case <-ended:
					return
				default:
				}
				err := c.View(func(tx *Tx) error {
					stores, err := tx.Stores()
					if len(stores) < seen {
						return fmt.Errorf("%d stores after %d", len(stores), seen)
					}
					seen = len(stores)
					return err
				})
				if err != nil {
					panic(err)
				}
			}
		})
	}
	for i := range 50 {
		id := fmt.Sprintf("%08d-2222-4333-8444-555555555555", i)
		require.NoError(t, c.Update(context.Background(), func(tx *Tx) error { return tx.PutStore(store(id, fmt.Sprint("s", i))) }))
		require.NoError(t, c.View(func(tx *Tx) error {
			_, err := tx.Store(id)
			return err
		}), "who has committed sees it")
	}
	close(ended)
	group.Wait()
}

// TestRecordsAreReadOnce: records are decoded anew after a change of one of their kind, and by no transaction that began before it.
func TestRecordsAreReadOnce(t *testing.T) {
	c := open(t, t.TempDir())
	defer c.Close()
	kept := func(tx *Tx) []*Store {
		t.Helper()
		all, err := tx.KeptStores()
		require.NoError(t, err)
		read, err := tx.Stores()
		require.NoError(t, err)
		require.Equal(t, read, all)
		for _, s := range all {
			one, err := tx.KeptStore(s.ID)
			require.NoError(t, err)
			require.Same(t, s, one)
		}
		return all
	}
	update(t, c, func(tx *Tx) error { return tx.PutStore(store(mainID, "main")) })
	before := c.Begin()
	defer before.Discard()
	one, err := before.KeptStore(mainID)
	require.NoError(t, err, "also if the list was not read")
	require.Equal(t, "main", one.Name)
	first := kept(before)

	tables := func(tx *Tx) []*Table {
		t.Helper()
		all, err := tx.KeptTables()
		require.NoError(t, err)
		read, err := tx.Tables()
		require.NoError(t, err)
		require.Equal(t, read, all)
		return all
	}
	require.Empty(t, tables(before))
	update(t, c, func(tx *Tx) error { return tx.AddTable(&Table{ID: "7d4f0e8e-3f2a-4a4b-8d0e-3d7f3b1f0c11", Name: "t"}) })
	other := c.Begin()
	defer other.Discard()
	require.Same(t, first[0], kept(other)[0], "what changes something else keeps them")
	require.Empty(t, tables(before))
	added := tables(other)
	require.Len(t, added, 1)

	update(t, c, func(tx *Tx) error {
		require.NoError(t, tx.PutStore(store(mainID, "renamed")))
		own, err := tx.KeptStores()
		require.NoError(t, err)
		require.Equal(t, "renamed", own[0].Name, "a transaction sees its own changes")
		return nil
	})
	late := c.Begin()
	defer late.Discard()
	require.Equal(t, "renamed", kept(late)[0].Name)
	require.Equal(t, "main", kept(before)[0].Name, "as of its beginning")
	require.Same(t, added[0], tables(late)[0], "what changes something else keeps them")
	update(t, c, func(tx *Tx) error { return tx.DeleteTable("t") })
	dropped := c.Begin()
	defer dropped.Discard()
	require.Empty(t, tables(dropped))
	require.Len(t, tables(late), 1)

	update(t, c, func(tx *Tx) error { return tx.DeleteStore(mainID) })
	last := c.Begin()
	defer last.Discard()
	require.Empty(t, kept(last))
	_, err = last.KeptStore(mainID)
	require.ErrorIs(t, err, ErrNotFound)
	require.Len(t, kept(late), 1)
	late.Discard()
	_, err = late.KeptStore(mainID)
	require.ErrorIs(t, err, badger.ErrDiscardedTxn)
}
