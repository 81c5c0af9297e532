package storage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
)

// ledgerCommit adds events of a file to the lake and to the ledger.
func ledgerCommit(t *testing.T, l *Lake, file string, events ...event) {
	t.Helper()
	w := newWriter(t, l)
	require.NoError(t, w.Append(record(t, events)))
	require.NoError(t, w.Commit(ctx, catalog.ImportChange{
		Files:     []catalog.ImportedFile{{StoreID: storeID, ContentSHA256: file, RowsAdded: int64(len(events))}},
		Locations: []catalog.ImportedLocation{{StoreID: storeID, Location: "/logs/" + file, ContentSHA256: file}},
		Usage:     []catalog.Usage{{StoreID: storeID, Day: 1, IngestedEvents: int64(len(events))}},
	}))
	w.Abort()
}

// requireReadOnly checks that a lake answers and refuses every change with one error, and that nothing was removed.
func requireReadOnly(t *testing.T, l *Lake, reason string) {
	t.Helper()
	require.ErrorContains(t, l.checkChangeable(), reason)
	require.ErrorContains(t, l.checkChangeable(), "auditlake --lake "+l.Dir()+" rebuild")
	files := segmentFiles(t, l)
	_, err := snapshot(t, l).Scan(ScanRequest{StoreID: storeID})
	require.ErrorContains(t, err, reason, "an answer could be short")
	changes := map[string]func() error{
		"write":  func() error { _, err := l.NewWriter(testStore()); return err },
		"push":   func() error { return tryPush(t, l, event{at: noon, name: "x"}) },
		"flush":  func() error { return l.Flush(ctx) },
		"expire": func() error { _, err := l.Expire(ctx, storeID, time.Now().AddDate(100, 0, 0)); return err },
		"drop":   func() error { return l.DropStore(ctx, storeID) },
		"settings": func() error {
			return l.Catalog().Update(ctx, func(tx *catalog.Tx) error { return tx.PutStore(testStore()) })
		},
		"table": func() error { return l.CreateTable(ctx, &catalog.Table{Name: "t"}, nil, nil) },
	}
	for name, change := range changes {
		var unproven *UnprovenError
		require.ErrorAs(t, change(), &unproven, name)
	}
	require.Equal(t, files, segmentFiles(t, l))
}

// replaceCatalog puts a copy of a catalog in the place of the lake's.
func replaceCatalog(t *testing.T, dir, with string) {
	t.Helper()
	require.NoError(t, os.RemoveAll(filepath.Join(dir, catalogFolder)))
	copyTree(t, with, filepath.Join(dir, catalogFolder))
}

// An older copy of the catalog is put in place: what it does not name stays, the lake says so, and with the right
// catalog all is as it was.
// What was set aside may hold the only copy of rows, so none of it goes while nothing proves the catalog.
func TestNothingSetAsideGoesWithoutProof(t *testing.T) {
	dir, older := t.TempDir(), filepath.Join(t.TempDir(), "older")
	l := openLake(t, dir, nil)
	putStore(t, l)
	ledgerCommit(t, l, "a", event{at: noon, name: "a"})
	require.NoError(t, l.Close())
	copyTree(t, filepath.Join(dir, catalogFolder), older)
	l = openLake(t, dir, nil)
	ledgerCommit(t, l, "b", event{at: noon, name: "b"})
	ledgerCommit(t, l, "c", event{at: noon, name: "c"})
	require.NoError(t, l.setAside(filepath.Join(l.storesPath(), segmentFiles(t, l)[0]), l.storePath(storeID), "a test", 0))
	require.NoError(t, l.Close())
	replaceCatalog(t, dir, older)

	l = openLake(t, dir, nil)
	defer l.Close()
	requireReadOnly(t, l, "the catalog is older than the files beside it")
	l.now = func() time.Time { return time.Now().Add(2 * defaultOrphanWait) }
	l.clock.trust(l.now())
	require.NoError(t, l.RemoveOrphans(ctx))
	orphans, err := l.Orphans()
	require.NoError(t, err)
	require.Len(t, orphans, 1)
}

func TestOlderCatalogOpensReadOnly(t *testing.T) {
	dir, older, newer := t.TempDir(), filepath.Join(t.TempDir(), "older"), filepath.Join(t.TempDir(), "newer")
	l := openLake(t, dir, nil)
	putStore(t, l)
	ledgerCommit(t, l, "a", event{at: noon, name: "a"})
	require.NoError(t, l.Close())
	copyTree(t, filepath.Join(dir, catalogFolder), older)
	l = openLake(t, dir, nil)
	ledgerCommit(t, l, "b", event{at: noon, name: "b"})
	ledgerCommit(t, l, "c", event{at: noon.AddDate(0, 0, 1), name: "c"})
	files := segmentFiles(t, l)
	require.NoError(t, l.Close())
	copyTree(t, filepath.Join(dir, catalogFolder), newer)

	replaceCatalog(t, dir, older)
	for range 2 {
		l = openLake(t, dir, nil)
		requireReadOnly(t, l, "the catalog is older than the files beside it: its chain has 3 entries")
		require.Equal(t, files, segmentFiles(t, l))
		l.answerUnproven = true
		require.Equal(t, []string{"a"}, names(t, snapshot(t, l), ScanRequest{}))
		require.NoError(t, l.Close())
	}
	replaceCatalog(t, dir, newer)
	l = openLake(t, dir, nil)
	defer l.Close()
	require.NoError(t, l.checkChangeable())
	require.Equal(t, files, segmentFiles(t, l))
	require.Equal(t, []string{"a", "b", "c"}, names(t, snapshot(t, l), ScanRequest{}))
	require.Empty(t, problems(t, l, ChainTrust{}))
}

// What may be missing or wrong beside the catalog, and what the lake says of it.
func TestProofOfCurrency(t *testing.T) {
	if testing.Short() {
		t.Skip("one change after the other; the unit stage runs it")
	}
	headPath := func(dir string) string { return filepath.Join(dir, headFile) }
	commitFile := func(dir, number string) string {
		return filepath.Join(dir, commitsFolder, "0000000000000000000"+number+commitSuffix)
	}
	older := func(t *testing.T, dir string) []byte { // the head of one commit before
		t.Helper()
		content, err := os.ReadFile(headPath(dir))
		require.NoError(t, err)
		mark, generation, ok := parseHeadFile(content)
		require.True(t, ok)
		clear(content[generation%2*headSlotBytes:][:headMarkBytes])
		before, _, ok := parseHeadFile(content)
		require.True(t, ok)
		require.Equal(t, mark.entries-1, before.entries)
		return content
	}
	for _, tt := range []struct {
		name   string
		change func(t *testing.T, dir string)
		reason string // empty: the lake can be changed
	}{
		{"nothing", func(*testing.T, string) {}, ""},
		{"no head", func(t *testing.T, dir string) { require.NoError(t, os.Remove(headPath(dir))) }, "head, which says how far the catalog must reach, is missing"},
		{"empty head", func(t *testing.T, dir string) { require.NoError(t, os.Truncate(headPath(dir), 0)) }, "head, which says how far the catalog must reach, is damaged"},
		{"long head", func(t *testing.T, dir string) { require.NoError(t, os.Truncate(headPath(dir), 1<<20)) }, "head, which says how far the catalog must reach, is damaged"},
		{"head of before the last commit", func(t *testing.T, dir string) {
			require.NoError(t, os.WriteFile(headPath(dir), older(t, dir), 0o600))
		}, ""},
		{"head of before the last commit, whose file is gone", func(t *testing.T, dir string) {
			require.NoError(t, os.WriteFile(headPath(dir), older(t, dir), 0o600))
			require.NoError(t, os.Remove(commitFile(dir, "3")))
		}, "entry 3 of the catalog's chain is neither"},
		{"head of before the last commit, whose file is another", func(t *testing.T, dir string) {
			require.NoError(t, os.WriteFile(headPath(dir), older(t, dir), 0o600))
			content, err := os.ReadFile(commitFile(dir, "2"))
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(commitFile(dir, "3"), content, 0o600))
		}, "damaged file"},
		{"files of commits after the end", func(t *testing.T, dir string) {
			for _, number := range []string{"4", "5"} {
				c := commitRecord{first: uint64(number[0] - '0'), entries: []commitEntry{{stored: &catalog.StoredChainEntry{Signature: make([]byte, 64), Body: []byte("{}")}}}}
				require.NoError(t, os.WriteFile(commitFile(dir, number), c.encode(), 0o600))
			}
		}, "the catalog is older than it"},
		{"format version set back", func(t *testing.T, dir string) {
			rawCatalog(t, dir, func(txn *badger.Txn) { rawSet(t, txn, "format", []byte{0, 0, 0, 3}) })
		}, "the catalog has format version 3"},
		{"last entry exchanged", func(t *testing.T, dir string) {
			rawCatalog(t, dir, func(txn *badger.Txn) { rawSet(t, txn, chainKey(3), rawGet(t, txn, chainKey(2))) })
		}, "is not the one that the catalog's head names"},
		{"last entry removed", func(t *testing.T, dir string) {
			rawCatalog(t, dir, func(txn *badger.Txn) { require.NoError(t, txn.Delete([]byte(chainKey(3)))) })
		}, "the last one is missing"},
		{"end cut off", func(t *testing.T, dir string) {
			rawCatalog(t, dir, func(txn *badger.Txn) { cutChain(t, txn, 3) })
		}, "the catalog is older than the files beside it: its chain has 3 entries"},
		{"signature changed", func(t *testing.T, dir string) {
			rawCatalog(t, dir, func(txn *badger.Txn) {
				value := rawGet(t, txn, chainKey(3))
				value[7] ^= 1
				rawSet(t, txn, chainKey(3), value)
			})
		}, "its signature does not match"},
		{"mark of what is flushed moved ahead", func(t *testing.T, dir string) {
			rawCatalog(t, dir, func(txn *badger.Txn) { rawSet(t, txn, "flushed", []byte{0, 0, 0, 0, 0, 0, 0, 9}) })
		}, "pushes up to 9 are in segments, the chain says up to 0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			l := openLake(t, dir, nil)
			putStore(t, l)
			ledgerCommit(t, l, "a", event{at: noon, name: "a"})
			ledgerCommit(t, l, "b", event{at: noon, name: "b"})
			files := segmentFiles(t, l)
			require.NoError(t, l.Close())
			tt.change(t, dir)
			for range 2 {
				l = openLake(t, dir, nil)
				require.Equal(t, files, segmentFiles(t, l))
				if tt.reason == "" {
					require.NoError(t, l.checkChangeable())
					require.Empty(t, problems(t, l, ChainTrust{}))
				} else {
					requireReadOnly(t, l, tt.reason)
					l.answerUnproven = true
				}
				require.Equal(t, []string{"a", "b"}, names(t, snapshot(t, l), ScanRequest{}))
				require.NoError(t, l.Close())
			}
		})
	}
}

// cutChain takes the entries from a number on out of the chain, and names the last one that is left its head.
func cutChain(t *testing.T, txn *badger.Txn, from int) {
	t.Helper()
	for _, key := range rawKeys(txn, "chain/")[from:] {
		require.NoError(t, txn.Delete([]byte(key)))
	}
	last := catalog.ParseChainEntry(0, rawGet(t, txn, chainKey(from-1)))
	sum := sha256.Sum256(last.Body)
	head := rawGet(t, txn, "chainhead")
	copy(head, append([]byte{0, 0, 0, 0, 0, 0, 0, byte(from)}, sum[:]...))
	rawSet(t, txn, "chainhead", head)
}

// Who can write the catalog, but has no key, changes a store's rules: the lake says which, no query of the store is
// answered by them, and nothing is removed.
func TestStoreRecordThatWasChanged(t *testing.T) {
	for _, tt := range []struct{ name, from, to, reason string }{
		{"retention", `"RetentionDays":0`, `"RetentionDays":7`, "RetentionDays is 7 instead of 0"},
		{"status", `"Status":"ENABLED"`, `"Status":"PENDING_DELETION"`, `Status is "PENDING_DELETION" instead of "ENABLED"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			l := openLake(t, dir, nil)
			putStore(t, l)
			ledgerCommit(t, l, "a", event{at: noon, name: "a"})
			require.NoError(t, l.Close())
			rawCatalog(t, dir, func(txn *badger.Txn) {
				value := rawGet(t, txn, "store/"+storeID)
				require.Contains(t, string(value), tt.from)
				rawSet(t, txn, "store/"+storeID, bytes.Replace(value, []byte(tt.from), []byte(tt.to), 1))
			})
			l = openLake(t, dir, nil)
			defer l.Close()
			requireReadOnly(t, l, tt.reason)
			require.Equal(t, []string{storeID}, l.Unproven().StoreIDs)
			l.answerUnproven = true
			_, err := snapshot(t, l).Scan(ScanRequest{StoreID: storeID})
			require.ErrorContains(t, err, tt.reason)
			got := problems(t, l, ChainTrust{})
			require.Len(t, got, 1)
			require.Contains(t, got[0], tt.reason)
		})
	}
}

// The import ledger is wiped, so that the same files are imported again: verify names it.
func TestLedgerThatWasChanged(t *testing.T) {
	wipe := func(t *testing.T, txn *badger.Txn) {
		for _, prefix := range []string{"file/", "location/"} {
			for _, key := range rawKeys(txn, prefix) {
				require.NoError(t, txn.Delete([]byte(key)))
			}
		}
	}
	added := func(count int) func(t *testing.T, txn *badger.Txn) {
		return func(t *testing.T, txn *badger.Txn) {
			for n := range count {
				rawSet(t, txn, fmt.Sprintf("file/%s/z%02d", storeID, n), rawGet(t, txn, rawKeys(txn, "file/")[0]))
			}
		}
	}
	named := func(count int) (problems []string) {
		for n := range count {
			problems = append(problems, fmt.Sprintf("no entry of the chain made the import ledger's record file/%s/z%02d", storeID, n))
		}
		return problems
	}
	for _, tt := range []struct {
		name   string
		change func(t *testing.T, txn *badger.Txn)
		again  bool
		want   []string
	}{
		{"nothing", func(*testing.T, *badger.Txn) {}, false, nil},
		{"as many records added as are named", added(maxNamedRecords), false, named(maxNamedRecords)},
		{"one more", added(maxNamedRecords + 1), false, append(named(maxNamedRecords), "1 more records of the import ledger are not those that the chain holds")},
		{"wiped", wipe, false, []string{"2 records of the import ledger were removed without an entry"}},
		{"wiped, and imported again", wipe, true, []string{
			"chain entry 3: it changes the import ledger's record file/" + storeID + "/a, which was not as the chain had left it",
			"chain entry 3: it changes the import ledger's record location/",
		}},
		{"record changed", func(t *testing.T, txn *badger.Txn) {
			key := rawKeys(txn, "file/")[0]
			rawSet(t, txn, key, bytes.Replace(rawGet(t, txn, key), []byte(`"RowsAdded":1`), []byte(`"RowsAdded":0`), 1))
		}, false, []string{"the import ledger's record file/" + storeID + "/a is not the one that the chain holds"}},
		{"record added", func(t *testing.T, txn *badger.Txn) {
			rawSet(t, txn, "file/"+storeID+"/z", rawGet(t, txn, rawKeys(txn, "file/")[0]))
		}, false, []string{"no entry of the chain made the import ledger's record file/" + storeID + "/z"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			l := openLake(t, dir, nil)
			putStore(t, l)
			ledgerCommit(t, l, "a", event{at: noon, name: "a"})
			require.NoError(t, l.Close())
			rawCatalog(t, dir, func(txn *badger.Txn) { tt.change(t, txn) })
			l = openLake(t, dir, nil)
			defer l.Close()
			if tt.again {
				ledgerCommit(t, l, "a", event{at: noon, name: "a"})
			}
			got := problems(t, l, ChainTrust{})
			require.Len(t, got, len(tt.want), "%q", got)
			for i, want := range tt.want {
				require.Contains(t, got[i], want)
			}
		})
	}
}

// A commit file that is missing or damaged is named by verify, by its number or path.
func TestCommitFilesThatWereChanged(t *testing.T) {
	dir := t.TempDir()
	l := openLake(t, dir, nil)
	putStore(t, l)
	ledgerCommit(t, l, "a", event{at: noon, name: "a"})
	ledgerCommit(t, l, "b", event{at: noon, name: "b"})
	defer l.Close()
	path := l.commitPath(2)
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	step := 1
	if testing.Short() {
		step = 17
	}
	for at := 0; at < len(content); at += step {
		damaged := bytes.Clone(content)
		damaged[at] ^= 0x10
		require.NoError(t, os.WriteFile(path, damaged, 0o600))
		require.Contains(t, problems(t, l, ChainTrust{})[0], path)
	}
	require.NoError(t, os.Remove(path))
	require.Contains(t, problems(t, l, ChainTrust{})[0], "chain entry 2: its commit file is missing")
	require.NoError(t, os.WriteFile(path, content, 0o600))
	require.Empty(t, problems(t, l, ChainTrust{}))
}

// The process ends between a transaction and the commit file before it, or the head after it.
func TestKilledAroundTheTransactionOfACommit(t *testing.T) {
	if testing.Short() {
		t.Skip("one change after the other; the unit stage runs it")
	}
	for _, when := range []string{"before", "after"} {
		t.Run(when, func(t *testing.T) {
			l := newLake(t)
			ledgerCommit(t, l, "a", event{at: noon, name: "a"})
			left := t.TempDir()
			if when == "before" {
				require.ErrorIs(t, l.Catalog().Update(ctx, func(tx *catalog.Tx) error {
					if err := tx.PutStore(&catalog.Store{ID: storeID, Name: "main", Category: "Management", RetentionDays: 9}); err != nil {
						return err
					}
					require.NoError(t, l.sealCommit(tx))
					copyTree(t, l.Dir(), left)
					return context.Canceled
				}), context.Canceled)
			} else {
				head, err := os.ReadFile(l.headPath())
				require.NoError(t, err)
				ledgerCommit(t, l, "b", event{at: noon, name: "b"})
				copyTree(t, l.Dir(), left)
				require.NoError(t, os.WriteFile(filepath.Join(left, headFile), head, 0o600))
			}
			after := openLake(t, left, nil)
			defer after.Close()
			require.NoError(t, after.checkChangeable())
			require.Empty(t, problems(t, after, ChainTrust{}))
			want := []string{"a"}
			if when == "after" {
				want = append(want, "b")
			} else {
				require.FileExists(t, filepath.Join(left, commitsFolder, orphanedFolder, filepath.Base(l.commitPath(3))))
			}
			require.Equal(t, want, names(t, snapshot(t, after), ScanRequest{}))
			ledgerCommit(t, after, "c", event{at: noon, name: "c"})
			require.Empty(t, problems(t, after, ChainTrust{}))
		})
	}
}
