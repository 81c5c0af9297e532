package imports

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/auditlake/auditlake/engine/store"
	"github.com/auditlake/auditlake/ingest/importer"
	"github.com/auditlake/auditlake/panics"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/schema"
)

// BackgroundOptions says what an import in the background copies.
type BackgroundOptions struct {
	Store  string // id or ARN of a store of trail events, ENABLED or STOPPED_INGESTION
	Source S3Source
	// From and To choose files by the dates in their keys: those from the day of From to the day of To, both
	// included. All events of a chosen file are taken. Zero: no bound; without both, files whose keys have no date
	// are taken, too.
	From, To time.Time
}

// Errors of imports in the background.
var (
	ErrSource           = errors.New("the import source cannot be read")
	ErrStoreNotOfTrails = errors.New("the event data store does not hold CloudTrail events")
	ErrNothingToDo      = errors.New("there is nothing to retry")
	ErrNotBackground    = errors.New("the import ran in the foreground: run its command again")
)

// errLakeCloses interrupts imports when the lake closes. Imports.Resume continues these, and imports of a killed
// process.
var errLakeCloses = fmt.Errorf("%w: the lake is closed", importer.ErrInterrupted)

// background is the root of a lake's imports in the background, those without a waiting caller.
type background struct {
	log     *slog.Logger
	ctx     context.Context
	stop    context.CancelCauseFunc
	running sync.WaitGroup

	mu     sync.Mutex
	closed bool // mu
}

func newBackground(log *slog.Logger) *background {
	b := &background{log: log}
	b.ctx, b.stop = context.WithCancelCause(context.Background())
	return b
}

// begin runs work unless the lake is closed, and reports whether it does. The work's panic is logged.
func (b *background) begin(work func()) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return false
	}
	b.running.Go(func() {
		defer panics.Catch(b.log, "import in the background", func(error) {})
		work()
	})
	return true
}

// end interrupts what runs and waits for it.
func (b *background) end() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.stop(errLakeCloses)
	b.running.Wait()
}

// Start begins an import in the background and describes it: it is INITIALIZING, and its states are written as they
// change. It survives the end of ctx, and the end of the process, if the next one calls Resume. While another import
// runs it is store.ErrHasImport.
func (i *Imports) Start(ctx context.Context, o BackgroundOptions) (*Import, error) {
	record, err := i.destination(ctx, o.Store)
	if err != nil {
		return nil, err
	}
	if !o.From.IsZero() && !o.To.IsZero() && o.To.Before(o.From) {
		return nil, fmt.Errorf("%w: the time range ends before it begins", store.ErrInvalidParameter)
	}
	if err := o.Source.check(); err != nil {
		return nil, err
	}
	now := i.place.Now()
	return i.beginBackground(ctx, &catalog.Import{
		ID: uuid.NewString(), StoreID: record.ID, Sources: []string{o.Source.URI}, S3: (*catalog.S3Source)(&o.Source), From: o.From, To: o.To, StartedAt: now,
	})
}

// Retry restarts an import in the background that FAILED or was STOPPED, under its id. It reads the files that are
// not yet imported and those with failures. What the import has already added stays counted.
func (i *Imports) Retry(ctx context.Context, id string) (*Import, error) {
	r, err := i.record(id)
	switch {
	case err != nil:
		return nil, err
	case r.S3 == nil:
		return nil, fmt.Errorf("%w: %s", ErrNotBackground, id)
	case r.Status.IsRunning():
		return nil, fmt.Errorf("%w: %s", store.ErrHasImport, id)
	case r.Status == catalog.ImportCompleted:
		return nil, fmt.Errorf("%w: %s is %s", ErrNothingToDo, id, r.Status)
	}
	if _, err := i.destination(ctx, r.StoreID); err != nil {
		return nil, err
	}
	return i.beginBackground(ctx, r)
}

// Resume continues the imports in the background that the end of a process interrupted, from what they have
// committed. It does so in the background. An import that cannot continue becomes FAILED, with the reason.
func (i *Imports) Resume(ctx context.Context) error {
	if i.place.ReadOnly {
		return nil
	}
	all, err := i.List(ctx)
	if err != nil {
		return err
	}
	for _, found := range all {
		if found.Source == nil || !catalog.ImportStatus(found.Status).IsRunning() {
			continue
		}
		i.background.begin(func() { i.resume(found.ID) })
	}
	return nil
}

// resume continues an import when no other one runs.
func (i *Imports) resume(id string) {
	ctx, running, err := i.slot.waitForImport(i.background.ctx, id)
	if err != nil {
		return // the lake is closed
	}
	defer running.end()
	r, err := i.record(id)
	if err != nil || !r.Status.IsRunning() {
		return // it was stopped meanwhile
	}
	if _, err := i.destination(ctx, r.StoreID); err != nil {
		i.noteFailed(running, r, err)
		return
	}
	source, err := i.backgroundSource(ctx, r)
	if err != nil {
		i.noteFailed(running, r, err)
		return
	}
	i.runBackground(ctx, running, r, source)
}

// beginBackground makes sure that an import can run, writes that it does, and starts it.
func (i *Imports) beginBackground(ctx context.Context, r *catalog.Import) (*Import, error) {
	if i.place.ReadOnly {
		return nil, storage.ErrReadOnly
	}
	inBackground, running, err := i.slot.beginImport(i.background.ctx, r.ID)
	if err != nil {
		return nil, err
	}
	running.storeID.Store(&r.StoreID)
	source, err := i.backgroundSource(ctx, r)
	if err == nil {
		r.Status, r.Error, r.EndedAt, r.UpdatedAt = catalog.ImportInitializing, "", time.Time{}, i.place.Now()
		err = i.storage.Catalog().Update(ctx, func(tx *catalog.Tx) error { return tx.PutImport(r) })
	}
	if err != nil {
		running.end()
		return nil, err
	}
	described := fromRecord(r)
	if !i.background.begin(func() {
		defer running.end()
		i.runBackground(inBackground, running, r, source)
	}) {
		running.end()
		return nil, storage.ErrClosed
	}
	return described, nil
}

// runBackground runs an import to its end. Whatever ends it, the import's record says so.
func (i *Imports) runBackground(ctx context.Context, running *runningImport, r *catalog.Import, source importer.Source) {
	err := panics.Run(i.place.Log, "import", func() error {
		record, err := i.destination(ctx, r.StoreID)
		if err != nil {
			return err
		}
		running.storeID.Store(&record.ID)
		_, err = importer.Run(ctx, i.storage, record, source, importer.Options{
			ID: r.ID, Begun: r, Now: i.place.Now(), Ending: func(all catalog.ImportCounts) {
				i.place.Took(record.ID, all.Events-r.Counts.Events, all.EventBytes-r.Counts.EventBytes,
					// A retry counts the failures of earlier runs again. Fewer are left where some were mended.
					max(0, all.FailedRecords-r.Counts.FailedRecords))
				running.beginEnd()
			},
		})
		return err
	})
	if errors.Is(context.Cause(ctx), importer.ErrInterrupted) {
		return
	}
	if latest, recordErr := i.record(r.ID); recordErr == nil && latest.Status.IsRunning() {
		i.noteFailed(running, latest, err)
	}
}

// noteFailed writes that an import failed with err; nil: without a result.
func (i *Imports) noteFailed(running *runningImport, r *catalog.Import, err error) {
	running.beginEnd()
	if err == nil {
		err = errors.New("it ended without a result")
	}
	r.Status, r.Error, r.UpdatedAt = catalog.ImportFailed, err.Error(), i.place.Now()
	r.EndedAt = r.UpdatedAt
	failed := importer.RunFailure(r, err, r.EndedAt)
	err = i.storage.Catalog().Update(context.Background(), func(tx *catalog.Tx) error {
		return errors.Join(tx.PutFailure(&failed), tx.PutImport(r))
	})
	if err != nil && !errors.Is(err, storage.ErrClosed) {
		i.place.Log.Error("the end of an import cannot be noted", "import", r.ID, "error", err)
	}
}

// destination finds a store that an import in the background may go to.
func (i *Imports) destination(ctx context.Context, name string) (*catalog.Store, error) {
	record, err := store.Record(ctx, i.storage, name)
	switch {
	case err != nil:
		return nil, err
	case record.Status == catalog.StorePendingDeletion:
		return nil, fmt.Errorf("%w: %s", store.ErrInactive, record.Name)
	case !schema.Category(record.Category).IsOfTrails():
		return nil, fmt.Errorf("%w: %s holds events of category %s", ErrStoreNotOfTrails, record.Name, record.Category)
	case record.Status != catalog.StoreEnabled && record.Status != catalog.StoreStoppedIngestion:
		return nil, fmt.Errorf("%w: %s is %s", store.ErrStatus, record.Name, record.Status)
	}
	return record, nil
}
