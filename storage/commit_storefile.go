package storage

import (
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/auditlake/auditlake/storage/catalog"
)

// storeFile is the file in each store's folder with the signed chain entry that holds the store's record. It
// identifies the folder, and a catalog can be rebuilt from it.
const (
	storeFile         = "store.json"
	maxStoreFileBytes = 4 << 20
)

// SignedStore is the content of a store's file.
type SignedStore struct {
	Number    uint64 // of the chain entry
	Key       []byte // the public key that signed it
	Signature []byte
	Body      string // of the chain entry, byte for byte: JSON with the store's record under Store
}

// keepStoreFile writes the file of the store whose record an entry holds. If that fails, openStoreFiles repeats it.
func (l *Lake) keepStoreFile(stored *catalog.StoredChainEntry, entry *catalog.ChainEntry) {
	if len(entry.Store) > 0 {
		_ = l.putStoreFile(stored, entry.StoreID)
	}
}

func (l *Lake) putStoreFile(stored *catalog.StoredChainEntry, storeID string) error {
	head, err := l.ChainHead()
	if err != nil {
		return err
	}
	content, err := json.MarshalIndent(&SignedStore{Number: stored.Number, Key: head.Key, Signature: stored.Signature, Body: string(stored.Body)}, "", "  ")
	if err != nil {
		return err
	}
	if err := l.fs.MkdirAll(l.storePath(storeID)); err != nil {
		return err
	}
	if err := l.putFile(filepath.Join(l.storePath(storeID), storeFile), append(content, '\n')); err != nil {
		return err
	}
	return l.fs.SyncDir(l.storesPath())
}

// openStoreFiles writes the store files that are missing or differ from the catalog, and removes those of dropped
// stores.
func (l *Lake) openStoreFiles() error {
	var bodies map[string]string
	err := l.catalog.View(func(tx *catalog.Tx) (err error) {
		bodies, err = tx.StoreBodies()
		return err
	})
	if err != nil {
		return err
	}
	for id, body := range bodies {
		if l.hasStoreFile(id, body) {
			continue
		}
		if err := l.restoreStoreFile(id); err != nil {
			return err
		}
	}
	stores, err := l.fs.ReadDir(l.storesPath())
	if err != nil {
		return err
	}
	for _, store := range stores {
		if _, isThere := bodies[store.Name()]; isThere || !store.IsDir() {
			continue
		}
		if err := l.removeStoreFile(store.Name()); err != nil {
			return err
		}
	}
	return nil
}

// hasStoreFile reports whether the file of a store holds its record.
func (l *Lake) hasStoreFile(storeID, body string) bool {
	content, err := l.readSmallFile(filepath.Join(l.storePath(storeID), storeFile), maxStoreFileBytes)
	if err != nil {
		return false
	}
	var signed SignedStore
	var entry catalog.ChainEntry
	return json.Unmarshal(content, &signed) == nil && json.Unmarshal([]byte(signed.Body), &entry) == nil && string(entry.Store) == body
}

// restoreStoreFile writes the file of a store from the chain.
func (l *Lake) restoreStoreFile(storeID string) error {
	var last *catalog.StoredChainEntry
	err := l.catalog.View(func(tx *catalog.Tx) error {
		for stored, err := range tx.Chain() {
			if err != nil {
				return err
			}
			if entry, err := stored.Entry(); err == nil && len(entry.Store) > 0 && entry.StoreID == storeID {
				last = stored
			}
		}
		return nil
	})
	if err != nil || last == nil {
		return err
	}
	return l.putStoreFile(last, storeID)
}

func (l *Lake) removeStoreFile(storeID string) error {
	err := l.fs.Remove(filepath.Join(l.storePath(storeID), storeFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
