package catalog

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dgraph-io/badger/v4"
	"github.com/google/uuid"
)

// Store reads a store by id.
func (tx *Tx) Store(id string) (*Store, error) {
	return get[Store](tx, storeKey(id), "event data store", id)
}

// StoreByName reads a store by its exact name.
func (tx *Tx) StoreByName(name string) (*Store, error) {
	id, err := tx.getRaw(nameKey(name))
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil, &NotFoundError{Kind: "event data store", Key: name}
	}
	if err != nil {
		return nil, fmt.Errorf("catalog: read %s: %w", nameKey(name), err)
	}
	return tx.Store(string(id))
}

// Stores lists all stores by id, those pending deletion included.
func (tx *Tx) Stores() ([]*Store, error) {
	return collect(scan[Store](tx, storePrefix, ""))
}

// PutStore writes a store, new or changed. ErrNameTaken: another one has its name.
func (tx *Tx) PutStore(s *Store) error {
	if id, err := uuid.Parse(s.ID); err != nil || id.String() != s.ID {
		return fmt.Errorf("catalog: store id %q is not a lower-case UUID", s.ID)
	}
	if s.Name == "" {
		return errors.New("catalog: a store needs a name")
	}
	holder, err := tx.getRaw(nameKey(s.Name))
	switch {
	case err == nil && string(holder) != s.ID:
		return fmt.Errorf("%w: %s", ErrNameTaken, s.Name)
	case err != nil && !errors.Is(err, badger.ErrKeyNotFound):
		return fmt.Errorf("catalog: read %s: %w", nameKey(s.Name), err)
	}
	if err := tx.dropOldName(s); err != nil {
		return err
	}
	if err := tx.setRaw(nameKey(s.Name), []byte(s.ID)); err != nil {
		return err
	}
	tx.changesStores = true
	if !slices.Contains(tx.changedStores, s.ID) {
		tx.changedStores = append(tx.changedStores, s.ID)
	}
	return put(tx, storeKey(s.ID), s)
}

// dropOldName frees the name that a renamed store had.
func (tx *Tx) dropOldName(s *Store) error {
	old, err := tx.Store(s.ID)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil || old.Name == s.Name {
		return err
	}
	return tx.delete(nameKey(old.Name))
}

// DeleteStore removes the record, the record of its expiries, and frees the name. Lake.DropStore removes the
// records of the store's segments, ledger and usage.
func (tx *Tx) DeleteStore(id string) error {
	s, err := tx.Store(id)
	if err != nil {
		return err
	}
	if err := tx.delete(nameKey(s.Name)); err != nil {
		return err
	}
	if err := tx.deleteLedger(expiryKey(id)); err != nil {
		return err
	}
	tx.changesStores = true
	tx.changedStores = slices.DeleteFunc(tx.changedStores, func(changed string) bool { return changed == id })
	tx.Propose(&ChainEntry{Kind: ChangeDrop, StoreID: id})
	return tx.delete(storeKey(id))
}

// storeRecords are the prefixes of a store's records, each followed by its id. The manifest is not among them.
var storeRecords = []string{filePrefix, locationPrefix, selectorPrefix, usagePrefix}

// DroppedStores lists the ids that have segments or other records but no store record.
func (tx *Tx) DroppedStores() ([]string, error) {
	var dropped []string
	for _, prefix := range append([]string{segmentPrefix}, storeRecords...) {
		for id := tx.storeFrom(prefix, ""); id != ""; id = tx.storeFrom(prefix, id+"0") { // "0" follows "/"
			_, err := tx.Store(id)
			if err != nil && !errors.Is(err, ErrNotFound) {
				return nil, err
			}
			if err != nil && !slices.Contains(dropped, id) {
				dropped = append(dropped, id)
			}
		}
	}
	return dropped, nil
}

// storeFrom returns the store of the first key from prefix+from on that has the prefix, "" if there is none.
func (tx *Tx) storeFrom(prefix, from string) string {
	it := tx.txn.NewIterator(badger.IteratorOptions{Prefix: []byte(prefix)})
	defer it.Close()
	it.Seek([]byte(prefix + from))
	if !it.Valid() {
		return ""
	}
	id, _, _ := strings.Cut(string(it.Item().Key()[len(prefix):]), "/")
	return id
}

// DeleteStoreRecords removes up to limit records of a store's ledger and usage, and reports whether there may be
// more.
func (tx *Tx) DeleteStoreRecords(storeID string, limit int) (left bool, err error) {
	for _, prefix := range storeRecords {
		for _, key := range tx.keys(prefix+storeID+"/", limit) {
			remove := tx.deleteLedger
			if prefix == usagePrefix {
				remove = tx.delete
			}
			if err := remove(key); err != nil {
				return false, err
			}
			if limit--; limit == 0 {
				return true, nil
			}
		}
	}
	return false, nil
}
