package engine

import (
	"context"
	"errors"
	"time"

	"github.com/auditlake/auditlake/engine/store"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
)

// Compacted is what a compaction did to the segments of all stores.
type Compacted = storage.Compacted

// Compact merges the small segments of each day, so that queries open fewer files and read fewer bytes. Answers
// stay the same, except that repeated events disappear if the store took them before it was set to leave them out.
// Running queries keep reading their snapshot. A second compaction changes nothing.
func (l *Lake) Compact(ctx context.Context) (Compacted, error) {
	return l.compactStores(ctx, l.storage.Compact)
}

// RewriteOld does what Compact does, and rewrites every segment that an earlier version of the program wrote,
// because other readers of ORC may support less than this one (see docs/trino-cluster.md). Answers stay the same.
func (l *Lake) RewriteOld(ctx context.Context) (Compacted, error) {
	return l.compactStores(ctx, l.storage.RewriteOld)
}

// compactStores calls compact for each store that is not deleted.
func (l *Lake) compactStores(ctx context.Context, compact func(context.Context, string, time.Time) (Compacted, error)) (Compacted, error) {
	stores, err := store.Records(ctx, l.storage)
	if err != nil {
		return Compacted{}, err
	}
	var total Compacted
	var failed error
	for _, s := range stores {
		if s.Status == catalog.StorePendingDeletion {
			continue
		}
		done, err := l.compactStore(ctx, s, compact)
		total.Merged += done.Merged
		total.Written += done.Written
		total.Rows += done.Rows
		total.Repeats += done.Repeats
		total.BytesBefore += done.BytesBefore
		total.BytesAfter += done.BytesAfter
		failed = errors.Join(failed, err)
		if ctx.Err() != nil {
			break
		}
	}
	return total, failed
}

// compactStore calls compact for a store, and records that it no longer has repeated events. A push that began
// before the store was set to leave them out may still add one; then the next compaction checks again.
func (l *Lake) compactStore(ctx context.Context, s *catalog.Store, compact func(context.Context, string, time.Time) (Compacted, error)) (Compacted, error) {
	settles := s.HoldsRepeats && !l.changing.HasPush(s.ID)
	if settles {
		if err := l.storage.Flush(ctx); err != nil {
			return Compacted{}, err
		}
	}
	done, err := compact(ctx, s.ID, s.Horizon(l.now()))
	if err == nil && settles {
		err = l.stores.SettleRepeats(ctx, s)
	}
	return done, err
}
