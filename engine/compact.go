package engine

import (
	"context"
	"errors"

	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
)

// Compacted is what a compaction did to the segments of all stores.
type Compacted = storage.Compacted

// Compact merges the small segments of each day, so that queries open fewer
// files and read fewer bytes. Answers stay the same; queries that run meanwhile
// read what was there when they began. Compacting again changes nothing.
func (l *Lake) Compact(ctx context.Context) (Compacted, error) {
	stores, err := l.Stores(ctx)
	if err != nil {
		return Compacted{}, err
	}
	var total Compacted
	var failed error
	for _, s := range stores {
		if s.Status == catalog.StorePendingDeletion {
			continue
		}
		done, err := l.storage.Compact(ctx, s.ID, horizon(s, l.now()))
		total.Merged += done.Merged
		total.Written += done.Written
		total.Rows += done.Rows
		total.BytesBefore += done.BytesBefore
		total.BytesAfter += done.BytesAfter
		failed = errors.Join(failed, err)
		if ctx.Err() != nil {
			break
		}
	}
	return total, failed
}
