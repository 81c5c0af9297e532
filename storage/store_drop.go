package storage

import (
	"context"
	"path/filepath"

	"github.com/auditlake/auditlake/storage/catalog"
)

// DropStore permanently removes a store: its record, name, segments, ledger and usage counters. It takes several
// transactions, and the first removes the store's record: after a crash, calling it again with the same id removes
// the rest. Files are removed when the last snapshot that needs them closes, and their folders with them.
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

// DroppedStores lists the ids of dropped stores with data that an interrupted DropStore has left.
func (l *Lake) DroppedStores() (ids []string, err error) {
	err = l.catalog.View(func(tx *catalog.Tx) error {
		ids, err = tx.DroppedStores()
		return err
	})
	return ids, err
}

// removeEmptyFolders removes a dropped store's folders without files. Others are removed with their last file. If
// one cannot be removed, opening the lake removes it.
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
