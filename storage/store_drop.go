package storage

import (
	"context"
	"path/filepath"

	"github.com/auditlake/auditlake/storage/catalog"
)

// DropStore removes a store for good: its record, name, segments, ledger and usage counters. It takes several
// transactions, the store's record goes with the first: after a crash, calling it again with the same id removes the
// rest. Files go when the last snapshot that needs them closes, and their folders with them.
func (l *Lake) DropStore(ctx context.Context, storeID string) error {
	err := l.catalog.Update(ctx, func(tx *catalog.Tx) error { return tx.DeleteStore(storeID) })
	if err != nil && !isNotFound(err) {
		return err
	}
	if err := l.removeStoreFile(storeID); err != nil {
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
		if err != nil {
			return err
		}
		if !left {
			l.removeEmptyFolders(storeID)
			return nil
		}
	}
}

// DroppedStores lists the ids of stores that are gone, but of which a DropStore that was interrupted has left
// something.
func (l *Lake) DroppedStores() (ids []string, err error) {
	err = l.catalog.View(func(tx *catalog.Tx) error {
		ids, err = tx.DroppedStores()
		return err
	})
	return ids, err
}

// removeEmptyFolders removes a dropped store's folders without files. Others go with their last file, and
// what cannot be removed goes when the lake is opened.
func (l *Lake) removeEmptyFolders(storeID string) {
	days, err := l.fs.ReadDir(l.storePath(storeID))
	if err != nil {
		return
	}
	for _, day := range days {
		if day.IsDir() {
			_ = l.fs.Remove(filepath.Join(l.storePath(storeID), day.Name()))
		}
	}
	_ = l.fs.Remove(l.storePath(storeID))
}
