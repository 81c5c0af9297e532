package storage

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/hotlog"
	"github.com/auditlake/auditlake/storage/receipt"
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

const channelID = "aaaaaaaa-2222-4333-8444-555555555555"

func putChannel(t *testing.T, l *Lake) {
	t.Helper()
	require.NoError(t, l.Catalog().Update(ctx, func(tx *catalog.Tx) error { return tx.PutChannel(&catalog.Channel{ID: channelID, Name: "app"}) }))
}

// receiptFor is the receipt of the event of a name.
func receiptFor(name string) receipt.Receipt {
	return receipt.Receipt{Key: receipt.KeyOf(name, sha256.Sum256(nil)), EventID: [16]byte{1, byte(len(name))}, Millis: noon.UnixMilli()}
}

// pushOnce pushes an event, named as its id, through the channel into two stores, twice into the second one.
func pushOnce(t *testing.T, l *Lake, e event) error {
	t.Helper()
	r := receiptFor(e.name)
	claim, err := l.ClaimReceipts(ctx, channelID, []receipt.Key{r.Key}, noon)
	if err != nil {
		return err
	}
	defer claim.Release()
	if _, isRepeat := claim.First(r.Key); isRepeat {
		return errors.New("it is there")
	}
	return l.PushClaimed(ctx, claim, []receipt.Receipt{r}, partOf(testStore(), e), partOf(otherStore(), e, e))
}

// TestPushIntoTwoStoresIsOne: the machine crashes before every single step of pushes into two stores, with a flush among
// them. What was acknowledged is in both; what was begun is in both, or in none. A receipt is there if, and only if, its event is.
func TestPushIntoTwoStoresIsOne(t *testing.T) {
	if testing.Short() {
		t.Skip("too long under the race detector; the unit stage runs it")
	}
	for _, tt := range []struct {
		name, arn string
		stride    int // of the steps
	}{
		{"small", "arn", 1},
		{"large: the end file has no copy", strings.Repeat("l", hotlog.SlotBytes), 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			disk := vfs.NewMemory()
			dir := filepath.Join(t.TempDir(), "lake")
			l := withoutBackground(openLakeAt(t, dir, disk, noon))
			keepAs(t, l, catalog.EventJSONText)
			putOtherStore(t, l)
			putChannel(t, l)
			pushed, acknowledged := 0, map[string]bool{}
			push := func() error {
				e := event{at: noon, name: fmt.Sprint("p", pushed), arn: tt.arn}
				pushed++
				err := pushOnce(t, l, e)
				acknowledged[e.name] = err == nil
				return err
			}
			for step := 0; ; step += tt.stride {
				var r *rand.Rand
				if step%2 == 1 { // some of what was not synced survives
					r = rand.New(rand.NewPCG(uint64(step), 2))
				}
				disk.CrashAfter(step)
				_ = push() == nil && l.Flush(ctx) == nil && push() == nil
				crashed := disk.Crashed()
				_ = l.Close() // nothing it does reaches the disk of a machine that crashed
				disk.Restart(r)
				disk.CrashAfter(-1)
				l = withoutBackground(openLakeAt(t, dir, disk, noon))
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
		want := receiptFor(name)
		claim, err := l.ClaimReceipts(ctx, channelID, []receipt.Key{want.Key}, noon)
		require.NoError(t, err)
		claim.Release()
		r, isKnown := claim.First(want.Key)
		require.Equal(t, first[name] == 1, isKnown, name)
		if isKnown {
			require.Equal(t, want, r)
		}
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

// TestReceiptsOfAChannel: they outlive flushes and restarts, go with their channel, and the last event is noted with the flush.
func TestReceiptsOfAChannel(t *testing.T) {
	dir := t.TempDir()
	l := withoutBackground(openLakeAt(t, dir, nil, noon))
	putStore(t, l)
	putOtherStore(t, l)
	putChannel(t, l)
	e := event{at: noon, name: "first"}
	require.NoError(t, pushOnce(t, l, e))
	for range 2 {
		require.ErrorContains(t, pushOnce(t, l, e), "it is there")
		require.NoError(t, l.Close())
		l = withoutBackground(openLakeAt(t, dir, nil, noon))
		require.ErrorContains(t, pushOnce(t, l, e), "it is there")
		require.NoError(t, l.Flush(ctx))
	}
	require.Equal(t, []string{"first"}, namesOf(t, snapshot(t, l), testStore()))
	require.NoError(t, l.Catalog().View(func(tx *catalog.Tx) error {
		last, err := tx.ChannelIngestion(channelID)
		require.NoError(t, err)
		require.Equal(t, catalog.ChannelIngestion{EventID: uuid.UUID(receiptFor("first").EventID).String(), At: noon}, *last)
		return nil
	}))
	require.Empty(t, problems(t, l, ChainTrust{}))
	require.Empty(t, segmentsThatAreSetAside(t, l))

	require.NoError(t, pushOnce(t, l, event{at: noon, name: "second"}))
	require.NoError(t, l.Catalog().Update(ctx, func(tx *catalog.Tx) error { return tx.DeleteChannel(channelID) }))
	require.NoError(t, l.DropChannel(channelID))
	require.NoError(t, l.Flush(ctx))
	require.Zero(t, l.receipts.Recent())
	require.NoDirExists(t, filepath.Join(dir, channelsFolder, channelID))
	require.Len(t, namesOf(t, snapshot(t, l), testStore()), 2, "its events stay")
	require.NoError(t, l.Close())
}

func segmentsThatAreSetAside(t *testing.T, l *Lake) []Orphan {
	t.Helper()
	orphans, err := l.Orphans()
	require.NoError(t, err)
	return orphans
}

// openLakeAt opens a lake whose clock stands.
func openLakeAt(t *testing.T, dir string, files vfs.FS, now time.Time) *Lake {
	t.Helper()
	l, err := Open(ctx, dir, Options{FS: files, Now: func() time.Time { return now }, Decoder: decodeEvents(t)})
	require.NoError(t, err)
	return l
}
