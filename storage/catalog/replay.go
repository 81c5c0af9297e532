package catalog

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/dgraph-io/badger/v4"
)

// Lock takes the lock on the folder of a catalog that no process has open; unlock releases it. ErrLocked: a process
// has the catalog open.
func Lock(dir string) (unlock func() error, err error) { return lockFolder(dir) }

// Remove removes the remains of an interrupted attempt to make a catalog in dir. ErrLocked: an attempt is running.
func Remove(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, badger.ManifestFilename)); err == nil {
		unlock, err := lockFolder(dir)
		if err != nil {
			return err
		}
		defer unlock()
	}
	return os.RemoveAll(dir)
}

// ReplayEntry applies a chain entry of a lost catalog to a new one: to the manifest, the store's record, the import
// ledger (ledger: see DecodeLedger) and the mark of flushed pushes. key is the public key that signs the entry.
// Entries must come in order, without gaps.
func (tx *Tx) ReplayEntry(stored *StoredChainEntry, ledger, key []byte) error {
	entry, err := stored.Entry()
	if err != nil {
		return err
	}
	if err := tx.replayManifest(entry); err != nil {
		return err
	}
	if err := tx.replayStore(entry); err != nil {
		return err
	}
	if err := tx.replayLedger(ledger); err != nil {
		return err
	}
	if err := tx.replayLog(entry); err != nil {
		return err
	}
	if err := tx.setRaw(chainKey(stored.Number), stored.Value()); err != nil {
		return err
	}
	hash := sha256.Sum256(stored.Body)
	head := append(binary.BigEndian.AppendUint64(nil, stored.Number+1), hash[:]...)
	return tx.setRaw(chainHeadKey, append(head, key...))
}

func (tx *Tx) replayManifest(entry *ChainEntry) error {
	if len(entry.Added)+len(entry.Removed) == 0 {
		return nil
	}
	_, err := tx.ChangeSegments(segmentsOf(entry, entry.Added), segmentsOf(entry, entry.Removed))
	return err
}

// segmentsOf returns records of the segments that an entry names. Entries do not say when a segment was begun; the
// time of the entry, at which it was committed, stands for it.
func segmentsOf(entry *ChainEntry, named []ChainSegment) []*Segment {
	segments := make([]*Segment, len(named))
	for i, s := range named {
		segments[i] = &Segment{StoreID: entry.StoreID, Day: s.Day, Name: s.Name, Rows: s.Rows, Bytes: s.Bytes,
			MinTime: s.MinTime, MaxTime: s.MaxTime, SHA256: s.SHA256, CreatedAt: entry.At}
	}
	return segments
}

// replayStore writes a store's record as the entry has it, byte for byte: entries hold the hash of all records.
func (tx *Tx) replayStore(entry *ChainEntry) error {
	if len(entry.Store) == 0 && entry.Kind != ChangeDrop {
		return nil
	}
	old, err := tx.Store(entry.StoreID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if err == nil {
		if err := tx.delete(nameKey(old.Name)); err != nil {
			return err
		}
	}
	tx.changesStores = true
	if entry.Kind == ChangeDrop {
		return tx.delete(storeKey(entry.StoreID))
	}
	var s Store
	if err := json.Unmarshal(entry.Store, &s); err != nil {
		return fmt.Errorf("catalog: chain entry %d: record of store %s: %w", entry.Number, entry.StoreID, err)
	}
	if err := tx.setRaw(nameKey(s.Name), []byte(entry.StoreID)); err != nil {
		return err
	}
	return tx.setRaw(storeKey(entry.StoreID), append([]byte{recordFormat}, entry.Store...))
}

// replayLog writes what the last entry of a transaction says of the log of pushed events.
func (tx *Tx) replayLog(entry *ChainEntry) error {
	if entry.Stores == "" {
		return nil
	}
	if err := tx.setRaw(flushedKey, binary.BigEndian.AppendUint64(nil, entry.Flushed)); err != nil {
		return err
	}
	if entry.Log == nil {
		return tx.delete(logKey)
	}
	return put(tx, logKey, entry.Log)
}

func (tx *Tx) replayLedger(ledger []byte) error {
	changes, err := DecodeLedger(ledger)
	if err != nil {
		return err
	}
	for _, change := range changes {
		if change.Op == LedgerDelete {
			err = tx.delete(change.Key)
		} else {
			err = tx.setRaw(change.Key, change.Value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// SetUnchained gives a new catalog format version 1: the chain begins when the lake is next opened, with the
// existing segments and stores.
func (tx *Tx) SetUnchained() error {
	return tx.setRaw(formatKey, binary.BigEndian.AppendUint32(nil, 1))
}
