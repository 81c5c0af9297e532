package engine

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/auditlake/auditlake/storage/catalog"
)

// ErrImportStopped is how an import ends that Imports.Stop stopped. Running it again resumes it.
var ErrImportStopped = errors.New("the import was stopped")

// ErrImportNotRunning means that an import to be stopped has ended.
var ErrImportNotRunning = errors.New("the import is not running")

// runningImport is the import under way.
type runningImport struct {
	lake    *Lake
	id      string
	storeID atomic.Pointer[string] // nil: not known yet, or nothing will be added to it any more
	ending  atomic.Bool            // there is only left to write how it ended
	stop    context.CancelCauseFunc
	ended   chan struct{}
}

// beginImport makes an import the one that is under way.
func (l *Lake) beginImport(ctx context.Context, id string) (context.Context, *runningImport, error) {
	ctx, r := l.newRunningImport(ctx, id)
	for !l.importing.CompareAndSwap(nil, r) {
		other := l.importing.Load()
		if other == nil {
			continue
		}
		if !other.ending.Load() {
			r.stop(nil)
			return nil, nil, fmt.Errorf("%w: %s; it can be waited for or stopped", ErrStoreHasImport, other.id)
		}
		<-other.ended // perhaps the caller has read that it has
	}
	return ctx, r, nil
}

// waitForImport makes an import the one that is under way as soon as no other one is. An error is the end of the context.
func (l *Lake) waitForImport(ctx context.Context, id string) (context.Context, *runningImport, error) {
	ctx, r := l.newRunningImport(ctx, id)
	for !l.importing.CompareAndSwap(nil, r) {
		other := l.importing.Load()
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

func (l *Lake) newRunningImport(ctx context.Context, id string) (context.Context, *runningImport) {
	r := &runningImport{lake: l, id: id, ended: make(chan struct{})}
	ctx, r.stop = context.WithCancelCause(ctx)
	return ctx, r
}

// beginEnd notes that the import adds nothing any more, before its record says how it ended: whoever reads that may begin
// another one, or delete the store.
func (r *runningImport) beginEnd() {
	r.ending.Store(true)
	r.storeID.Store(nil)
}

func (r *runningImport) end() {
	r.stop(nil)
	r.lake.importing.Store(nil)
	close(r.ended)
}

// importsInto reports whether an import into the store of an id is running.
func (l *Lake) importsInto(storeID string) bool {
	r := l.importing.Load()
	if r == nil {
		return false
	}
	id := r.storeID.Load()
	return id != nil && *id == storeID
}

// Stop lets a running import commit what it has read and end, waits for that, and returns what it
// has done. An import that the catalog says is running while no process runs it was killed: Stop
// notes it as stopped.
func (i *Imports) Stop(ctx context.Context, id string) (*Import, error) {
	if r := i.lake.importing.Load(); r != nil && r.id == id {
		r.stop(ErrImportStopped)
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
		return nil, fmt.Errorf("%w: %s is %s", ErrImportNotRunning, id, record.Status)
	}
	record.Status, record.EndedAt = catalog.ImportStopped, record.UpdatedAt
	err = i.lake.storage.Catalog().Update(ctx, func(tx *catalog.Tx) error { return tx.PutImport(record) })
	return importOf(record), err
}
