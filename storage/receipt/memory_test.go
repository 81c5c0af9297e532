package receipt

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/vfs"
)

const channelID = "aaaaaaaa-2222-4333-8444-555555555555"

var (
	ctx  = context.Background()
	noon = time.Date(2025, 3, 4, 12, 0, 0, 0, time.UTC)
)

// keyOf is the key of event n.
func keyOf(n int) Key { return KeyOf(fmt.Sprint("id-", n), sha256.Sum256(fmt.Append(nil, n))) }

// receiptOf is a receipt of event n, given its id at an instant.
func receiptOf(n int, at time.Time) Receipt {
	r := Receipt{Key: keyOf(n), Millis: at.UnixMilli()}
	copy(r.EventID[:], fmt.Sprintf("%08d%08d", n, at.Unix()%100_000_000))
	return r
}

func newMemory(t *testing.T, options Options) *Memory {
	t.Helper()
	if options.FS == nil {
		options.FS, options.Dir = vfs.OS, filepath.Join(t.TempDir(), "channels")
	}
	m := New(options)
	require.NoError(t, m.Open([]string{channelID}))
	return m
}

// pushOnce takes events as a channel does, and returns how many of them are new.
func pushOnce(t *testing.T, m *Memory, now time.Time, events ...int) (fresh []Receipt) {
	t.Helper()
	var keys []Key
	for _, n := range events {
		keys = append(keys, keyOf(n))
	}
	claim, err := m.Claim(ctx, channelID, keys, now)
	require.NoError(t, err)
	defer claim.Release()
	for _, n := range events {
		if _, isRepeat := claim.First(keyOf(n)); !isRepeat {
			fresh = append(fresh, receiptOf(n, now))
		}
	}
	m.Keep(channelID, fresh)
	return fresh
}

// requireFirsts wants the receipts of events to be those of a model, which has none of those that do not hold.
func requireFirsts(t *testing.T, m *Memory, now time.Time, model map[int]Receipt, events int) {
	t.Helper()
	var keys []Key
	for n := range events {
		keys = append(keys, keyOf(n))
	}
	claim, err := m.Claim(ctx, channelID, keys, now)
	require.NoError(t, err)
	defer claim.Release()
	for n := range events {
		want, ok := model[n]
		if ok = ok && want.holds(now.UnixMilli()); !ok {
			want = Receipt{}
		}
		got, found := claim.First(keyOf(n))
		require.Equal(t, ok, found, "event %d", n)
		require.Equal(t, want, got)
	}
}

// TestMemoryAgainstModel: whatever is pushed, settled, merged, forgotten and opened again, each event has the receipt that
// it was given first in the last day.
func TestMemoryAgainstModel(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			options := Options{FS: vfs.OS, Dir: filepath.Join(t.TempDir(), "channels"), MaxRunReceipts: 700, MaxFilterBytes: []int64{1, 600, 1 << 20}[seed%3]}
			m := newMemory(t, options)
			model, now := map[int]Receipt{}, noon
			var open []Receipt // kept, not settled
			const events = 3000
			for range 150 {
				now = now.Add(time.Duration(r.IntN(30)) * time.Minute)
				batch := r.Perm(events)[:1+r.IntN(60)]
				open = append(open, pushOnce(t, m, now, batch...)...)
				for _, n := range batch {
					if old, ok := model[n]; !ok || !old.holds(now.UnixMilli()) {
						model[n] = receiptOf(n, now)
					}
				}
				switch r.IntN(6) {
				case 0, 1:
					require.NoError(t, m.Settle(channelID, open))
					require.NoError(t, m.Forget(now))
					open = nil
				case 2:
					m = newMemory(t, options)
					m.Keep(channelID, open)
				case 3:
					requireFirsts(t, m, now, model, events)
				}
			}
			requireFirsts(t, m, now, model, events)
			require.Equal(t, len(open), m.Recent())
			require.LessOrEqual(t, m.filters, options.MaxFilterBytes)
			require.Less(t, len(m.channels[channelID].runs), 25)
		})
	}
}

// TestFewFiles: each settling adds a file, and merging keeps them few, with all receipts in them.
func TestFewFiles(t *testing.T) {
	m := newMemory(t, Options{})
	model := map[int]Receipt{}
	for i := range 200 {
		fresh := pushOnce(t, m, noon, 3*i, 3*i+1, 3*i+2)
		require.Len(t, fresh, 3)
		for k, receipt := range fresh {
			model[3*i+k] = receipt
		}
		require.NoError(t, m.Settle(channelID, fresh))
		require.LessOrEqual(t, len(m.channels[channelID].runs), 9)
	}
	require.Zero(t, m.Recent())
	requireFirsts(t, m, noon, model, 620)
}

// TestOldestAreForgottenFirst: with more receipts than a channel may have, the newest of them stay.
func TestOldestAreForgottenFirst(t *testing.T) {
	m := newMemory(t, Options{MaxReceipts: 1000, MaxRunReceipts: 100})
	for i := range 30 {
		now := noon.Add(time.Duration(i) * time.Minute)
		var events []int
		for n := range 100 {
			events = append(events, 100*i+n)
		}
		require.NoError(t, m.Settle(channelID, pushOnce(t, m, now, events...)))
		require.NoError(t, m.Forget(now))
	}
	claim, err := m.Claim(ctx, channelID, []Key{keyOf(1999), keyOf(2000), keyOf(2999), keyOf(0)}, noon)
	require.NoError(t, err)
	defer claim.Release()
	for n, want := range map[int]bool{0: false, 1999: false, 2000: true, 2999: true} {
		_, found := claim.First(keyOf(n))
		require.Equal(t, want, found, "event %d", n)
	}
	require.Len(t, m.channels[channelID].runs, 10)
}

// TestClaimsExclude: who wants a key that somebody else has claimed waits, and learns what became of it.
func TestClaimsExclude(t *testing.T) {
	m := newMemory(t, Options{})
	first, err := m.Claim(ctx, channelID, []Key{keyOf(1), keyOf(2)}, noon)
	require.NoError(t, err)
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	_, err = m.Claim(cancelled, channelID, []Key{keyOf(2), keyOf(3)}, noon)
	require.ErrorIs(t, err, context.Canceled)
	other, err := m.Claim(ctx, channelID, []Key{keyOf(3)}, noon)
	require.NoError(t, err, "a claim that was not granted holds nothing")
	other.Release()

	got := make(chan *Claim)
	go func() {
		second, err := m.Claim(ctx, channelID, []Key{keyOf(3), keyOf(2), keyOf(1)}, noon)
		if err != nil {
			close(got)
			return
		}
		got <- second
	}()
	m.Keep(channelID, []Receipt{receiptOf(1, noon)})
	first.Release()
	second := <-got
	require.NotNil(t, second)
	defer second.Release()
	r, isRepeat := second.First(keyOf(1))
	require.True(t, isRepeat)
	require.Equal(t, receiptOf(1, noon), r)
	_, isRepeat = second.First(keyOf(2))
	require.False(t, isRepeat, "the first one did not push it")
}

// TestDroppedChannel: nothing of a channel that was deleted is left, also if it was deleted while the lake was closed.
func TestDroppedChannel(t *testing.T) {
	options := Options{FS: vfs.OS, Dir: filepath.Join(t.TempDir(), "channels")}
	m := newMemory(t, options)
	require.NoError(t, m.Settle(channelID, pushOnce(t, m, noon, 1, 2)))
	pushOnce(t, m, noon, 3)
	require.NoError(t, m.Drop(channelID))
	require.NoError(t, m.Drop(channelID))
	require.Zero(t, m.Recent())
	require.NoDirExists(t, m.folder(channelID))
	require.Len(t, pushOnce(t, m, noon, 1, 2, 3), 3)

	require.NoError(t, m.Settle(channelID, []Receipt{receiptOf(1, noon)}))
	require.NoError(t, New(options).Open(nil))
	require.NoDirExists(t, m.folder(channelID))
}

// TestCrashOfSettling: the machine crashes before every single step. Each receipt is in a file, or still in the owner's log.
func TestCrashOfSettling(t *testing.T) {
	for _, spares := range []bool{false, true} {
		t.Run(fmt.Sprint("some survives: ", spares), func(t *testing.T) {
			disk := vfs.NewMemory()
			require.NoError(t, disk.MkdirAll("/lake"))
			require.NoError(t, disk.SyncDir("/"))
			options := Options{FS: disk, Dir: "/lake/channels", MaxRunReceipts: 40}
			m := New(options)
			settled, next := 0, 0
			for step := 0; ; step++ {
				disk.CrashAfter(step)
				for range 5 {
					open := pushOnce(t, m, noon, next, next+1)
					next += 2
					if m.Settle(channelID, open) != nil {
						break
					}
					settled = next
				}
				_ = m.Forget(noon)
				crashed := disk.Crashed()
				var r *rand.Rand
				if spares {
					r = rand.New(rand.NewPCG(uint64(step), 3))
				}
				disk.Restart(r)
				disk.CrashAfter(-1)
				m = New(options)
				require.NoError(t, m.Open([]string{channelID}))
				fresh := map[Key]bool{}
				for n := range settled {
					for _, r := range pushOnce(t, m, noon, n) {
						fresh[r.Key] = true
					}
				}
				require.Empty(t, fresh, "receipts that were settled are there")
				m = New(options)
				require.NoError(t, m.Open([]string{channelID}))
				next = settled
				if !crashed {
					require.Greater(t, step, 15)
					return
				}
			}
		})
	}
}
