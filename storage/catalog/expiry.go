package catalog

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrExpired: days of the store expired since the import looked into the ledger.
var ErrExpired = errors.New("days of the event data store expired during the import: run it again")

// Expiry reads which days expiries removed from a store; a store without any has the zero record.
func (tx *Tx) Expiry(storeID string) (*Expiry, error) {
	e, err := get[Expiry](tx, expiryKey(storeID), "expiry", storeID)
	if errors.Is(err, ErrNotFound) {
		return &Expiry{StoreID: storeID}, nil
	}
	return e, err
}

// AddExpiry notes that the transaction removes all segments of a store's days before a day. It drops earlier
// expiries that reached no further, because they add nothing.
func (tx *Tx) AddExpiry(storeID string, before Day, at time.Time) error {
	e, err := tx.Expiry(storeID)
	if err != nil {
		return err
	}
	e.Count++
	e.Cuts = slices.DeleteFunc(e.Cuts, func(c ExpiryCut) bool { return c.Before <= before })
	e.Cuts = append(e.Cuts, ExpiryCut{Number: e.Count, Before: before, At: at.UTC()})
	return putLedger(tx, expiryKey(storeID), e)
}

// checkExpiries refuses a change of the ledger that was decided before the latest expiry.
func (tx *Tx) checkExpiries(c *ImportChange) error {
	if len(c.Files) == 0 {
		return nil
	}
	e, err := tx.Expiry(c.Files[0].StoreID)
	if err == nil && e.Count != c.Expiries {
		err = fmt.Errorf("%w (expiry %d, not %d)", ErrExpired, e.Count, c.Expiries)
	}
	return err
}
