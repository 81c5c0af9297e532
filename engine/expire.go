package engine

import (
	"context"
	"errors"

	"github.com/auditlake/auditlake/engine/store"
	"github.com/auditlake/auditlake/storage/catalog"
)

// Removed counts what an expiry removed.
type Removed struct {
	Segments, Events, Bytes int64
}

// ExpireOption changes what an expiry does.
type ExpireOption func(*expireOptions)

type expireOptions struct{ trustClock bool }

// TrustClock states that the clock is right, however far it is ahead of the lake's last use.
func TrustClock() ExpireOption { return func(o *expireOptions) { o.trustClock = true } }

// Expire removes the days that are wholly past their store's retention, and the stores whose deletion can no longer
// be undone. Queries never see events past retention, expired or not.
//
// If the clock is more than seven days ahead of the latest time the lake knows, Expire removes nothing and returns
// a *ClockJumpError. Committing events of the new time, or TrustClock, resolves that.
func (l *Lake) Expire(ctx context.Context, options ...ExpireOption) (Removed, error) {
	var o expireOptions
	for _, option := range options {
		option(&o)
	}
	if err := l.checkClock(ctx, o.trustClock); err != nil {
		return Removed{}, err
	}
	stores, err := store.Records(ctx, l.storage)
	if err != nil {
		return Removed{}, err
	}
	var total Removed
	var failed error
	for _, s := range stores {
		removed, err := l.expireStore(ctx, s)
		total.add(removed)
		failed = errors.Join(failed, err)
	}
	// An interrupted expiry leaves such stores.
	rest, err := l.storage.DroppedStores()
	failed = errors.Join(failed, err)
	for _, id := range rest {
		removed, err := l.dropStore(ctx, id)
		total.add(removed)
		failed = errors.Join(failed, err)
	}
	return total, errors.Join(failed, l.storage.RemoveOrphans(ctx))
}

func (l *Lake) checkClock(ctx context.Context, trust bool) error {
	err := l.storage.CheckClock()
	if err == nil || !trust {
		return err
	}
	return l.storage.Catalog().Update(ctx, l.storage.TrustClock)
}

func (r *Removed) add(other Removed) {
	r.Segments += other.Segments
	r.Events += other.Events
	r.Bytes += other.Bytes
}

func (l *Lake) expireStore(ctx context.Context, s *catalog.Store) (Removed, error) {
	if s.ExpiryHeld {
		return Removed{}, nil
	}
	now := l.now()
	if store.IsGone(s, now) {
		return l.dropStore(ctx, s.ID)
	}
	expired, err := l.storage.Expire(ctx, s.ID, s.Horizon(now))
	return Removed{int64(expired.Segments), expired.Rows, expired.Bytes}, err
}

func (l *Lake) dropStore(ctx context.Context, storeID string) (Removed, error) {
	snapshot, err := l.storage.Snapshot(ctx)
	if err != nil {
		return Removed{}, err
	}
	segments, err := snapshot.Segments(storeID)
	snapshot.Close()
	if err != nil {
		return Removed{}, err
	}
	if err := l.storage.DropStore(ctx, storeID); err != nil {
		return Removed{}, err
	}
	l.ingested.forget(storeID)
	var removed Removed
	for _, segment := range segments {
		removed.Segments++
		removed.Events += segment.Rows
		removed.Bytes += segment.Bytes
	}
	return removed, nil
}
