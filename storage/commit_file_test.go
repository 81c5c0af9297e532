package storage

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
)

func commitNumbers(t *testing.T, l *Lake, from uint64) []uint64 {
	t.Helper()
	var numbers []uint64
	require.NoError(t, l.eachCommit(from, nil, func(c *commitRecord) error {
		for _, e := range c.entries {
			numbers = append(numbers, e.stored.Number)
		}
		return nil
	}))
	return numbers
}

// Files of many commits are packed into one; what a process left that was killed meanwhile does no harm.
func TestCommitFilesArePacked(t *testing.T) {
	dir := t.TempDir()
	l := openLake(t, dir, nil)
	l.packAfter = 5
	putStore(t, l)
	for n := range 4 {
		ledgerCommit(t, l, fmt.Sprint(n), event{at: noon, name: fmt.Sprint(n)})
	}
	files, err := l.listCommitFiles()
	require.NoError(t, err)
	require.Less(t, len(files), 6)
	require.True(t, files[0].isPacked)
	require.Equal(t, []uint64{0, 1, 2, 3, 4, 5}, commitNumbers(t, l, 0))
	require.Equal(t, []uint64{5}, commitNumbers(t, l, 5))
	require.Empty(t, problems(t, l, ChainTrust{}))

	left := l.commitPath(files[0].last) // not removed when it was packed
	require.NoError(t, os.WriteFile(left, (&commitRecord{first: files[0].last, entries: []commitEntry{{stored: &catalog.StoredChainEntry{Signature: make([]byte, 64)}}}}).encode(), 0o600))
	require.NoError(t, l.Close())
	l = openLake(t, dir, nil)
	defer l.Close()
	l.packAfter = 5
	require.NoError(t, l.checkChangeable())
	require.Equal(t, []uint64{0, 1, 2, 3, 4, 5}, commitNumbers(t, l, 0))
	for n := range 5 {
		ledgerCommit(t, l, fmt.Sprint("more", n), event{at: noon, name: fmt.Sprint(n)})
	}
	require.NoFileExists(t, left)
	require.Len(t, commitNumbers(t, l, 0), 11)
	require.Empty(t, problems(t, l, ChainTrust{}))
}

// Reading damaged commits, packed commits and head files ends with an error, and never with a panic.
func FuzzCommitFiles(f *testing.F) {
	ledger := bytes.Repeat([]byte("record"), 1000)
	commit := (&commitRecord{first: 7, entries: []commitEntry{
		{stored: &catalog.StoredChainEntry{Signature: make([]byte, 64), Body: []byte("{}")}, ledger: ledger},
		{stored: &catalog.StoredChainEntry{Signature: make([]byte, 64), Body: []byte("{}")}, ledger: []byte("short")},
	}}).encode()
	parsed, err := parseCommit(commit)
	require.NoError(f, err)
	require.Equal(f, ledger, parsed.entries[0].ledger)
	require.Equal(f, "short", string(parsed.entries[1].ledger))
	f.Add(commit)
	f.Add(commit[:40])
	f.Add((&headMark{entries: 3}).encode(4))
	f.Fuzz(func(t *testing.T, content []byte) {
		if c, err := parseCommit(content); err == nil {
			for _, e := range c.entries {
				_, _ = catalog.DecodeLedger(e.ledger)
			}
		}
		// The checksum keeps the fuzzer out; here it is put right.
		if len(content) > 4 {
			rest := bytes.Clone(content[:len(content)-4])
			_, _ = parseCommit(binary.BigEndian.AppendUint32(rest, crc32.Checksum(rest, castagnoli)))
		}
		_, _, _ = parseHeadFile(content)
		_, _ = catalog.DecodeLedger(content)
	})
}
