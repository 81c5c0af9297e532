package importer

import (
	"fmt"

	"github.com/auditlake/auditlake/ingest/selector"
	"github.com/auditlake/auditlake/storage/catalog"
)

// matchers evaluate the selectors that admissions name, those of this run and of earlier ones. Each worker has its
// own.
type matchers struct {
	ledger ledger
	byHash map[string]*selector.Matcher
}

func newMatchers(l ledger, own *selector.Selector) matchers {
	m := matchers{ledger: l, byHash: map[string]*selector.Matcher{}}
	if own != nil {
		m.byHash[own.Hash()] = own.NewMatcher()
	}
	return m
}

// selects reports whether the selectors with a hash select a record; without a hash all are selected. The hash must
// have been loaded.
func (m matchers) selects(hash string, raw []byte) bool {
	return hash == "" || m.byHash[hash].Selects(raw)
}

// load loads the selectors of a file's admissions.
func (m matchers) load(f *catalog.ImportedFile) error {
	for i := range f.Admissions {
		hash := f.Admissions[i].SelectorsHash
		if hash == "" || m.byHash[hash] != nil {
			continue
		}
		s, err := m.ledger.selectors(hash)
		if err != nil {
			return err
		}
		m.byHash[hash] = s.NewMatcher()
	}
	return nil
}

// selectors returns the selectors that an earlier run applied.
func (l ledger) selectors(hash string) (*selector.Selector, error) {
	var applied *catalog.AppliedSelectors
	err := l.catalog.View(func(tx *catalog.Tx) (err error) {
		applied, err = tx.AppliedSelectors(l.storeID, hash)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("selectors of an earlier import: %w", err)
	}
	s, err := selector.Compile(applied.Selectors)
	if err == nil && s.Hash() != hash {
		err = fmt.Errorf("they are not those of hash %s", hash)
	}
	if err != nil {
		return nil, fmt.Errorf("selectors of an earlier import: %w", err)
	}
	return s, nil
}
