package catalog

import "errors"

const selectorPrefix = "selectors/"

func selectorsKey(storeID, hash string) string { return selectorPrefix + storeID + "/" + hash }

// PutAppliedSelectors writes selectors that admissions of a store name by their hash.
func (tx *Tx) PutAppliedSelectors(s *AppliedSelectors) error {
	key := selectorsKey(s.StoreID, s.Hash)
	_, err := get[AppliedSelectors](tx, key, "selectors", s.Hash)
	if errors.Is(err, ErrNotFound) {
		return putLedger(tx, key, s)
	}
	return err
}

// AppliedSelectors reads the selectors that an admission names.
func (tx *Tx) AppliedSelectors(storeID, hash string) (*AppliedSelectors, error) {
	return get[AppliedSelectors](tx, selectorsKey(storeID, hash), "selectors", hash)
}
