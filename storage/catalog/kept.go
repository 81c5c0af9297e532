package catalog

import (
	"slices"
	"sync"
)

// kept caches all records of a kind that changes seldom. All transactions that began between two changes of such a
// record share it, so their statements decode the records once.
type kept[R any] struct {
	mu     sync.Mutex
	isRead bool // guarded by mu
	all    []*R // guarded by mu
}

// list returns the cached records, and reads them if needed. If k is nil it always reads them.
func (k *kept[R]) list(read func() ([]*R, error)) ([]*R, error) {
	if k == nil {
		return read()
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.isRead {
		return k.all, nil
	}
	all, err := read()
	if err == nil {
		k.isRead, k.all = true, slices.Clip(all)
	}
	return k.all, err
}

// find returns a cached record for which is returns true, nil if there is none.
func (k *kept[R]) find(is func(*R) bool) *R {
	if k == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if at := slices.IndexFunc(k.all, is); at >= 0 {
		return k.all[at]
	}
	return nil
}

// KeptStores is Stores for callers that change neither the list nor the records.
func (tx *Tx) KeptStores() ([]*Store, error) { return tx.stores.list(tx.Stores) }

// KeptStore is Store for callers that do not change the record.
func (tx *Tx) KeptStore(id string) (*Store, error) {
	if s := tx.stores.find(func(s *Store) bool { return s.ID == id }); s != nil {
		return s, nil
	}
	return tx.Store(id)
}

// KeptTables is Tables for callers that change neither the list nor the records.
func (tx *Tx) KeptTables() ([]*Table, error) { return tx.tables.list(tx.Tables) }
