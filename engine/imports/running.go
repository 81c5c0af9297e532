package imports

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/auditlake/auditlake/engine/store"
	"github.com/auditlake/auditlake/storage/catalog"
)

// ErrStopped is how an import ends that Imports.Stop stopped. Running it again resumes it.
var ErrStopped = errors.New("the import was stopped")

// ErrNotRunning means that an import to be stopped has ended.
var ErrNotRunning = errors.New("the import is not running")

// slot holds the import that is under way in a lake, one at a time.
type slot struct {
	holder atomic.Pointer[runningImport] // nil: none
}

// runningImport is the import under way.
type runningImport struct {
	slot    *slot
	id      string
	storeID atomic.Pointer[string] // nil: not known yet, or nothing will be added to it any more
	ending  atomic.Bool            // there is only left to write how it ended
	stop    context.CancelCauseFunc
	ended   chan struct{}
}

// beginImport makes an import the one that is under way.
func (s *slot) beginImport(ctx context.Context, id string) (context.Context, *runningImport, error) {
	ctx, r := s.newRunningImport(ctx, id)
	for !s.holder.CompareAndSwap(nil, r) {
		other := s.holder.Load()
		if other == nil {
			continue
		}
		if !other.ending.Load() {
			r.stop(nil)
			return nil, nil, fmt.Errorf("%w: %s; it can be waited for or stopped", store.ErrHasImport, other.id)
		}
		<-other.ended // perhaps the caller has read that it has
	}
	return ctx, r, nil
}

// waitForImport makes an import the running one as soon as no other one is. It returns an error only if the context
// ends.
func (s *slot) waitForImport(ctx context.Context, id string) (context.Context, *runningImport, error) {
	ctx, r := s.newRunningImport(ctx, id)
	for !s.holder.CompareAndSwap(nil, r) {
		other := s.holder.Load()
		if other == nil {
			continue
		}
		select {
		case <-other.ended:
		case <-ctx.Done():
			r.stop(nil)
			return nil, nil, ctx.Err()
		}
	}
	return ctx, r, nil
}

func (s *slot) newRunningImport(ctx context.Context, id string) (context.Context, *runningImport) {
	r := &runningImport{slot: s, id: id, ended: make(chan struct{})}
	ctx, r.stop = context.WithCancelCause(ctx)
	return ctx, r
}

// beginEnd notes that the import adds nothing any more, before its record says how it ended. A caller that reads
// that record may begin another import, or delete the store.
func (r *runningImport) beginEnd() {
	r.ending.Store(true)
	r.storeID.Store(nil)
}

func (r *runningImport) end() {
	r.stop(nil)
	r.slot.holder.Store(nil)
	close(r.ended)
}

// RunsInto reports whether an import into the store of an id is running.
func (i *Imports) RunsInto(storeID string) bool {
	r := i.slot.holder.Load()
	if r == nil {
		return false
	}
	id := r.storeID.Load()
	return id != nil && *id == storeID
}

// Stop makes a running import commit what it has read and end, waits for that, and returns what the import has
// done. If the catalog says that an import is running but no process runs it, its process was killed: Stop notes it
// as stopped.
func (i *Imports) Stop(ctx context.Context, id string) (*Import, error) {
	if r := i.slot.holder.Load(); r != nil && r.id == id {
		r.stop(ErrStopped)
		select {
		case <-r.ended:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		return i.Get(ctx, id)
	}
	record, err := i.record(id)
	if err != nil {
		return nil, err
	}
	if !record.Status.IsRunning() {
		return nil, fmt.Errorf("%w: %s is %s", ErrNotRunning, id, record.Status)
	}
	record.Status, record.EndedAt = catalog.ImportStopped, record.UpdatedAt
	err = i.storage.Catalog().Update(ctx, func(tx *catalog.Tx) error { return tx.PutImport(record) })
	return fromRecord(record), err
}
