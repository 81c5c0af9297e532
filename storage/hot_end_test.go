package storage

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dgraph-io/badger/v4"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/hotlog"
)

// stoppedLake is the folder of a lake with pushes "0", "1", … of a group each, as its process left it: closed, or
// killed.
func stoppedLake(t *testing.T, isClosed bool, names ...string) (dir string) {
	t.Helper()
	l := withoutBackground(newLake(t))
	push(t, l, event{at: noon, name: "flushed"})
	require.NoError(t, l.Flush(ctx))
	for _, name := range names {
		push(t, l, event{at: noon, name: name})
	}
	l.hot.log.Wait()
	if isClosed {
		require.NoError(t, l.Close())
	}
	dir = t.TempDir()
	copyTree(t, l.Dir(), dir)
	return dir
}

// reopened opens a copy of a lake's folder after a change.
func reopened(t *testing.T, dir string, change func(dir string)) (*Lake, error) {
	t.Helper()
	other := t.TempDir()
	copyTree(t, dir, other)
	change(other)
	l, err := Open(ctx, other, Options{Decoder: decodeEvents(t)})
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = l.Close() })
	return withoutBackground(l), nil
}

func logIn(dir string) string { return filepath.Join(dir, hotFolder, fmt.Sprintf("%020d.log", 2)) }

func endIn(dir string) string { return filepath.Join(dir, hotFolder, hotlog.EndName) }

func rewrite(t *testing.T, path string, change func([]byte) []byte) {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, change(content), 0o600))
}

// However much the log loses of its end: all pushes are there, or an error names it. So it is if the file is gone.
func TestLogThatLostItsEnd(t *testing.T) {
	t.Parallel() // its lakes are its own
	if testing.Short() {
		t.Skip("one goroutine does it all; the unit stage runs it")
	}
	large := strings.Repeat("l", 2*hotlog.SlotBytes)
	for _, isClosed := range []bool{true, false} {
		for _, last := range []string{"small", large} {
			t.Run(fmt.Sprintf("closed: %v, last push of %d bytes", isClosed, len(last)), func(t *testing.T) {
				names := []string{"a", "b", "c", last}
				dir := stoppedLake(t, isClosed, names...)
				want := append([]string{"flushed"}, names...)
				check := func(isThere bool, change func(dir string)) {
					t.Helper()
					var changed string
					l, err := reopened(t, dir, func(other string) { change(other); changed = other })
					if !isThere {
						requireDamaged(t, err, logIn(changed))
						return
					}
					require.NoError(t, err)
					require.Equal(t, want, namesNow(t, l))
					// It stays so: what was put back is in the log again.
					push(t, l, event{at: noon, name: "next"})
					require.NoError(t, l.Close())
					l = openLake(t, changed, nil)
					require.Equal(t, append(slices.Clone(want), "next"), namesNow(t, l))
					require.NoError(t, l.Close())
				}
				for cut := range 4*hotlog.AlignBytes/1024 + 1 { // in KiB
					// The third group is whole, and of a small one after it there is a copy.
					isThere := last != large && cut*1024 > 2*hotlog.AlignBytes
					check(isThere, func(dir string) { require.NoError(t, os.Truncate(logIn(dir), int64(cut*1024))) })
				}
				check(false, func(dir string) { require.NoError(t, os.Remove(logIn(dir))) })
				check(last != large, func(dir string) { // of the last group
					rewrite(t, logIn(dir), func(b []byte) []byte { clear(b[3*hotlog.AlignBytes:]); return b })
				})
			})
		}
	}
}

// A single push that is lost with its file comes back from its copy.
func TestOnlyGroupIsPutBack(t *testing.T) {
	for _, isClosed := range []bool{true, false} {
		dir := stoppedLake(t, isClosed, "only")
		l, err := reopened(t, dir, func(dir string) { require.NoError(t, os.Remove(logIn(dir))) })
		require.NoError(t, err)
		require.Equal(t, []string{"flushed", "only"}, namesNow(t, l))
		require.NoError(t, l.Close())
		l = openLake(t, l.Dir(), nil)
		require.Equal(t, []string{"flushed", "only"}, namesNow(t, l))
		require.NoError(t, l.Close())
	}
}

// All files of the log together: what was pushed before cannot be missed unnoticed.
func TestLogFolderThatIsEmptied(t *testing.T) {
	for _, isClosed := range []bool{true, false} {
		dir := stoppedLake(t, isClosed, "a", "b")
		l, err := reopened(t, dir, func(dir string) {
			require.NoError(t, os.RemoveAll(filepath.Join(dir, hotFolder)))
		})
		if err == nil {
			err = l.Unproven()
		}
		require.ErrorContains(t, err, string(filepath.Separator)+hotFolder+string(filepath.Separator))
	}
}

// Who has no key cannot replace a push, whatever the checksums: not in a lake that was closed, not in one that was
// killed, and not by making the log look like one of before there were signatures.
func TestLogRewrittenWithRightChecksums(t *testing.T) {
	t.Parallel() // its lakes are its own
	if testing.Short() {
		t.Skip("one goroutine does it all; the unit stage runs it")
	}
	for _, isClosed := range []bool{true, false} {
		for group := range 3 {
			for _, version := range []int{2, 3} {
				t.Run(fmt.Sprintf("closed: %v, group %d, version %d", isClosed, group, version), func(t *testing.T) {
					dir := stoppedLake(t, isClosed, "a", "b", "c")
					rewrite(t, logIn(dir), func(content []byte) []byte { return forged(t, content, group, version) })
					var changed string
					_, err := reopened(t, dir, func(other string) { changed = other })
					requireDamaged(t, err, logIn(changed))
					// Not with a new end file either, nor without a chance of one.
					_, err = reopened(t, dir, func(other string) {
						changed = other
						rewrite(t, endIn(other), func(content []byte) []byte {
							next, hash := hashOfLog(t, logIn(other))
							return slotsSaying(hotlog.Slot{Write: 99, File: 2, First: next, Next: next, Hash: hash})
						})
					})
					requireDamaged(t, err, logIn(changed))
				})
			}
		}
	}
}

// forged is a log in which a push was replaced, and all that follows from it but the signatures.
func forged(t *testing.T, content []byte, group, version int) (to []byte) {
	t.Helper()
	var before hotlog.Hash
	n := 0
	_, err := hotlog.ReadGroups(content, 2, func(h *hotlog.GroupHeader, pushes []*hotlog.Push) error {
		if n == 0 {
			before = h.Before
		}
		if n == group {
			pushes = []*hotlog.Push{hotlog.NewPush(storeID, hotlog.JoinTexts([][]byte{pushedText(event{at: noon, name: "forged"})}))}
		}
		written := hotlog.AppendGroup(nil, h.File, h.Sequence, pushes, before, h.Signature)
		if version == 2 {
			written = inVersion2(written)
		}
		to = append(to, written...)
		to = append(to, make([]byte, hotlog.Aligned(int64(len(to)))-int64(len(to)))...)
		before = hotlog.HashAfter(before, h.Sequence, pushes)
		n++
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, 3, n)
	return to
}

func hashOfLog(t *testing.T, path string) (next uint64, hash hotlog.Hash) {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	next, err = hotlog.ReadGroups(content, 2, func(h *hotlog.GroupHeader, pushes []*hotlog.Push) error {
		if h.Signature != nil {
			hash = h.Before
		}
		hash = hotlog.HashAfter(hash, h.Sequence, pushes)
		return nil
	})
	require.NoError(t, err)
	return next, hash
}

// inVersion2 returns a group as programs wrote it before the log was signed.
func inVersion2(group []byte) []byte {
	const head = 36
	to := slices.Concat([]byte("\xffALHOT2\n"), group[8:head], group[hotlog.GroupHead:])
	binary.BigEndian.PutUint32(to[8:], crc32.Checksum(to[12:], castagnoli))
	return to
}

func slotsSaying(slot hotlog.Slot) []byte {
	content := make([]byte, hotlog.EndSlots*hotlog.SlotBytes)
	copy(content[slot.Place():], slot.AppendTo(nil))
	return content
}

// The catalog's mark of what is flushed cannot be moved: pushes would be hidden, or come twice.
func TestFlushedThatWasMoved(t *testing.T) {
	for _, isClosed := range []bool{true, false} {
		for _, flushed := range []uint64{0, 2, 3, 99} {
			dir := stoppedLake(t, isClosed, "a", "b", "c")
			l, err := reopened(t, dir, func(other string) {
				rawCatalog(t, other, func(txn *badger.Txn) {
					rawSet(t, txn, "flushed", binary.BigEndian.AppendUint64(nil, flushed))
				})
			})
			if err == nil {
				require.ErrorAs(t, l.mayAnswer(storeID), new(*UnprovenError))
				require.Len(t, hotFiles(t, l), 1)
				err = l.Unproven()
			}
			require.ErrorContains(t, err, "pushes up to")
		}
	}
}

// A slot of the end file may be damaged, as a crash may tear it. Without any nothing says where the log ends.
func TestDamagedEndFile(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine does it all; the unit stage runs it")
	}
	for _, isClosed := range []bool{true, false} {
		dir := stoppedLake(t, isClosed, "a", "b", "c")
		want := []string{"flushed", "a", "b", "c"}
		flip := func(slots ...int) func(string) {
			return func(dir string) {
				rewrite(t, endIn(dir), func(content []byte) []byte {
					for _, slot := range slots {
						content[slot*hotlog.SlotBytes+20] ^= 4
					}
					return content
				})
			}
		}
		for slot := range hotlog.EndSlots {
			l, err := reopened(t, dir, flip(slot))
			require.NoError(t, err)
			require.Equal(t, want, namesNow(t, l))
			push(t, l, event{at: noon, name: "d"})
			require.NoError(t, l.Close())
			l = openLake(t, l.Dir(), nil)
			require.Equal(t, append(slices.Clone(want), "d"), namesNow(t, l))
			require.NoError(t, l.Close())
		}
		for name, damage := range map[string]func(string){
			"both": flip(0, 1),
			"gone": func(dir string) { require.NoError(t, os.Remove(endIn(dir))) },
			"cut":  func(dir string) { require.NoError(t, os.Truncate(endIn(dir), 0)) },
		} {
			l, err := reopened(t, dir, damage)
			require.NoError(t, err, name)
			require.ErrorContains(t, l.Unproven(), endIn(l.Dir()))
			require.ErrorAs(t, tryPush(t, l, event{at: noon, name: "d"}), new(*UnprovenError))
			require.NoError(t, l.Close())
		}
	}
}

// Pushes of a key that was lost are there when the lake has another one.
func TestLogSignedWithALostKey(t *testing.T) {
	for _, isClosed := range []bool{true, false} {
		dir := stoppedLake(t, isClosed, "a", "b")
		l, err := reopened(t, dir, func(dir string) { require.NoError(t, os.Remove(filepath.Join(dir, keyFile))) })
		require.NoError(t, err)
		want := []string{"flushed", "a", "b"}
		for round := range 3 {
			require.Equal(t, want, namesNow(t, l))
			name := fmt.Sprint(round)
			push(t, l, event{at: noon, name: name})
			want = append(want, name)
			// As a process that is killed, without a seal.
			require.NoError(t, l.hot.log.Close())
			l.head.close()
			require.NoError(t, l.catalog.Close())
			l = withoutBackground(openLake(t, l.Dir(), nil))
		}
		require.Equal(t, want, namesNow(t, l))
		require.NoError(t, l.Flush(ctx))
		require.NoError(t, l.Close())
	}
}

// A seal is one entry of the chain for pushes that no entry knows of, and none for a lake that was only read.
func TestSealOfTheLog(t *testing.T) {
	dir := t.TempDir()
	entries := func(l *Lake) uint64 {
		head, err := l.ChainHead()
		require.NoError(t, err)
		require.Empty(t, problems(t, l, ChainTrust{}))
		return head.Entries
	}
	l := withoutBackground(openLake(t, dir, nil))
	putStore(t, l)
	push(t, l, event{at: noon, name: "a"})
	before := entries(l)
	require.NoError(t, l.Close())
	for range 3 {
		l = withoutBackground(openLake(t, dir, nil))
		require.Equal(t, before+1, entries(l))
		require.NoError(t, l.Close())
	}
	require.Empty(t, segmentFiles(t, l))
	l = withoutBackground(openLake(t, dir, nil))
	push(t, l, event{at: noon, name: "b"})
	require.NoError(t, l.Flush(ctx))
	require.Equal(t, before+2, entries(l))
	require.NoError(t, l.Close())
	l = withoutBackground(openLake(t, dir, nil))
	defer l.Close()
	require.Equal(t, before+2, entries(l), "all is in segments")
	require.Equal(t, []string{"a", "b"}, namesNow(t, l))
}

// The seal in the catalog is the one of the chain, or nothing is proven; verify says so, too.
func TestSealThatWasChanged(t *testing.T) {
	dir := stoppedLake(t, true, "a")
	l, err := reopened(t, dir, func(dir string) {
		rawCatalog(t, dir, func(txn *badger.Txn) { require.NoError(t, txn.Delete([]byte("log"))) })
	})
	require.NoError(t, err)
	require.ErrorContains(t, l.Unproven(), "seal of the log")
	require.ErrorAs(t, tryPush(t, l, event{at: noon, name: "b"}), new(*UnprovenError))
	require.Contains(t, strings.Join(problems(t, l, ChainTrust{}), "; "), "seal of the log of pushed events is not the one of the last entry")
}

// A large group that was being written when the machine crashed leaves a slot without it: other pushes take its place.
func TestLargeGroupThatWasBeingWritten(t *testing.T) {
	dir := stoppedLake(t, false, "a")
	l, err := reopened(t, dir, func(dir string) {
		rewrite(t, endIn(dir), func(content []byte) []byte {
			last, ok := hotlog.ParseSlot(content[hotlog.SlotBytes:])
			require.True(t, ok)
			slot := hotlog.Slot{Write: last.Write + 1, File: 2, Offset: hotlog.AlignBytes, First: 3, Next: 4, Hash: hotlog.Hash{1}}
			return slices.Concat(slotsSaying(slot)[:hotlog.SlotBytes], content[hotlog.SlotBytes:])
		})
	})
	require.NoError(t, err)
	require.Equal(t, []string{"flushed", "a"}, namesNow(t, l))
	push(t, l, event{at: noon, name: "b"})
	left := t.TempDir()
	copyTree(t, l.Dir(), left)
	require.NoError(t, os.WriteFile(endIn(left), slotsSaying(hotlog.Slot{Write: 1, First: 1, Next: 1}), 0o600))
	l = openLake(t, left, nil)
	defer l.Close()
	require.Equal(t, []string{"flushed", "a", "b"}, namesNow(t, l))
}
