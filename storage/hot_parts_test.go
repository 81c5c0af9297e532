package storage

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/hotlog"
	"github.com/auditlake/auditlake/storage/vfs"
)

// otherStore is a second store beside testStore.
func otherStore() *catalog.Store {
	s := testStore()
	s.ID, s.Name = "99999999-2222-4333-8444-555555555555", "other"
	return s
}

func putOtherStore(t *testing.T, l *Lake) {
	t.Helper()
	require.NoError(t, l.Catalog().Update(ctx, func(tx *catalog.Tx) error { return tx.PutStore(otherStore()) }))
}

// namesOf are the names of the events of a store.
func namesOf(t *testing.T, s *Snapshot, store *catalog.Store) []string {
	t.Helper()
	return names(t, s, ScanRequest{StoreID: store.ID})
}

// TestPushIntoTwoStoresIsOne: the machine crashes before every single step of pushes into two stores, with a flush among
// them. What was acknowledged is in both; what was begun is in both, or in none.
func TestPushIntoTwoStoresIsOne(t *testing.T) {
	for _, tt := range []struct{ name, arn string }{
		{"small", "arn"},
		{"large: the end file has no copy", strings.Repeat("l", hotlog.SlotBytes)},
	} {
		for _, spares := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, some survives: %v", tt.name, spares), func(t *testing.T) {
				disk := vfs.NewMemory()
				dir := filepath.Join(t.TempDir(), "lake")
				l := withoutBackground(openLake(t, dir, disk))
				keepAs(t, l, catalog.EventJSONText)
				putOtherStore(t, l)
				pushed, acknowledged := 0, map[string]bool{}
				push := func() error {
					e := event{at: noon, name: fmt.Sprint("p", pushed), arn: tt.arn}
					pushed++
					err := l.Push(ctx, partOf(testStore(), e), partOf(otherStore(), e, e))
					acknowledged[e.name] = err == nil
					return err
				}
				for step := 0; ; step++ {
					var r *rand.Rand
					if spares {
						r = rand.New(rand.NewPCG(uint64(step), 2))
					}
					disk.CrashAfter(step)
					_ = push() == nil && l.Flush(ctx) == nil && push() == nil
					crashed := disk.Crashed()
					_ = l.Close() // nothing it does reaches the disk of a machine that crashed
					disk.Restart(r)
					disk.CrashAfter(-1)
					l = withoutBackground(openLake(t, dir, disk))
					requireInBoth(t, l, acknowledged)
					if !crashed {
						require.Greater(t, step, 15)
						require.NoError(t, l.Close())
						return
					}
				}
			})
		}
	}
}

// requireInBoth wants what was acknowledged in both stores, and nothing in one of them alone.
func requireInBoth(t *testing.T, l *Lake, acknowledged map[string]bool) {
	t.Helper()
	s := snapshot(t, l)
	first, second := map[string]int{}, map[string]int{}
	for _, name := range namesOf(t, s, testStore()) {
		first[name]++
		second[name] += 2
	}
	found := map[string]int{}
	for _, name := range namesOf(t, s, otherStore()) {
		found[name]++
	}
	require.Equal(t, second, found)
	for name, isAcknowledged := range acknowledged {
		require.LessOrEqual(t, first[name], 1)
		if isAcknowledged {
			require.Equal(t, 1, first[name], name)
		}
	}
}

// TestPushIntoTwoStoresIsSeenAtOnce: a snapshot that is taken while others push sees all parts of a push, or none.
func TestPushIntoTwoStoresIsSeenAtOnce(t *testing.T) {
	l := withoutBackground(newLake(t))
	putOtherStore(t, l)
	done := make(chan error)
	go func() {
		var err error
		for i := range 60 {
			if err == nil {
				e := event{at: noon, name: fmt.Sprint(i)}
				err = l.Push(ctx, partOf(testStore(), e), partOf(otherStore(), e))
			}
		}
		done <- err
	}()
	for isDone := false; !isDone; {
		select {
		case err := <-done:
			require.NoError(t, err)
			isDone = true
		default:
		}
		s := snapshot(t, l)
		require.Equal(t, namesOf(t, s, testStore()), namesOf(t, s, otherStore()))
	}
	require.Len(t, namesOf(t, snapshot(t, l), otherStore()), 60)
}
