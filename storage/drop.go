package storage

import (
	"context"

	"github.com/auditlake/auditlake/storage/catalog"
)

// DropStore removes a store for good: its record, name, segments, ledger and usage counters. It
// takes several transactions, the store's record goes with the first: after a crash, calling it again
// with the same id removes the rest. Files go when the last snapshot that needs them closes.
func (l *Lake) DropStore(ctx context.Context, storeID string) error {
	err := l.catalog.Update(ctx, func(tx *catalog.Tx) error { return tx.DeleteStore(storeID) })
	if err != nil && !isNotFound(err) {
		return err
	}
	everything := func(*catalog.Segment) bool { return true }
	if _, err := l.removeSegments(ctx, catalog.ChangeDrop, storeID, everything); err != nil {
		return err
	}
	for {
		var left bool
		err := l.catalog.Update(ctx, func(tx *catalog.Tx) (err error) {
			left, err = tx.DeleteStoreRecords(storeID, recordsPerTransaction)
			return err
		})
		if err != nil || !left {
			return err
		}
	}
}
