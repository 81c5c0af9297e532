package catalog

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/stretchr/testify/require"
)

var (
	aTime    = time.Date(2026, 1, 31, 10, 11, 12, 0, time.UTC)
	aSegment = &Segment{StoreID: mainID, Day: 20_000, Name: "s", SHA256: "00"}
	aQuery   = &Query{ID: "q", User: "ann", StoreIDs: []string{mainID}, Status: QueryRunning, CreatedAt: aTime}
	sealing  = Sealing{At: aTime, Key: make([]byte, publicKeyBytes), Sign: func([]byte) []byte { return make([]byte, signatureBytes) }, WithState: true}
)

// errOf leaves the error of a call.
func errOf[R any](_ R, err error) error { return err }

// changes are all that a transaction can do to the catalog of changedCatalog, each of which writes.
var changes = map[string]func(*Tx) error{
	"format":          func(tx *Tx) error { return tx.RaiseFormatVersion(FormatVersion) },
	"unchained":       func(tx *Tx) error { return tx.SetUnchained() },
	"new store":       func(tx *Tx) error { return tx.PutStore(store(otherID, "other")) },
	"renamed store":   func(tx *Tx) error { return tx.PutStore(store(mainID, "renamed")) },
	"delete store":    func(tx *Tx) error { return tx.DeleteStore(mainID) },
	"store's records": func(tx *Tx) error { return errOf(tx.DeleteStoreRecords(mainID, 10)) },
	"segments": func(tx *Tx) error {
		return errOf(tx.ChangeSegments([]*Segment{{StoreID: mainID, Name: "new"}}, []*Segment{aSegment}))
	},
	"expiry":       func(tx *Tx) error { return tx.AddExpiry(mainID, 20_001, aTime) },
	"table":        func(tx *Tx) error { return tx.AddTable(&Table{Name: "other"}) },
	"delete table": func(tx *Tx) error { return tx.DeleteTable("hosts") },
	"failure":      func(tx *Tx) error { return tx.PutFailure(&Failure{ImportID: "i"}) },
	"usage":        func(tx *Tx) error { return tx.AddUsage(Usage{StoreID: mainID, Day: 5}) },
	"selectors":    func(tx *Tx) error { return tx.PutAppliedSelectors(&AppliedSelectors{StoreID: mainID}) },
	"last use":     func(tx *Tx) error { return tx.SetLastUse(aTime) },
	"flushed":      func(tx *Tx) error { return tx.SetFlushed(8) },
	"log":          func(tx *Tx) error { return tx.SetLog(ChainLog{Sealed: 9}) },
	"adopting":     func(tx *Tx) error { return tx.SetAdopting("file/x") },
	"adopted":      func(tx *Tx) error { return tx.SetAdopting("") },
	"delete chain": func(tx *Tx) error { return errOf(tx.DeleteChain(10)) },
	"query": func(tx *Tx) error {
		return tx.PutQuery(&Query{ID: "r", StoreIDs: []string{mainID}, Status: QueryQueued, CreatedAt: aTime})
	},
	"delivered query": func(tx *Tx) error {
		return tx.PutQuery(&Query{ID: "d", DeliveryURI: "s3://b", DeliveryStatus: DeliveryPending, Status: QueryFinished, CreatedAt: aTime})
	},
	"alias":            func(tx *Tx) error { return tx.PutAlias(&Alias{Name: "daily"}) },
	"no alias":         func(tx *Tx) error { return tx.DeleteAlias("daily") },
	"signing key":      func(tx *Tx) error { return tx.PutSigningKey(&SigningKey{Fingerprint: "00", ValidFrom: aTime}) },
	"ended query":      func(tx *Tx) error { return tx.PutQuery(&Query{ID: "q", Status: QueryFinished, CreatedAt: aTime}) },
	"delete queries":   func(tx *Tx) error { return errOf(tx.DeleteQueriesBefore(aTime.Add(time.Hour), 10)) },
	"index of queries": func(tx *Tx) error { return errOf(tx.IndexQueries("", aTime.Add(-time.Hour), 10)) },
	"queries removed":  func(tx *Tx) error { return errOf(tx.IndexQueries("", aTime.Add(time.Hour), 10)) },
	"import": func(tx *Tx) error {
		return tx.PutImportChange(&ImportChange{Import: &Import{ID: "i"}, Usage: []Usage{{StoreID: otherID}},
			Files: []ImportedFile{{StoreID: otherID}}, Locations: []ImportedLocation{{StoreID: otherID}}})
	},
	"seal": func(tx *Tx) error {
		tx.Propose(&ChainEntry{Kind: ChangeFlush})
		tx.Propose(&ChainEntry{Kind: ChangeFlush})
		return tx.SealChain(sealing)
	},
	"replayed store": replay(&ChainEntry{Kind: ChangeStore, StoreID: mainID, Store: []byte(`{"Name":"renamed"}`), Stores: "hash", Flushed: 3, Log: &ChainLog{Sealed: 4},
		Added: []ChainSegment{{Name: "new"}}, Removed: []ChainSegment{{Day: aSegment.Day, Name: aSegment.Name}}},
		LedgerChange{Op: LedgerPut, Key: "file/x", Value: []byte("v")}, LedgerChange{Op: LedgerDelete, Key: "file/y"}),
	"replayed drop": replay(&ChainEntry{Kind: ChangeDrop, StoreID: mainID, Stores: "hash"}),
}

func replay(entry *ChainEntry, ledger ...LedgerChange) func(*Tx) error {
	return func(tx *Tx) error {
		body, err := json.Marshal(entry)
		if err != nil {
			return err
		}
		return tx.ReplayEntry(&StoredChainEntry{Number: 7, Signature: make([]byte, signatureBytes), Body: body}, encodeLedger(ledger), make([]byte, publicKeyBytes))
	}
}

// changedCatalog has one of everything.
func changedCatalog(t *testing.T) *Catalog {
	c := open(t, t.TempDir())
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	update(t, c, func(tx *Tx) error {
		require.NoError(t, tx.SetUnchained())
		require.NoError(t, tx.PutStore(store(mainID, "main")))
		require.NoError(t, errOf(tx.ChangeSegments([]*Segment{aSegment}, nil)))
		require.NoError(t, tx.AddTable(&Table{Name: "hosts"}))
		require.NoError(t, tx.PutQuery(aQuery))
		require.NoError(t, tx.PutImportChange(&ImportChange{Import: &Import{ID: "i"}, Files: []ImportedFile{{StoreID: mainID, ContentSHA256: "c"}},
			Locations: []ImportedLocation{{StoreID: mainID, Location: "l"}}, Usage: []Usage{{StoreID: mainID, Day: 5}}}))
		return tx.SealChain(sealing)
	})
	return c
}

// TestReadOnlyTransactionsChangeNothing: each change of a transaction for reading is an error that names the record.
func TestReadOnlyTransactionsChangeNothing(t *testing.T) {
	c := changedCatalog(t)
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, c.View(func(tx *Tx) error {
				err := change(tx)
				require.ErrorIs(t, err, badger.ErrReadOnlyTxn)
				require.ErrorContains(t, err, "catalog: write ")
				return nil
			}))
		})
	}
}

// TestEveryWriteOfAChangeCounts: a change that does not fit a transaction is ErrTooLarge, whichever of its writes is the
// one that does not fit, so that no half of a change is committed.
func TestEveryWriteOfAChangeCounts(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	c := changedCatalog(t)
	fill := func(tx *Tx, count int) (written int, err error) {
		for ; written < count && err == nil; written++ {
			err = tx.setRaw("fill", nil)
		}
		return written, err
	}
	tx := &Tx{txn: c.db.NewTransaction(true)}
	limit, err := fill(tx, 1<<30)
	tx.Discard()
	require.ErrorIs(t, err, ErrTooLarge)
	limit-- // the last one did not fit
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			for room := 0; ; room++ {
				require.Less(t, room, 50)
				tx := &Tx{txn: c.db.NewTransaction(true)}
				require.NoError(t, errOf(fill(tx, limit-room)))
				err := change(tx)
				tx.Discard()
				if err == nil {
					require.Positive(t, room)
					return
				}
				require.ErrorIs(t, err, ErrTooLarge, "room for %d writes", room)
			}
		})
	}
}

// TestEndedTransactionsReadNothing: what is asked of one is an error, not a record that is not there.
func TestEndedTransactionsReadNothing(t *testing.T) {
	c := changedCatalog(t)
	tx := c.Begin()
	tx.Discard()
	for name, read := range map[string]func() error{
		"format":        func() error { return errOf(tx.FormatVersion()) },
		"store":         func() error { return errOf(tx.Store(mainID)) },
		"store by name": func() error { return errOf(tx.StoreByName("main")) },
		"put store":     func() error { return tx.PutStore(store(mainID, "main")) },
		"adopt store":   func() error { return tx.AdoptStore(mainID) },
		"delete store":  func() error { return tx.DeleteStore(mainID) },
		"manifest":      func() error { return errOf(tx.ManifestVersion()) },
		"segment":       func() error { return errOf(tx.HasSegment(aSegment)) },
		"change":        func() error { return errOf(tx.ChangeSegments(nil, nil)) },
		"chain":         func() error { return errOf(tx.ChainHead()) },
		"chain entry":   func() error { return errOf(tx.ChainEntryAt(0)) },
		"last change":   func() error { return errOf(tx.LastChange()) },
		"last use":      func() error { return errOf(tx.LastUse()) },
		"flushed":       func() error { return errOf(tx.Flushed()) },
		"log":           func() error { return errOf(tx.Log()) },
		"expiry":        func() error { return errOf(tx.Expiry(mainID)) },
		"add expiry":    func() error { return tx.AddExpiry(mainID, 1, aTime) },
		"table":         func() error { return errOf(tx.Table("hosts")) },
		"usage":         func() error { return tx.AddUsage(Usage{StoreID: mainID}) },
		"file":          func() error { return tx.PutImportChange(&ImportChange{Files: []ImportedFile{{StoreID: mainID}}}) },
		"query":         func() error { return errOf(tx.Query("q")) },
		"index":         func() error { return errOf(tx.IndexQueries("", aTime, 1)) },
		"stale queries": func() error { return errOf(tx.HasStaleQueries(aTime)) },
		"adopting":      func() error { _, _, err := tx.Adopting(); return err },
	} {
		t.Run(name, func(t *testing.T) { require.ErrorIs(t, read(), badger.ErrDiscardedTxn) })
	}
}

// TestValuesOfAnotherShape: what is no value of its key is an error that says so.
func TestValuesOfAnotherShape(t *testing.T) {
	record := func(text string) []byte { return append([]byte{recordFormat}, text...) }
	head := append(binary.BigEndian.AppendUint64(nil, 1), make([]byte, chainHeadBytes-8)...)
	for name, tt := range map[string]struct {
		key    string
		value  []byte
		read   func(*Tx) error
		reason string
	}{
		"format":           {formatKey, []byte{1, 2, 3}, func(tx *Tx) error { return errOf(tx.FormatVersion()) }, "3 bytes instead of 4"},
		"manifest":         {manifestKey, []byte{1}, func(tx *Tx) error { return errOf(tx.ManifestVersion()) }, "1 bytes instead of 8"},
		"manifest changed": {manifestKey, []byte{1}, func(tx *Tx) error { return errOf(tx.ChangeSegments(nil, nil)) }, "1 bytes instead of 8"},
		"flushed":          {flushedKey, nil, func(tx *Tx) error { return errOf(tx.Flushed()) }, "0 bytes instead of 8"},
		"last use":         {lastUseKey, []byte("yesterday"), func(tx *Tx) error { return errOf(tx.LastUse()) }, "9 bytes instead of 8"},
		"chain head":       {chainHeadKey, []byte("x"), func(tx *Tx) error { return errOf(tx.ChainHead()) }, "the chain's head has 1 bytes instead of 72"},
		"sealed on it":     {chainHeadKey, []byte("x"), func(tx *Tx) error { tx.Propose(&ChainEntry{}); return tx.SealChain(sealing) }, "the chain's head has 1 bytes"},
		"no last entry":    {chainHeadKey, head, func(tx *Tx) error { return tx.delete(chainKey(0)) }, ""},
		"log":              {logKey, []byte{9}, func(tx *Tx) error { return errOf(tx.Log()) }, "unknown format"},
		"log's text":       {logKey, record("{"), func(tx *Tx) error { return errOf(tx.Log()) }, "decode log"},
		"log sealed":       {logKey, record("{"), func(tx *Tx) error { tx.Propose(&ChainEntry{}); return tx.SealChain(sealing) }, "decode log"},
		"flushed sealed":   {flushedKey, nil, func(tx *Tx) error { tx.Propose(&ChainEntry{}); return tx.SealChain(sealing) }, "0 bytes instead of 8"},
		"log over flushed": {flushedKey, nil, func(tx *Tx) error { require.NoError(t, tx.SetLog(ChainLog{Sealed: 2})); return errOf(tx.Log()) }, "0 bytes instead of 8"},
		"store":            {storeKey(mainID), record("{"), func(tx *Tx) error { return tx.PutStore(store(mainID, "renamed")) }, "decode store/"},
		"store dropped":    {storeKey(mainID), record("{"), func(tx *Tx) error { return errOf(tx.DroppedStores()) }, "decode store/"},
		"store replayed":   {storeKey(mainID), record("{"), replay(&ChainEntry{Kind: ChangeDrop, StoreID: mainID}), "decode store/"},
		"usage":            {usageKey(mainID, 5), record("["), func(tx *Tx) error { return tx.AddUsage(Usage{StoreID: mainID, Day: 5}) }, "decode usage/"},
		"usage listed":     {usageKey(mainID, 5), record("["), func(tx *Tx) error { return errOf(collect(tx.Usage(mainID, 0, 9))) }, "decode usage/"},
		"query":            {queryKey("q"), record("["), func(tx *Tx) error { return errOf(tx.OpenQueries(9)) }, "decode query/"},
		"deliveries": {queryKey("q"), record("["), func(tx *Tx) error {
			require.NoError(t, tx.setRaw(deliveryKey("q"), indexValue))
			return errOf(tx.PendingDeliveries(9))
		}, "decode query/"},
		"signing key": {signingKeyPrefix + "0/a", record("["), func(tx *Tx) error { return errOf(tx.SigningKeys()) }, "decode signingkey/"},
		"queries": {queryKey("q"), record("["), func(tx *Tx) error {
			return errOf(tx.LatestQueries(QueryFilter{}, 9, func(*Query) bool { return true }))
		}, "decode query/"},
		"queries indexed":   {queryKey("q"), record("["), func(tx *Tx) error { return errOf(tx.IndexQueries("", aTime, 9)) }, "decode query/"},
		"queries to delete": {queryKey("q"), record("["), func(tx *Tx) error { return errOf(tx.DeleteQueriesBefore(aTime.Add(time.Hour), 9)) }, "decode query/"},
		"chain entry":       {chainKey(0), []byte{9}, func(tx *Tx) error { return errOf(tx.LastChange()) }, "chain entry 0 has an unknown format"},
		"entry's text":      {chainKey(0), append(make([]byte, 1+signatureBytes), '{'), func(tx *Tx) error { return errOf(tx.LastChange()) }, "chain entry 0 has an unknown format"},
		"entry's key":       {chainPrefix + "first", nil, func(tx *Tx) error { return errOf(collect(tx.Chain())) }, `"chain/first" is not the key of a chain entry`},
		"expiry":            {expiryKey(mainID), record("["), func(tx *Tx) error { return tx.AddExpiry(mainID, 1, aTime) }, "decode expiry/"},
	} {
		t.Run(name, func(t *testing.T) {
			c := changedCatalog(t)
			update(t, c, func(tx *Tx) error { return tx.setRaw(tt.key, tt.value) })
			failed := c.Update(context.Background(), tt.read)
			if tt.reason == "" {
				require.NoError(t, failed)
				require.NoError(t, c.View(func(tx *Tx) error {
					require.ErrorContains(t, errOf(tx.LastChange()), "read the last chain entry")
					return nil
				}))
				return
			}
			require.ErrorContains(t, failed, tt.reason)
		})
	}
}

// TestIndexesThatNameNothing: an index without its query is passed over, and deleted when its time has come.
func TestIndexesThatNameNothing(t *testing.T) {
	c := changedCatalog(t)
	update(t, c, func(tx *Tx) error { return tx.delete(queryKey(aQuery.ID)) })
	update(t, c, func(tx *Tx) error {
		open, err := tx.OpenQueries(9)
		require.NoError(t, err)
		require.Empty(t, open)
		latest, err := tx.LatestQueries(QueryFilter{}, 9, func(*Query) bool { return true })
		require.NoError(t, err)
		require.Empty(t, latest)
		require.NotEmpty(t, tx.keys(queryTimePrefix, 9))
		return errOf(tx.DeleteQueriesBefore(aTime.Add(time.Hour), 9))
	})
	require.NoError(t, c.View(func(tx *Tx) error {
		require.Empty(t, tx.keys(queryTimePrefix, 9))
		return nil
	}))
}

// TestRefusals: what is no store, no key and no ledger.
func TestRefusals(t *testing.T) {
	c := changedCatalog(t)
	for name, tt := range map[string]struct {
		change func(*Tx) error
		reason string
	}{
		"store without a name": {func(tx *Tx) error { return tx.PutStore(&Store{ID: mainID}) }, "a store needs a name"},
		"table twice":          {func(tx *Tx) error { return tx.AddTable(&Table{Name: "hosts"}) }, "hosts"},
		"key":                  {func(tx *Tx) error { tx.Propose(&ChainEntry{}); return tx.SealChain(Sealing{Sign: sealing.Sign}) }, "chain entry 1: not an Ed25519 key or signature"},
		"no such store":        {func(tx *Tx) error { return tx.AdoptStore(otherID) }, "read store/" + otherID},
		"replayed text": {func(tx *Tx) error {
			return tx.ReplayEntry(&StoredChainEntry{Signature: []byte{1}, Body: []byte("{")}, nil, nil)
		}, "decode chain entry 0"},
		"replayed record": {replay(&ChainEntry{Number: 7, Kind: ChangeStore, StoreID: mainID, Store: []byte(`"text"`)}), "chain entry 7: record of store " + mainID},
		"replayed ledger": {func(tx *Tx) error {
			return tx.ReplayEntry(&StoredChainEntry{Signature: []byte{1}, Body: []byte("{}")}, []byte("no ledger"), nil)
		}, errLedgerBytes.Error()},
	} {
		t.Run(name, func(t *testing.T) { require.ErrorContains(t, c.Update(context.Background(), tt.change), tt.reason) })
	}
	whole := encodeLedger([]LedgerChange{{Op: LedgerPut, Key: "file/x", Value: []byte("v")}})
	for end := 1; end < len(whole); end++ {
		_, err := DecodeLedger(whole[:end])
		require.ErrorIs(t, err, errLedgerBytes, "%d bytes", end)
	}
	_, err := DecodeLedger(append([]byte{byte(LedgerDelete)}, whole[1:]...))
	require.ErrorIs(t, err, errLedgerBytes, "a deletion with a value")
	require.EqualError(t, &VersionError{Found: 9, Known: 5}, "the lake has format version 9, this program knows versions up to 5: use a newer program")
}

// TestLedgerOfATransaction: of the changes of one record the last counts, also for the chain.
func TestLedgerOfATransaction(t *testing.T) {
	c := changedCatalog(t)
	update(t, c, func(tx *Tx) error {
		file := &ImportedFile{StoreID: mainID, ContentSHA256: "new"}
		require.NoError(t, putLedger(tx, fileKey(mainID, "new"), file))
		require.NoError(t, putLedger(tx, fileKey(mainID, "new"), file))
		require.Len(t, tx.ledger, 1)
		require.Equal(t, LedgerPut, tx.ledger[0].Op)
		require.NoError(t, tx.deleteLedger(fileKey(mainID, "new")))
		require.Len(t, tx.ledger, 1)
		require.Equal(t, LedgerDelete, tx.ledger[0].Op)
		require.Empty(t, tx.ledger[0].Value)
		return nil
	})
}

// killedCatalog is the folder of a catalog whose process was killed: its log holds all of it.
func killedCatalog(t *testing.T) (dir, log string) {
	c := open(t, t.TempDir())
	update(t, c, func(tx *Tx) error { return tx.PutStore(store(mainID, "main")) })
	update(t, c, func(tx *Tx) error { return tx.PutStore(store(otherID, "other")) })
	update(t, c, func(tx *Tx) error { return tx.SetLastUse(aTime) })
	dir = filepath.Join(t.TempDir(), "catalog")
	require.NoError(t, os.Mkdir(dir, 0o700))
	copyFolder(t, c.db.Opts().Dir, dir)
	require.NoError(t, c.Close())
	logs, err := filepath.Glob(filepath.Join(dir, "*.mem"))
	require.NoError(t, err)
	require.Len(t, logs, 1)
	return dir, logs[0]
}

// flip changes a bit of a file.
func flip(t *testing.T, path string, at int) {
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	content[at] ^= 4
	require.NoError(t, os.WriteFile(path, content, 0o600))
}

// TestDamagedLogIsOpenedForReading: of a catalog with a damaged log what stands before the damage can be read, nothing can
// be changed, and the folder stays as it was found, with one copy for each damage.
func TestDamagedLogIsOpenedForReading(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	dir, log := killedCatalog(t)
	content, err := os.ReadFile(log)
	require.NoError(t, err)
	at := bytes.Index(content, []byte("name/other"))
	require.Positive(t, at)
	flip(t, log, at)
	damaged, err := os.ReadFile(log)
	require.NoError(t, err)
	copies := func() []string {
		list, err := filepath.Glob(dir + damagedInfix + "*")
		require.NoError(t, err)
		return list
	}
	for _, readOnly := range []bool{false, true, false} {
		c, err := Open(dir, Options{ReadOnly: readOnly})
		require.NoError(t, err)
		require.ErrorContains(t, c.Damage(), "damaged file "+log)
		require.ErrorIs(t, c.Update(context.Background(), func(*Tx) error { return nil }), ErrReadOnly)
		require.NoError(t, c.View(func(tx *Tx) error {
			require.NoError(t, errOf(tx.StoreByName("main")))
			require.ErrorIs(t, errOf(tx.StoreByName("other")), ErrNotFound)
			return nil
		}))
		require.NoError(t, c.Close())
		kept, err := os.ReadFile(log)
		require.NoError(t, err)
		require.Equal(t, damaged, kept)
		require.Len(t, copies(), 1)
	}
	copied, err := os.ReadFile(filepath.Join(copies()[0], filepath.Base(log)))
	require.NoError(t, err)
	require.Equal(t, damaged, copied)

	flip(t, log, at+1)
	c, err := Open(dir, Options{})
	require.NoError(t, err)
	require.NoError(t, c.Close())
	require.Len(t, copies(), 2)
}

// TestDamagedLogThatCannotBeCopied: without its copy a damaged catalog is not opened.
func TestDamagedLogThatCannotBeCopied(t *testing.T) {
	dir, log := killedCatalog(t)
	flip(t, log, bytes.Index(readAll(t, log), []byte("name/other")))
	require.NoError(t, os.Mkdir(dir+damagedInfix+"earlier", 0o700))
	require.NoError(t, os.Mkdir(filepath.Join(dir+damagedInfix+"earlier", "00001.mem"), 0o700)) // no file
	_, err := Open(dir, Options{})
	require.ErrorContains(t, err, "damaged file "+log)
	require.ErrorContains(t, err, "it cannot be copied")
}

func readAll(t *testing.T, path string) []byte {
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	return content
}

// TestReadOnlyNeedsItsCopy: without room for a temporary copy there is no reading, and the folder is free again.
func TestReadOnlyNeedsItsCopy(t *testing.T) {
	dir, _ := killedCatalog(t)
	t.Setenv("TMPDIR", filepath.Join(dir, "absent"))
	_, err := Open(dir, Options{ReadOnly: true})
	require.ErrorContains(t, err, "temporary copy of the catalog: ")
	require.ErrorIs(t, err, os.ErrNotExist)
	unlock, err := Lock(dir)
	require.NoError(t, err)
	require.NoError(t, unlock())
}

// TestReadOnlyNamesTheDamagedFileItself: not its temporary copy.
func TestReadOnlyNamesTheDamagedFileItself(t *testing.T) {
	dir, table := filledCatalog(t)
	flip(t, table, 100)
	t.Setenv("TMPDIR", t.TempDir())
	_, err := Open(dir, Options{ReadOnly: true})
	var damaged *DamagedError
	require.ErrorAs(t, err, &damaged)
	require.Equal(t, table, damaged.Path)
	left, err := os.ReadDir(os.TempDir())
	require.NoError(t, err)
	require.Empty(t, left)
}

// TestRemove: a catalog that a process has open stays, what is left of one goes.
func TestRemove(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir)
	require.ErrorIs(t, Remove(dir), ErrLocked)
	require.NoError(t, c.Close())
	require.NoError(t, Remove(dir))
	require.NoDirExists(t, dir)
}

func TestUpdateOfAClosedCatalog(t *testing.T) {
	c := open(t, t.TempDir())
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, c.Update(ended, func(*Tx) error { return nil }), context.Canceled)
	require.NoError(t, c.Close())
	require.ErrorIs(t, c.Update(context.Background(), func(*Tx) error { return nil }), ErrClosed)
	require.ErrorIs(t, c.View(func(*Tx) error { return nil }), ErrClosed)
}

func TestFreeSpaceThatIsNotKnown(t *testing.T) {
	_, err := Open(t.TempDir(), Options{FreeBytes: func() (int64, error) { return 0, fmt.Errorf("no answer") }})
	require.ErrorContains(t, err, "free space of the catalog: no answer")
}
