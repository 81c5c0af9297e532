package storage

import (
	"context"
	"errors"
	"slices"

	"github.com/auditlake/auditlake/storage/catalog"
)

// commit makes written and synced segments part of the manifest: rename, sync of the folders, then one transaction.
func (l *Lake) commit(ctx context.Context, segments []*catalog.Segment, change catalog.ImportChange) error {
	if err := l.checkFits(ctx, segments, change); err != nil {
		return err
	}
	if err := l.PutFailures(ctx, change.Failures); err != nil {
		return err
	}
	return l.enter(ctx, segments, func(tx *catalog.Tx) error { return l.putCommit(tx, segments, &change) })
}

// enter publishes written and synced segments and runs the transaction that adds them to the manifest. If it fails,
// it removes their files, unless the outcome of the commit is unknown.
func (l *Lake) enter(ctx context.Context, segments []*catalog.Segment, transaction func(*catalog.Tx) error) error {
	renamed, err := l.publish(segments)
	if err != nil {
		return errors.Join(err, l.unpublish(renamed))
	}
	err = l.catalog.Update(ctx, transaction)
	var unknown *catalog.CommitError
	if err != nil && !errors.As(err, &unknown) {
		return errors.Join(err, l.unpublish(renamed))
	}
	return err
}

func (l *Lake) putCommit(tx *catalog.Tx, segments []*catalog.Segment, change *catalog.ImportChange) error {
	if len(segments) > 0 {
		// The store may have been dropped while rows were written.
		if _, err := tx.Store(segments[0].StoreID); err != nil {
			return err
		}
		if _, err := l.changeManifest(tx, catalog.ChangeImport, segments[0].StoreID, segments, nil); err != nil {
			return err
		}
	} else if len(change.Files) > 0 {
		tx.Propose(&catalog.ChainEntry{Kind: catalog.ChangeImport, StoreID: change.Files[0].StoreID})
	}
	return tx.PutImportChange(change)
}

var errFits = errors.New("fits")

// checkFits builds the transaction once and discards it.
func (l *Lake) checkFits(ctx context.Context, segments []*catalog.Segment, change catalog.ImportChange) error {
	err := l.catalog.Update(ctx, func(tx *catalog.Tx) error {
		if err := l.putCommit(tx, segments, &change); err != nil {
			return err
		}
		if err := l.sealChain(tx); err != nil {
			return err
		}
		return errFits
	})
	if errors.Is(err, errFits) {
		return nil
	}
	return err
}

func (l *Lake) PutFailures(ctx context.Context, failures []catalog.Failure) error {
	for batch := range slices.Chunk(failures, failuresPerTransaction) {
		err := l.catalog.Update(ctx, func(tx *catalog.Tx) error {
			for i := range batch {
				if err := tx.PutFailure(&batch[i]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// publish gives segments their final names and makes the names durable. It returns the renamed segments, also when
// it fails.
func (l *Lake) publish(segments []*catalog.Segment) ([]*catalog.Segment, error) {
	folders := map[string]bool{}
	for i, s := range segments {
		if err := l.fs.Rename(l.tempPath(s), l.SegmentPath(s)); err != nil {
			return segments[:i], err
		}
		folders[l.dayPath(s.StoreID, s.Day)] = true
		// The folders above may be new, made by this writer or another one.
		folders[l.storePath(s.StoreID)] = true
		folders[l.storesPath()] = true
	}
	for folder := range folders {
		if err := l.fs.SyncDir(folder); err != nil {
			return segments, err
		}
	}
	return segments, nil
}

// unpublish deletes segments that did not get into the manifest.
func (l *Lake) unpublish(segments []*catalog.Segment) error {
	var errs []error
	for _, s := range segments {
		errs = append(errs, l.fs.Remove(l.SegmentPath(s)))
	}
	return errors.Join(errs...)
}
