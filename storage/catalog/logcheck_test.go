package catalog

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// unclosedLog makes a catalog with transactions of several entries, each with one of the chain, and returns the log that
// a process leaves that does not close it.
func unclosedLog(t testing.TB, transactions int) []byte {
	t.Helper()
	dir := t.TempDir()
	c, err := Open(dir, Options{})
	require.NoError(t, err)
	for i := range transactions {
		require.NoError(t, c.Update(context.Background(), func(tx *Tx) error {
			for n := range 3 {
				if err := tx.AddUsage(Usage{StoreID: "0b8e6a4e-0d6b-4a52-9f9e-0f5b2f0c9a11", Day: Day(n), Queries: 1}); err != nil {
					return err
				}
			}
			head := binary.BigEndian.AppendUint64(nil, uint64(i)+1)
			if err := tx.setRaw(chainHeadKey, append(head, bytes.Repeat([]byte{7}, chainHeadBytes-8)...)); err != nil {
				return err
			}
			return tx.setRaw(chainKey(uint64(i)), fmt.Appendf(nil, "entry %d", i))
		}))
	}
	logs, err := filepath.Glob(filepath.Join(dir, "*.mem"))
	require.NoError(t, err)
	require.Len(t, logs, 1)
	content, err := os.ReadFile(logs[0])
	require.NoError(t, err)
	require.NoError(t, c.Close())
	end, open := readTransactions(content)
	require.Empty(t, open)
	require.True(t, isZero(content[end:]))
	return content[:end+4096]
}

// lastTransaction returns where the last transaction of a log begins.
func lastTransaction(content []byte) int {
	last := 0
	for cut := len(bytes.TrimRight(content, "\x00")); ; cut-- {
		if end, _ := readTransactions(content[:cut]); last == 0 {
			last = end
		} else if end < last {
			return end
		}
	}
}

// Every flipped bit of a log is damage, but for those of its header, which says nothing.
func TestFlippedBitsOfALog(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	const transactions = 5
	content := unclosedLog(t, transactions)
	require.NoError(t, checkLog(content, transactions))
	end, _ := readTransactions(content)
	for at := logHeaderBytes; at < end; at++ {
		damaged := bytes.Clone(content)
		damaged[at] ^= 1 << (at % 8)
		var found *LogError
		require.ErrorAs(t, checkLog(damaged, transactions), &found, "byte %d of %d", at, end)
		require.LessOrEqual(t, found.Offset, int64(at))
	}
}

// A transaction that was being written is no damage, whatever of it is there: pages reach the disk in any order.
func TestTornEndOfALog(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	const transactions = 5
	content := unclosedLog(t, transactions)
	begin, end := lastTransaction(content), len(bytes.TrimRight(content, "\x00"))
	require.Less(t, begin, end)
	for at := begin; at < end; at++ {
		torn := bytes.Clone(content)
		clear(torn[at:])
		require.NoError(t, checkLog(torn, transactions-1), "cut at %d", at)
		require.NoError(t, checkLog(content[:at], transactions-1), "cut off at %d", at)
		torn = bytes.Clone(content)
		clear(torn[begin:at])
		require.NoError(t, checkLog(torn, transactions-1), "the first part is missing, up to %d", at)
	}
	// If it is known to have been committed, its being torn is damage as long as a part of it shows what it was.
	torn := bytes.Clone(content)
	clear(torn[end-1:])
	require.Error(t, checkLog(torn, transactions))
}

// Zeros and other bytes in the middle of a log are damage.
func TestHolesOfALog(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	const transactions = 5
	content := unclosedLog(t, transactions)
	end := len(bytes.TrimRight(content, "\x00"))
	for at := logHeaderBytes; at < lastTransaction(content)-64; at += 7 {
		damaged := bytes.Clone(content)
		clear(damaged[at : at+64])
		require.Error(t, checkLog(damaged, transactions), "zeros at %d of %d", at, end)
		copy(damaged[at:], bytes.Repeat([]byte{0xff}, 64))
		require.Error(t, checkLog(damaged, transactions), "ones at %d of %d", at, end)
	}
}

func FuzzCheckLog(f *testing.F) {
	content := unclosedLog(f, 2)
	f.Add(content, uint64(2))
	f.Add(content[:100], uint64(0))
	f.Add([]byte(nil), uint64(1))
	f.Fuzz(func(_ *testing.T, content []byte, entries uint64) { _ = checkLog(content, entries) })
}

func TestLogThatEndsWithinItsHeader(t *testing.T) {
	for name, c := range map[string]struct {
		content []byte
		damaged bool
	}{
		"empty":          {nil, false},
		"zeros":          {make([]byte, logHeaderBytes-1), false},
		"another's text": {[]byte("12345\n"), true},
		"a header alone": {append(make([]byte, logHeaderBytes-1), 1), false},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.damaged, isLogDamage(checkLog(c.content, 0))) })
	}
}
