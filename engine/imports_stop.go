package engine

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/google/uuid"

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
	storeID atomic.Pointer[string] // nil: not known yet
	stop    context.CancelCauseFunc
	ended   chan struct{}
}

// beginImport makes an import the one that is under way.
func (l *Lake) beginImport(ctx context.Context) (context.Context, *runningImport, error) {
	r := &runningImport{lake: l, id: uuid.NewString(), ended: make(chan struct{})}
	ctx, r.stop = context.WithCancelCause(ctx)
	for !l.importing.CompareAndSwap(nil, r) {
		if other := l.importing.Load(); other != nil {
			r.stop(nil)
			return nil, nil, fmt.Errorf("%w: %s; it can be waited for or stopped", ErrStoreHasImport, other.id)
		}
	}
	return ctx, r, nil
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
	if record.Status != catalog.ImportInProgress {
		return nil, fmt.Errorf("%w: %s is %s", ErrImportNotRunning, id, record.Status)
	}
	record.Status, record.EndedAt = catalog.ImportStopped, record.UpdatedAt
	err = i.lake.storage.Catalog().Update(ctx, func(tx *catalog.Tx) error { return tx.PutImport(record) })
	return importOf(record), err
}
