package catalog

import (
	"slices"
	"sync"
)

// storesRead is what was read of the records of stores. All transactions share it that began between two changes of such a
// record, so that the statements asked meanwhile decode them once.
type storesRead struct {
	mu     sync.Mutex
	isRead bool     // guarded by mu
	all    []*Store // guarded by mu: by id
}

// KeptStores is Stores for callers who change neither the list nor the records.
func (tx *Tx) KeptStores() ([]*Store, error) {
	kept := tx.stores
	if kept == nil {
		return tx.Stores()
	}
	kept.mu.Lock()
	defer kept.mu.Unlock()
	if kept.isRead {
		return kept.all, nil
	}
	all, err := tx.Stores()
	if err == nil {
		kept.isRead, kept.all = true, all
	}
	return all, err
}

// KeptStore is Store for callers who do not change the record.
func (tx *Tx) KeptStore(id string) (*Store, error) {
	if s := tx.stores.find(id); s != nil {
		return s, nil
	}
	return tx.Store(id)
}

// find is the record of a store, nil if it is not known yet.
func (r *storesRead) find(id string) *Store {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	at := slices.IndexFunc(r.all, func(s *Store) bool { return s.ID == id })
	if at < 0 {
		return nil
	}
	return r.all[at]
}
