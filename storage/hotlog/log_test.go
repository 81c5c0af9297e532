package hotlog

import (
	"crypto/ed25519"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/vfs"
)

var key = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))

func sign(message []byte) ([]byte, error) { return ed25519.Sign(key, message), nil }

func isSigned(message, signature []byte) (bool, error) {
	return ed25519.Verify(key.Public().(ed25519.PublicKey), message, signature), nil
}

// openedLog is a log in a folder that was made for it, and what it has published.
func openedLog(t *testing.T, files vfs.FS) (log *Log, published *[]*Push) {
	t.Helper()
	published = &[]*Push{}
	log = New(Options{FS: files, Dir: "/hot", Sign: sign, Publish: func(pushes []*Push) { *published = append(*published, pushes...) }})
	require.NoError(t, log.Recover(t.Context(), Proof{MayWrite: true}, func(*Push) error { return nil }))
	return log, published
}

func newDisk(t *testing.T) *vfs.Memory {
	t.Helper()
	disk := vfs.NewMemory()
	require.NoError(t, disk.MkdirAll("/hot"))
	return disk
}

func pushOf(text string) *Push { return NewPush(storeID, JoinTexts([][]byte{[]byte(text)})) }

// A write waits for those who are expected to share it, until all are there; who pushes alone does not.
func TestPushesShareAWrite(t *testing.T) {
	faults := vfs.NewInjector(newDisk(t))
	log, published := openedLog(t, faults)
	require.NoError(t, log.Append(pushOf("first")))
	log.mu.Lock()
	require.Equal(t, 1, log.expected)
	log.until = time.Now().Add(time.Hour)
	log.mu.Unlock()
	require.NoError(t, log.Append(pushOf("alone")))
	log.mu.Lock()
	log.expected, log.until = 3, time.Now().Add(time.Hour)
	log.mu.Unlock()
	faults.Set(nil) // counts from here
	var callers sync.WaitGroup
	for i := range 3 {
		callers.Go(func() {
			if err := log.Append(pushOf(fmt.Sprint(i))); err != nil {
				t.Error(err)
			}
		})
	}
	callers.Wait()
	require.Equal(t, 2, faults.Seen(vfs.OpSync), "of the log and of its end file")
	log.mu.Lock()
	log.expected, log.until = 3, time.Now().Add(-time.Hour)
	log.mu.Unlock()
	require.NoError(t, log.Append(pushOf("nobody else came")))
	require.NoError(t, log.Close())
	require.Len(t, *published, 6)
	require.ErrorIs(t, log.Append(pushOf("late")), ErrClosed)
	require.ErrorIs(t, log.Close(), ErrClosed)
}

// What was pushed is what is recovered, with its hash, across files.
func TestRecover(t *testing.T) {
	disk := newDisk(t)
	log, _ := openedLog(t, disk)
	for i := range 4 {
		if i == 2 {
			log.BeginFile()
		}
		require.NoError(t, log.Append(pushOf(fmt.Sprint(i))))
	}
	log.Wait()
	files, err := log.ListFiles()
	require.NoError(t, err)
	require.Equal(t, []uint64{1, 3}, files)
	hash := log.Hash()
	require.NoError(t, log.Close())

	again := New(Options{FS: disk, Dir: "/hot"})
	var texts []string
	require.NoError(t, again.Recover(t.Context(), Proof{IsSigned: isSigned, Sealed: 4, Hash: hash}, func(p *Push) error {
		require.Equal(t, storeID, p.StoreID)
		require.EqualValues(t, len(texts)+1, p.Sequence)
		events, ok := CutTexts(p.Text)
		require.True(t, ok)
		require.Len(t, events, 1)
		texts = append(texts, string(events[0]))
		return nil
	}))
	require.Equal(t, []string{"0", "1", "2", "3"}, texts)
	require.EqualValues(t, 5, again.Next())
	require.Equal(t, hash, again.Hash())

	// A seal of another hash, or of more pushes, is not met.
	for _, proof := range []Proof{{IsSigned: isSigned, Sealed: 4}, {IsSigned: isSigned, Sealed: 5, Hash: hash}} {
		err = New(Options{FS: disk, Dir: "/hot"}).Recover(t.Context(), proof, func(*Push) error { return nil })
		require.ErrorAs(t, err, new(*vfs.DamagedError))
	}

	// Files that are flushed are given up, but for one that is written over.
	require.NoError(t, again.Remove(4))
	files, err = again.ListFiles()
	require.NoError(t, err)
	require.Equal(t, []uint64{1}, files)
}

// A log whose writer cannot sign takes no push, and is as it was.
func TestPushThatCannotBeSigned(t *testing.T) {
	disk := newDisk(t)
	failing := false
	log := New(Options{FS: disk, Dir: "/hot", Publish: func([]*Push) {}, Sign: func(message []byte) ([]byte, error) {
		if failing {
			return nil, fmt.Errorf("no key")
		}
		return sign(message)
	}})
	require.NoError(t, log.Recover(t.Context(), Proof{}, func(*Push) error { return nil }))
	require.NoError(t, log.Append(pushOf("a")))
	failing = true
	require.ErrorContains(t, log.Append(pushOf("b")), "no key")
	require.NoError(t, log.Failure())
	failing = false
	require.NoError(t, log.Append(pushOf("c")))
	require.NoError(t, log.Close())
	var texts []string
	require.NoError(t, New(Options{FS: disk, Dir: "/hot"}).Recover(t.Context(), Proof{IsSigned: isSigned}, func(p *Push) error {
		texts = append(texts, string(p.Text[TextHead:]))
		return nil
	}))
	require.Equal(t, []string{"a", "c"}, texts)
}

func TestMagicEndsWithTheFormatVersion(t *testing.T) {
	require.Equal(t, fmt.Sprintf("\xffALHOT%d\n", FormatVersion), magic)
}
