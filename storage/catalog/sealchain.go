package catalog

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// AppendedEntry is an entry that a transaction adds to the chain, with the changes of the ledger whose hash it holds.
type AppendedEntry struct {
	Stored *StoredChainEntry
	Entry  *ChainEntry
	Ledger []byte // as DecodeLedger reads it; nil: none
}

// Sealing says how the entries of a transaction are sealed.
type Sealing struct {
	At   time.Time
	Key  []byte // the public key of Sign
	Sign func(body []byte) (signature []byte)
	// WithState adds stores' records, the ledger and the mark of flushed pushes to the chain. Lakes of a format
	// version below 4 have none of them there.
	WithState bool
}

// Propose adds an entry to those that the transaction will append to the chain. The caller sets its Kind, StoreID,
// Added and Removed; SealChain adds the ledger's changes.
func (tx *Tx) Propose(entry *ChainEntry) { tx.proposed = append(tx.proposed, entry) }

// ChangesChain reports whether the transaction has changed data that the chain holds.
func (tx *Tx) ChangesChain() bool {
	return len(tx.proposed) > 0 || len(tx.ledger) > 0 || len(tx.changedStores) > 0 || tx.movesFlushed
}

// Appended are the entries that SealChain has added.
func (tx *Tx) Appended() []AppendedEntry { return tx.appended }

// SealChain appends the entries of all changes of the transaction so far: those proposed, one for each changed
// store, and the changes of the ledger with the first entry of their store.
func (tx *Tx) SealChain(s Sealing) error {
	if !tx.ChangesChain() {
		return nil
	}
	entries, err := tx.entriesToSeal(s.WithState)
	if err != nil {
		return err
	}
	ledger := encodeLedger(tx.ledger)
	if !s.WithState {
		ledger = nil
	}
	for i, entry := range entries {
		entry.At = s.At.UTC()
		a := AppendedEntry{Entry: entry}
		if i == 0 {
			a.Ledger = ledger
			entry.Ledger = LedgerHash(ledger)
		}
		if i == len(entries)-1 && s.WithState {
			if entry.Stores, err = tx.StoresHash(); err != nil {
				return err
			}
			if entry.Flushed, err = tx.Flushed(); err != nil {
				return err
			}
			if entry.Log, err = tx.Log(); err != nil {
				return err
			}
		}
		if a.Stored, err = tx.appendChain(entry, s.Key, s.Sign); err != nil {
			return err
		}
		tx.appended = append(tx.appended, a)
	}
	tx.proposed, tx.ledger, tx.ledgerAt, tx.changedStores, tx.movesFlushed = nil, nil, nil, nil, false
	return nil
}

// entriesToSeal lists the entries to append. The first one takes the changes of the ledger.
func (tx *Tx) entriesToSeal(withState bool) ([]*ChainEntry, error) {
	entries := slices.Clone(tx.proposed)
	if !withState {
		return entries, nil
	}
	for _, id := range tx.changedStores {
		record, err := tx.getRaw(storeKey(id))
		if err != nil {
			return nil, fmt.Errorf("catalog: read %s: %w", storeKey(id), err)
		}
		entries = append(entries, &ChainEntry{Kind: ChangeStore, StoreID: id, Store: json.RawMessage(record[1:])})
	}
	if len(entries) > 0 {
		return entries, nil
	}
	if len(tx.ledger) == 0 {
		return []*ChainEntry{{Kind: ChangeFlush}}, nil // of pushes to stores that are gone
	}
	entry := &ChainEntry{Kind: ChangeLedger, StoreID: storeOfLedgerKey(tx.ledger[0].Key)}
	if tx.ledger[0].Op == LedgerAdopt {
		entry = &ChainEntry{Kind: ChangeAdopt}
	}
	return []*ChainEntry{entry}, nil
}

func storeOfLedgerKey(key string) string {
	_, rest, _ := strings.Cut(key, "/")
	id, _, _ := strings.Cut(rest, "/")
	return id
}

// AdoptStore adds the existing record of a store to the chain, unchanged.
func (tx *Tx) AdoptStore(id string) error {
	record, err := tx.getRaw(storeKey(id))
	if err != nil {
		return fmt.Errorf("catalog: read %s: %w", storeKey(id), err)
	}
	tx.Propose(&ChainEntry{Kind: ChangeAdopt, StoreID: id, Store: json.RawMessage(record[1:])})
	return nil
}

// StoresHash is the SHA-256, hex, of the records of all stores: for each, by id, the key, the length of the value in
// four bytes, and the value.
func (tx *Tx) StoresHash() (string, error) {
	hash := sha256.New()
	var failed error
	tx.rawRecords(storePrefix, storePrefix, &failed, func(key string, value []byte) bool {
		hash.Write([]byte(key))
		hash.Write(binary.BigEndian.AppendUint32(nil, uint32(len(value))))
		hash.Write(value)
		return true
	})
	return hex.EncodeToString(hash.Sum(nil)), failed
}

// StoreBodies lists the records of all stores by id, as the chain holds them: JSON.
func (tx *Tx) StoreBodies() (bodies map[string]string, err error) {
	bodies = map[string]string{}
	tx.rawRecords(storePrefix, storePrefix, &err, func(key string, value []byte) bool {
		if len(value) > 0 {
			bodies[strings.TrimPrefix(key, storePrefix)] = string(value[1:])
		}
		return true
	})
	return bodies, err
}

// StoresHashOf is StoresHash of records by id, as StoreBodies lists them.
func StoresHashOf(bodies map[string]string) string {
	ids := make([]string, 0, len(bodies))
	for id := range bodies {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	hash := sha256.New()
	for _, id := range ids {
		hash.Write([]byte(storeKey(id)))
		hash.Write(binary.BigEndian.AppendUint32(nil, uint32(len(bodies[id])+1)))
		hash.Write([]byte{recordFormat})
		hash.Write([]byte(bodies[id]))
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// Adopting reads the key of the ledger at which a running adoption continues; false: no adoption is running.
func (tx *Tx) Adopting() (from string, underWay bool, err error) {
	value, err := tx.getRaw(adoptingKey)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("catalog: read %s: %w", adoptingKey, err)
	}
	return string(value), true, nil
}

// SetAdopting notes the key at which the adoption of the ledger continues; empty: it is done.
func (tx *Tx) SetAdopting(from string) error {
	if from == "" {
		return tx.delete(adoptingKey)
	}
	return tx.setRaw(adoptingKey, []byte(from))
}

// FirstLedgerKey is where an adoption of the ledger begins.
func FirstLedgerKey() string { return ledgerPrefixes[0] }
