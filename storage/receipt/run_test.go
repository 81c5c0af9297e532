package receipt

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/vfs"
)

// writtenRun is the content of a file of some receipts.
func writtenRun(t testing.TB, receipts int) []byte {
	t.Helper()
	var list []Receipt
	for n := range receipts {
		list = append(list, receiptOf(n, noon))
	}
	slices.SortFunc(list, func(a, b Receipt) int { return bytes.Compare(a.Key[:], b.Key[:]) })
	path := filepath.Join(t.TempDir(), "run")
	file, err := vfs.OS.Create(path)
	require.NoError(t, err)
	from := sortedList(list)
	_, err = writeRun(file, &from, int64(receipts))
	require.NoError(t, err)
	require.NoError(t, file.Close())
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	return content
}

func openContent(t testing.TB, content []byte) (*run, vfs.ReadFile, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "run")
	require.NoError(t, os.WriteFile(path, content, 0o600))
	r, err := openRun(vfs.OS, path, 1)
	if err != nil {
		return nil, nil, err
	}
	file, err := vfs.OS.Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { _ = file.Close() })
	return r, file, nil
}

func TestFindInRun(t *testing.T) {
	for _, receipts := range []int{1, 2, int(pageReceipts) - 1, int(pageReceipts), int(pageReceipts) + 1, 5000} {
		r, file, err := openContent(t, writtenRun(t, receipts))
		require.NoError(t, err)
		require.EqualValues(t, receipts, r.receipts)
		require.Equal(t, []int64{noon.UnixMilli(), noon.UnixMilli()}, []int64{r.oldest, r.newest})
		buffer, wrong := make([]byte, pageBytes), 0
		for n := range 2 * receipts {
			key := keyOf(n)
			found, ok, err := r.find(file, key, buffer)
			require.NoError(t, err)
			require.Equal(t, n < receipts, ok)
			if ok {
				require.Equal(t, receiptOf(n, noon), found)
				require.True(t, r.filter.mayHave(&key))
			} else if r.filter.mayHave(&key) {
				wrong++
			}
		}
		require.LessOrEqual(t, wrong, 1+receipts/20, "the filter is worth its memory")
	}
}

// TestKeysThatAreNotSpread: keys that somebody chose are found, too.
func TestKeysThatAreNotSpread(t *testing.T) {
	var list []Receipt
	for n := range 3000 {
		list = append(list, Receipt{Key: Key{0: byte(n / 2900), 14: byte(n >> 8), 15: byte(n)}, Millis: int64(n)})
	}
	slices.SortFunc(list, func(a, b Receipt) int { return bytes.Compare(a.Key[:], b.Key[:]) })
	path := filepath.Join(t.TempDir(), "run")
	out, err := vfs.OS.Create(path)
	require.NoError(t, err)
	from := sortedList(list)
	_, err = writeRun(out, &from, 3000)
	require.NoError(t, err)
	require.NoError(t, out.Close())
	r, err := openRun(vfs.OS, path, 1)
	require.NoError(t, err)
	file, err := vfs.OS.Open(path)
	require.NoError(t, err)
	defer file.Close()
	for _, want := range list {
		found, ok, err := r.find(file, want.Key, make([]byte, pageBytes))
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, want, found)
	}
}

// TestDamagedRun: no damaged byte makes another receipt of one.
func TestDamagedRun(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	content := writtenRun(t, 150)
	buffer := make([]byte, pageBytes)
	damaged := 0
	for at := 0; at < len(content); at += 7 {
		changed := slices.Clone(content)
		changed[at] ^= 1 << (at % 8)
		r, file, err := openContent(t, changed)
		if err != nil {
			require.ErrorIs(t, err, errDamaged)
			damaged++
			continue
		}
		for n := range 160 {
			found, ok, err := r.find(file, keyOf(n), buffer)
			if err != nil {
				require.ErrorIs(t, err, errDamaged)
				damaged++
				break
			}
			require.Equal(t, n < 150, ok)
			if ok {
				require.Equal(t, receiptOf(n, noon), found)
			}
		}
	}
	require.Greater(t, damaged, 2*pageBytes/7)
	for cut := 0; cut < len(content); cut += 101 {
		_, _, err := openContent(t, content[:cut])
		require.ErrorIs(t, err, errDamaged)
	}
}

// TestDamagedRunIsSetAside: the channel's other receipts stay, and pushing works.
func TestDamagedRunIsSetAside(t *testing.T) {
	options := Options{FS: vfs.OS, Dir: filepath.Join(t.TempDir(), "channels"), MaxRunReceipts: 2}
	m := newMemory(t, options)
	require.NoError(t, m.Settle(channelID, pushOnce(t, m, noon, 1, 2)))
	require.NoError(t, m.Settle(channelID, pushOnce(t, m, noon, 3, 4)))
	path := filepath.Join(m.folder(channelID), "00000000000000000001"+runSuffix)
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	content[20] ^= 1
	require.NoError(t, os.WriteFile(path, content, 0o600))
	m = newMemory(t, options)
	require.FileExists(t, path+damagedSuffix)
	require.Len(t, pushOnce(t, m, noon, 1, 2, 3, 4), 2)
	content[20] ^= 1
	content[pageBytes+5] ^= 1
	require.NoError(t, os.WriteFile(path, content, 0o600))
	m = newMemory(t, options)
	require.Len(t, pushOnce(t, m, noon, 1, 2, 3, 4), 2, "a page is damaged")
}

// FuzzRun: a file of any bytes is refused, or can be searched without harm.
func FuzzRun(f *testing.F) {
	f.Add(writtenRun(f, 1))
	f.Add(writtenRun(f, 110))
	f.Add([]byte(runMagic))
	f.Fuzz(func(t *testing.T, content []byte) {
		r, file, err := openContent(t, content)
		if err != nil {
			require.ErrorIs(t, err, errDamaged)
			return
		}
		for n := range 3 {
			if _, _, err := r.find(file, keyOf(n), make([]byte, pageBytes)); err != nil {
				require.ErrorIs(t, err, errDamaged)
			}
		}
	})
}
