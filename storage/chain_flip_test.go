package storage

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
)

// killedLake makes a lake with imports, a compaction and changed settings, and returns a copy of its folder as a process
// leaves it that is killed.
func killedLake(t *testing.T) (dir string, rows []string, files []string) {
	t.Helper()
	l := newLake(t)
	for _, name := range []string{"a", "b", "c"} {
		ledgerCommit(t, l, name, event{at: noon, name: name}, event{at: noon.AddDate(0, 0, 1), name: name + name})
	}
	compact(t, l)
	ledgerCommit(t, l, "d", event{at: noon, name: "d"})
	require.NoError(t, l.Catalog().Update(ctx, func(tx *catalog.Tx) error { return tx.AddUsage(catalog.Usage{StoreID: storeID, Queries: 1}) }))
	dir = t.TempDir()
	copyTree(t, l.Dir(), dir)
	return dir, namesNow(t, l), segmentFiles(t, l)
}

// One bit of the catalog's log is flipped, or a part of it is lost, after the process was killed. Nothing is removed, and
// no answer is short: the lake is as it was, or it says which file is damaged, keeps a copy of it as it was found, and
// answers and changes nothing.
func TestDamagedLogOfAKilledCatalog(t *testing.T) {
	t.Parallel() // its lakes are its own
	const flips = 12
	if testing.Short() {
		t.Skip("too long under the race detector; the unit stage runs it")
	}
	dir, rows, files := killedLake(t)
	logs, err := filepath.Glob(filepath.Join(dir, catalogFolder, "*.mem"))
	require.NoError(t, err)
	require.Len(t, logs, 1)
	whole, err := os.ReadFile(logs[0])
	require.NoError(t, err)
	used := len(bytes.TrimRight(whole, "\x00"))
	r := rand.New(rand.NewPCG(1, 2))
	damages := map[string][]byte{}
	for range flips {
		at := 20 + r.IntN(used-20)
		flipped := bytes.Clone(whole)
		flipped[at] ^= 1 << r.IntN(8)
		damages[fmt.Sprintf("flip at %d of %d", at, used)] = flipped
	}
	for range 2 {
		at := 20 + r.IntN(used-20)
		damages[fmt.Sprintf("cut off at %d of %d", at, used)] = whole[:at]
		holed := bytes.Clone(whole)
		clear(holed[at:min(used, at+4096)])
		damages[fmt.Sprintf("zeros at %d of %d", at, used)] = holed
	}
	refused := 0
	for name, content := range damages {
		damaged := t.TempDir()
		copyTree(t, dir, damaged)
		log := filepath.Join(damaged, catalogFolder, filepath.Base(logs[0]))
		require.NoError(t, os.WriteFile(log, content, 0o600))
		for range 2 {
			l, err := Open(ctx, damaged, Options{Decoder: decodeEvents(t)})
			if err != nil {
				require.ErrorContains(t, err, filepath.Join(damaged, catalogFolder), name)
				refused++
				break
			}
			require.Equal(t, files, segmentFiles(t, l), name)
			got, err := readAllNames(l)
			if unproven := l.Unproven(); unproven != nil {
				require.Error(t, err, name)
				requireReadOnly(t, l, unproven.Reason)
				refused++
				if bytes.Contains([]byte(name), []byte("flip")) {
					require.Contains(t, unproven.Reason, log, name)
					now, err := os.ReadFile(log)
					require.NoError(t, err)
					require.Equal(t, content, now, "it is as it was found: %s", name)
				}
			} else {
				require.NoError(t, err, name)
				require.Equal(t, rows, got, name)
				require.Empty(t, problems(t, l, ChainTrust{}), name)
			}
			require.NoError(t, l.Close())
		}
		copies, err := filepath.Glob(filepath.Join(damaged, "catalog.damaged-*"))
		require.NoError(t, err)
		require.LessOrEqual(t, len(copies), 1, name)
		for _, copied := range copies {
			now, err := os.ReadFile(filepath.Join(copied, filepath.Base(log)))
			require.NoError(t, err)
			require.True(t, bytes.Equal(content, now), name)
		}
		// With the right log back all is as it was.
		require.NoError(t, os.RemoveAll(filepath.Join(damaged, catalogFolder)))
		copyTree(t, filepath.Join(dir, catalogFolder), filepath.Join(damaged, catalogFolder))
		l := openLake(t, damaged, nil)
		require.NoError(t, l.checkChangeable(), name)
		require.Equal(t, rows, namesNow(t, l), name)
		require.Equal(t, files, segmentFiles(t, l), name)
		require.NoError(t, l.Close())
	}
	require.Greater(t, refused, flips, "most damages are found")
}

func readAllNames(l *Lake) ([]string, error) {
	s, err := l.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	sc, err := s.Scan(ScanRequest{StoreID: storeID})
	if err != nil {
		return nil, err
	}
	list, err := readNames(sc)
	slices.Sort(list)
	return list, err
}
