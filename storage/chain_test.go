package storage

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/dgraph-io/badger/v4"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
)

// problems are what a check of the chain finds.
func problems(t *testing.T, l *Lake, trust ChainTrust) []string {
	t.Helper()
	found, err := snapshot(t, l).CheckChain(ctx, trust)
	require.NoError(t, err)
	var list []string
	for _, problem := range found.Problems {
		list = append(list, problem.Error())
	}
	return list
}

// changedLake makes a lake with eight entries in its chain: begin, the store, four imports, a compaction, an expiry.
func changedLake(t *testing.T, dir string) *Lake {
	t.Helper()
	l := openLake(t, dir, nil)
	putStore(t, l)
	commit(t, l, event{at: day(1), name: "expires"})
	commit(t, l, event{at: day(2), name: "a"})
	commit(t, l, event{at: day(2), name: "b"})
	commit(t, l, event{at: day(3), name: "c"})
	compact(t, l)
	_, err := l.Expire(ctx, storeID, day(2))
	require.NoError(t, err)
	return l
}

func TestChainTellsEachChange(t *testing.T) {
	l := changedLake(t, t.TempDir())
	defer l.Close()
	head, err := l.ChainHead()
	require.NoError(t, err)
	require.EqualValues(t, 8, head.Entries)
	require.Equal(t, []byte(l.key.Public().(ed25519.PublicKey)), head.Key)

	var kinds []catalog.ChangeKind
	var hashes []string
	require.NoError(t, l.Catalog().View(func(tx *catalog.Tx) error {
		for stored, err := range tx.Chain() {
			require.NoError(t, err)
			entry, err := stored.Entry()
			require.NoError(t, err)
			kinds = append(kinds, entry.Kind)
			hashes = append(hashes, stored.Hash())
		}
		return nil
	}))
	require.Equal(t, []catalog.ChangeKind{catalog.ChangeBegin, catalog.ChangeStore, catalog.ChangeImport, catalog.ChangeImport,
		catalog.ChangeImport, catalog.ChangeImport, catalog.ChangeCompact, catalog.ChangeExpire}, kinds)
	require.Equal(t, head.Hash, hashes[7])

	trust := ChainTrust{Keys: []ed25519.PublicKey{head.Key}}
	for i, hash := range hashes {
		trust.Head = hash
		found, err := snapshot(t, l).CheckChain(ctx, trust)
		require.NoError(t, err)
		require.Empty(t, found.Problems)
		require.Equal(t, head, found.Head)
		require.EqualValues(t, 7-i, found.AfterHead)
	}
}

func TestChainOfADroppedStore(t *testing.T) {
	l := changedLake(t, t.TempDir())
	defer l.Close()
	require.NoError(t, l.DropStore(ctx, storeID))
	require.Empty(t, problems(t, l, ChainTrust{}))
	head, err := l.ChainHead()
	require.NoError(t, err)
	require.EqualValues(t, 10, head.Entries, "the record with the expiries, and the segments")
}

// rawCatalog changes the catalog of a closed lake past all that storage does.
func rawCatalog(t *testing.T, dir string, change func(txn *badger.Txn)) {
	t.Helper()
	db, err := badger.Open(badger.DefaultOptions(filepath.Join(dir, catalogFolder)).WithLogger(nil))
	require.NoError(t, err)
	require.NoError(t, db.Update(func(txn *badger.Txn) error { change(txn); return nil }))
	require.NoError(t, db.Close())
}

func rawGet(t *testing.T, txn *badger.Txn, key string) []byte {
	t.Helper()
	item, err := txn.Get([]byte(key))
	require.NoError(t, err)
	value, err := item.ValueCopy(nil)
	require.NoError(t, err)
	return value
}

func rawSet(t *testing.T, txn *badger.Txn, key string, value []byte) {
	t.Helper()
	require.NoError(t, txn.Set([]byte(key), value))
}

// rawKeys lists keys in order.
func rawKeys(txn *badger.Txn, prefix string) []string {
	it := txn.NewIterator(badger.IteratorOptions{Prefix: []byte(prefix)})
	defer it.Close()
	var keys []string
	for it.Rewind(); it.Valid(); it.Next() {
		keys = append(keys, string(it.Item().KeyCopy(nil)))
	}
	return keys
}

func chainKey(number int) string { return fmt.Sprintf("chain/%020d", number) }

func TestTamperingIsFound(t *testing.T) {
	if testing.Short() {
		t.Skip("too long under the race detector; the unit stage runs it")
	}
	replaceIn := func(t *testing.T, txn *badger.Txn, key, old, new string) {
		value := rawGet(t, txn, key)
		require.Contains(t, string(value), old)
		rawSet(t, txn, key, bytes.Replace(value, []byte(old), []byte(new), 1))
	}
	for _, tt := range []struct {
		name   string
		tamper func(t *testing.T, txn *badger.Txn)
		want   []string // beginnings of the problems
	}{
		{"nothing", func(*testing.T, *badger.Txn) {}, nil},
		{"entry changed", func(t *testing.T, txn *badger.Txn) {
			replaceIn(t, txn, chainKey(5), `"Rows":1`, `"Rows":2`)
		}, []string{"chain entry 5: was changed", "chain: the manifest's record of segment"}},
		{"entry damaged", func(t *testing.T, txn *badger.Txn) {
			replaceIn(t, txn, chainKey(7), `{"Number"`, `["Number"`)
		}, []string{"chain entry 7: cannot be read", "chain: segment"}},
		{"entry of another format", func(t *testing.T, txn *badger.Txn) {
			rawSet(t, txn, chainKey(7), append([]byte{9}, rawGet(t, txn, chainKey(7))[1:]...))
		}, []string{"chain entry 7: cannot be read", "chain: segment"}},
		{"entry without a signature", func(t *testing.T, txn *badger.Txn) {
			rawSet(t, txn, chainKey(7), []byte{1})
		}, []string{"chain entry 7: cannot be read", "chain: segment"}},
		{"key of the head changed", func(t *testing.T, txn *badger.Txn) {
			value := rawGet(t, txn, "chainhead")
			value[len(value)-1]++
			rawSet(t, txn, "chainhead", value)
		}, []string{"chain: the catalog says that"}},
		{"signature changed", func(t *testing.T, txn *badger.Txn) {
			value := rawGet(t, txn, chainKey(3))
			value[1]++
			rawSet(t, txn, chainKey(3), value)
		}, []string{"chain entry 3: was changed"}},
		{"entry removed", func(t *testing.T, txn *badger.Txn) {
			require.NoError(t, txn.Delete([]byte(chainKey(4))))
		}, []string{"chain entry 4: is missing", "chain entry 6: removes segment"}},
		{"entries reordered", func(t *testing.T, txn *badger.Txn) {
			a, b := rawGet(t, txn, chainKey(3)), rawGet(t, txn, chainKey(4))
			rawSet(t, txn, chainKey(3), b)
			rawSet(t, txn, chainKey(4), a)
		}, []string{"chain entry 3: was entry 4 before: entries were reordered", "chain entry 4: was entry 3 before"}},
		{"end cut off", func(t *testing.T, txn *badger.Txn) {
			require.NoError(t, txn.Delete([]byte(chainKey(7))))
		}, []string{"chain: the catalog says that it has 8 entries, but it has 7", "chain: segment", "chain: no entry of the chain made the import ledger's record expiry/"}},
		{"all gone", func(t *testing.T, txn *badger.Txn) {
			for _, key := range rawKeys(txn, "chain") {
				require.NoError(t, txn.Delete([]byte(key)))
			}
		}, []string{"chain: there is none", "chain: segment", "chain: segment"}},
		{"segment taken out", func(t *testing.T, txn *badger.Txn) {
			require.NoError(t, txn.Delete([]byte(rawKeys(txn, "segment/")[0])))
		}, []string{"chain: segment"}},
		{"record changed", func(t *testing.T, txn *badger.Txn) {
			replaceIn(t, txn, rawKeys(txn, "segment/")[0], `"MinTime":17`, `"MinTime":18`)
		}, []string{"chain: the manifest's record of segment"}},
		{"segment added", func(t *testing.T, txn *badger.Txn) {
			body, err := json.Marshal(&catalog.Segment{StoreID: storeID, Day: 3, Name: "x"})
			require.NoError(t, err)
			rawSet(t, txn, "segment/"+storeID+"/1970-01-04/x", append([]byte{1}, body...))
		}, []string{"chain: segment x of store " + storeID + ", day 1970-01-04 is in the manifest, but no entry added it"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, changedLake(t, dir).Close())
			rawCatalog(t, dir, func(txn *badger.Txn) { tt.tamper(t, txn) })
			l := openLake(t, dir, nil)
			defer l.Close()
			got := problems(t, l, ChainTrust{})
			require.Len(t, got, len(tt.want), "%q", got)
			for i, want := range tt.want {
				require.Contains(t, got[i], want)
			}
		})
	}
}

// Who has no key changes a segment and its record; what the lake itself does next must not put it right.
func TestCompactionGivesTamperingNoGoodName(t *testing.T) {
	dir := t.TempDir()
	l := openLake(t, dir, nil)
	putStore(t, l)
	commit(t, l, event{at: day(2), name: "a"})
	commit(t, l, event{at: day(2), name: "b"})
	head, err := l.ChainHead()
	require.NoError(t, err)
	trust := ChainTrust{Keys: []ed25519.PublicKey{head.Key}, Head: head.Hash}
	segments, err := snapshot(t, l).Segments(storeID)
	require.NoError(t, err)
	require.NoError(t, l.Close())

	forged := *segments[0]
	forged.SHA256, forged.Bytes = segments[1].SHA256, segments[1].Bytes
	content, err := os.ReadFile(l.SegmentPath(segments[1]))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(l.SegmentPath(&forged), content, 0o600))
	rawCatalog(t, dir, func(txn *badger.Txn) {
		body, err := json.Marshal(&forged)
		require.NoError(t, err)
		rawSet(t, txn, "segment/"+storeID+"/"+forged.Day.String()+"/"+forged.Name, append([]byte{1}, body...))
	})

	l = openLake(t, dir, nil)
	defer l.Close()
	require.Len(t, problems(t, l, trust), 1)
	compact(t, l)
	require.Equal(t, []string{"b", "b"}, names(t, snapshot(t, l), ScanRequest{}))
	got := problems(t, l, trust)
	require.Len(t, got, 1)
	require.Contains(t, got[0], "chain entry 4: removes segment "+forged.Name)
	require.Contains(t, got[0], "differs from what was added")
}

// A lake that is made to look like one of version 1 has its segments adopted: not with the key that is known.
func TestAdoptionDoesNotSignWithTheKeyOfAnEarlierChain(t *testing.T) {
	if testing.Short() {
		t.Skip("one change after the other; the unit stage runs it")
	}
	for _, tt := range []struct {
		name         string
		keep         int
		withoutFiles bool // what lies beside the catalog is removed, too
		unproven     string
	}{
		{"without a chain", 0, true, ""},
		{"with the begin of one", 1, true, ""},
		{"without a chain, with the head file", 0, false, "the catalog is older than the files beside it"},
		{"with the begin of one, and the head file", 1, false, "the catalog has format version 1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			l := changedLake(t, dir)
			head, err := l.ChainHead()
			require.NoError(t, err)
			require.NoError(t, l.Close())
			lookLikeVersion1(t, dir, tt.keep, head.Key)
			if tt.withoutFiles {
				require.NoError(t, os.Remove(l.headPath()))
				require.NoError(t, os.RemoveAll(l.commitsPath()))
			}
			l = openLake(t, dir, nil)
			defer l.Close()
			if tt.unproven != "" {
				require.ErrorContains(t, l.checkChangeable(), tt.unproven)
				return
			}
			require.Empty(t, problems(t, l, ChainTrust{}), "written anew")
			got := problems(t, l, ChainTrust{Keys: []ed25519.PublicKey{head.Key}})
			require.NotEmpty(t, got)
			require.Contains(t, got[0], "chain entry 0: is signed with another key")
		})
	}
}

// lookLikeVersion1 takes all but the first entries out of a chain, and sets the format version back.
func lookLikeVersion1(t *testing.T, dir string, keep int, key []byte) {
	t.Helper()
	rawCatalog(t, dir, func(txn *badger.Txn) {
		begin := sha256.Sum256(rawGet(t, txn, chainKey(0))[65:])
		for _, entry := range rawKeys(txn, "chain/")[keep:] {
			require.NoError(t, txn.Delete([]byte(entry)))
		}
		rawSet(t, txn, "chainhead", slices.Concat([]byte{0, 0, 0, 0, 0, 0, 0, byte(keep)}, begin[:], key))
		rawSet(t, txn, "format", []byte{0, 0, 0, 1})
	})
}

// A chain that is cut off with its head, or written anew with the lake's own key, is sound: only a
// head that was noted elsewhere tells.
func TestOnlyTheHeadTellsARollback(t *testing.T) {
	dir := t.TempDir()
	l := openLake(t, dir, nil)
	putStore(t, l)
	commit(t, l, event{at: day(1), name: "a"})
	require.NoError(t, l.Close())
	earlier := t.TempDir()
	copyTree(t, dir, earlier)

	l = openLake(t, dir, nil)
	commit(t, l, event{at: day(1), name: "b"})
	head, err := l.ChainHead()
	require.NoError(t, err)
	require.NoError(t, l.Close())

	rolledBack := openLake(t, earlier, nil)
	defer rolledBack.Close()
	trust := ChainTrust{Keys: []ed25519.PublicKey{head.Key}}
	require.Empty(t, problems(t, rolledBack, trust))
	trust.Head = head.Hash
	require.Equal(t, []string{"chain: no entry has the hash " + head.Hash + ": the end was cut off, or the chain was rewritten"}, problems(t, rolledBack, trust))
}

func TestLakeWithoutItsKeyGoesOnWithANewOne(t *testing.T) {
	dir := t.TempDir()
	l := changedLake(t, dir)
	old := l.key.Public().(ed25519.PublicKey)
	require.NoError(t, l.Close())
	path := filepath.Join(dir, keyFile)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode())
	require.NoError(t, os.Remove(path))

	l = openLake(t, dir, nil)
	defer l.Close()
	require.Empty(t, problems(t, l, ChainTrust{}), "nothing was signed since")
	commit(t, l, event{at: day(9), name: "signed with another key"})
	now := l.key.Public().(ed25519.PublicKey)
	require.Len(t, problems(t, l, ChainTrust{}), 1)
	got := problems(t, l, ChainTrust{Keys: []ed25519.PublicKey{old}})
	require.Len(t, got, 1)
	require.Contains(t, got[0], "chain entry 8: is signed with another key")
	require.Empty(t, problems(t, l, ChainTrust{Keys: []ed25519.PublicKey{old, now}}))
	require.Len(t, problems(t, l, ChainTrust{Keys: []ed25519.PublicKey{now}}), 8)
}

func TestKeyFileThatIsNone(t *testing.T) {
	for name, content := range map[string]string{
		"empty": "", "text": "key", "another kind": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
		"no key in it": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "large": string(make([]byte, maxKeyBytes+1)),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, openLake(t, dir, nil).Close())
			require.NoError(t, os.WriteFile(filepath.Join(dir, keyFile), []byte(content), 0o600))
			_, err := Open(ctx, dir, Options{})
			require.ErrorContains(t, err, keyFile)
		})
	}
}
