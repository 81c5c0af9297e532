package catalog

import (
	"errors"
	"iter"
)

// File reads the ledger's entry for a content in a store.
func (tx *Tx) File(storeID, contentSHA256 string) (*ImportedFile, error) {
	return get[ImportedFile](tx, fileKey(storeID, contentSHA256), "imported file", contentSHA256)
}

// Location reads the ledger's entry for a location in a store.
func (tx *Tx) Location(storeID, location string) (*ImportedLocation, error) {
	return get[ImportedLocation](tx, locationKey(storeID, location), "imported location", location)
}

// Files iterates over the ledger of a store, by content.
func (tx *Tx) Files(storeID string) iter.Seq2[*ImportedFile, error] {
	return scan[ImportedFile](tx, filePrefix+storeID+"/", "")
}

// PutImport writes an import, new or changed.
func (tx *Tx) PutImport(i *Import) error { return put(tx, importKey(i.ID), i) }

// Import reads an import.
func (tx *Tx) Import(id string) (*Import, error) {
	return get[Import](tx, importKey(id), "import", id)
}

// Imports lists all imports by id.
func (tx *Tx) Imports() ([]*Import, error) { return collect(scan[Import](tx, importPrefix, "")) }

// PutFailure writes a failure; one of the same import, file and record is replaced.
func (tx *Tx) PutFailure(f *Failure) error { return put(tx, failureKey(f), f) }

// Failures iterates over the failures of an import; those of one file are consecutive, by record.
func (tx *Tx) Failures(importID string) iter.Seq2[*Failure, error] {
	return scan[Failure](tx, failurePrefix+importID+"/", "")
}

// PutImportChange writes a change except for its failures. ErrExpired: the change was decided before the store's
// latest expiry.
func (tx *Tx) PutImportChange(c *ImportChange) error {
	if err := tx.checkExpiries(c); err != nil {
		return err
	}
	if c.Import != nil {
		if err := tx.PutImport(c.Import); err != nil {
			return err
		}
	}
	for i := range c.Files {
		if err := putLedger(tx, fileKey(c.Files[i].StoreID, c.Files[i].ContentSHA256), &c.Files[i]); err != nil {
			return err
		}
	}
	for i := range c.Locations {
		if err := putLedger(tx, locationKey(c.Locations[i].StoreID, c.Locations[i].Location), &c.Locations[i]); err != nil {
			return err
		}
	}
	for _, u := range c.Usage {
		if err := tx.AddUsage(u); err != nil {
			return err
		}
	}
	return nil
}

// AddUsage adds to a store's counters of a day.
func (tx *Tx) AddUsage(u Usage) error {
	key := usageKey(u.StoreID, u.Day)
	total, err := get[Usage](tx, key, "usage", key)
	if errors.Is(err, ErrNotFound) {
		return put(tx, key, &u)
	}
	if err != nil {
		return err
	}
	total.IngestedBytes += u.IngestedBytes
	total.IngestedEvents += u.IngestedEvents
	total.Ways.add(u.Ways)
	total.ScannedBytes += u.ScannedBytes
	total.Queries += u.Queries
	return put(tx, key, total)
}

// Usage iterates over a store's counters from the day from to the day to, both included.
func (tx *Tx) Usage(storeID string, from, to Day) iter.Seq2[*Usage, error] {
	return func(yield func(*Usage, error) bool) {
		for u, err := range scan[Usage](tx, usagePrefix+storeID+"/", usageKey(storeID, from)) {
			if err == nil && u.Day > to {
				return
			}
			if !yield(u, err) {
				return
			}
		}
	}
}
