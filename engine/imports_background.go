package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/auditlake/auditlake/engine/store"
	"github.com/auditlake/auditlake/ingest/importer"
	"github.com/auditlake/auditlake/panics"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/object"
	"github.com/auditlake/auditlake/storage/schema"
)

// S3Source is where an import in the background reads.
type S3Source struct {
	URI    string // s3://bucket/prefix, of a bucket of Options.Buckets
	Region string // of the bucket, if its entry in the file of buckets does not say
	// RoleARN is kept and described. Which role is assumed the file of buckets says.
	RoleARN string
}

// ImportStart says what an import in the background copies.
type ImportStart struct {
	Store  string // id or ARN of a store of trail events, ENABLED or STOPPED_INGESTION
	Source S3Source
	// From and To choose files, by the dates in their keys: those of the day of From, of that of To, and of those between. Of
	// a file that is chosen all events are taken. Zero: no bound; without both, files whose keys have no date are taken, too.
	From, To time.Time
}

// Errors of imports in the background.
var (
	ErrImportSource        = errors.New("the import source cannot be read")
	ErrStoreNotOfTrails    = errors.New("the event data store does not hold CloudTrail events")
	ErrImportNothingToDo   = errors.New("there is nothing to try again")
	ErrImportNotBackground = errors.New("somebody waited for the import; it is run again by the command that ran it")
)

// Imports that are killed, or whose lake is closed, are gone on with by Imports.Resume.
var errLakeCloses = fmt.Errorf("%w: the lake is closed", importer.ErrInterrupted)

// sourceTimeout is how long Start waits for the source to show that it can be listed.
const sourceTimeout = 20 * time.Second

// background is the root of what an open lake imports while nobody waits for it.
type background struct {
	ctx     context.Context
	stop    context.CancelCauseFunc
	running sync.WaitGroup

	mu     sync.Mutex
	closed bool // mu
}

func newBackground() *background {
	b := &background{}
	b.ctx, b.stop = context.WithCancelCause(context.Background())
	return b
}

// begin runs work unless the lake is closed, and reports whether it does. The work's panic is logged.
func (b *background) begin(l *Lake, work func()) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return false
	}
	b.running.Go(func() {
		defer panics.Catch(l.options.Log, "import in the background", func(error) {})
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

// Start begins an import in the background and describes it: it is INITIALIZING, and its states are written as they change. It
// survives the end of ctx, and the end of the process, if the next one calls Resume. While another import runs it is
// ErrStoreHasImport.
func (i *Imports) Start(ctx context.Context, o ImportStart) (*Import, error) {
	l := i.lake
	record, err := i.destination(ctx, o.Store)
	if err != nil {
		return nil, err
	}
	if !o.From.IsZero() && !o.To.IsZero() && o.To.Before(o.From) {
		return nil, fmt.Errorf("%w: the window ends before it begins", ErrInvalidParameter)
	}
	if err := o.Source.check(); err != nil {
		return nil, err
	}
	now := l.now()
	return i.begin(ctx, &catalog.Import{
		ID: uuid.NewString(), StoreID: record.ID, Sources: []string{o.Source.URI}, S3: (*catalog.S3Source)(&o.Source), From: o.From, To: o.To, StartedAt: now,
	})
}

// Retry begins an import in the background again that FAILED or was STOPPED, under its id: it reads the files that it has not
// taken yet and those of which something failed. What it has added stays counted.
func (i *Imports) Retry(ctx context.Context, id string) (*Import, error) {
	r, err := i.record(id)
	switch {
	case err != nil:
		return nil, err
	case r.S3 == nil:
		return nil, fmt.Errorf("%w: %s", ErrImportNotBackground, id)
	case r.Status.IsRunning():
		return nil, fmt.Errorf("%w: %s", ErrStoreHasImport, id)
	case r.Status == catalog.ImportCompleted:
		return nil, fmt.Errorf("%w: %s is %s", ErrImportNothingToDo, id, r.Status)
	}
	if _, err := i.destination(ctx, r.StoreID); err != nil {
		return nil, err
	}
	return i.begin(ctx, r)
}

// Resume goes on with the imports in the background that were interrupted by the end of a process: in the background, and from
// what they have committed. One that cannot be gone on with becomes FAILED, with the reason.
func (i *Imports) Resume(ctx context.Context) error {
	if i.lake.IsReadOnly() {
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
		i.lake.background.begin(i.lake, func() { i.resume(found.ID) })
	}
	return nil
}

// resume goes on with an import when no other one runs.
func (i *Imports) resume(id string) {
	l := i.lake
	ctx, running, err := l.waitForImport(l.background.ctx, id)
	if err != nil {
		return // the lake is closed
	}
	defer running.end()
	r, err := i.record(id)
	if err != nil || !r.Status.IsRunning() {
		return // it was stopped meanwhile
	}
	if _, err := i.destination(ctx, r.StoreID); err != nil {
		i.noteFailed(r, err)
		return
	}
	source, err := l.backgroundSource(ctx, r)
	if err != nil {
		i.noteFailed(r, err)
		return
	}
	i.run(ctx, running, r, source)
}

// begin makes sure that an import can run, writes that it does, and lets it.
func (i *Imports) begin(ctx context.Context, r *catalog.Import) (*Import, error) {
	l := i.lake
	if l.IsReadOnly() {
		return nil, ErrReadOnly
	}
	inBackground, running, err := l.beginImport(l.background.ctx, r.ID)
	if err != nil {
		return nil, err
	}
	running.storeID.Store(&r.StoreID)
	source, err := l.backgroundSource(ctx, r)
	if err == nil {
		r.Status, r.Error, r.EndedAt, r.UpdatedAt = catalog.ImportInitializing, "", time.Time{}, l.now()
		err = l.storage.Catalog().Update(ctx, func(tx *catalog.Tx) error { return tx.PutImport(r) })
	}
	if err != nil {
		running.end()
		return nil, err
	}
	described := importOf(r)
	if !l.background.begin(l, func() {
		defer running.end()
		i.run(inBackground, running, r, source)
	}) {
		running.end()
		return nil, ErrClosed
	}
	return described, nil
}

// run runs an import to its end. Whatever ends it, the import's record says so.
func (i *Imports) run(ctx context.Context, running *runningImport, r *catalog.Import, source importer.Source) {
	l := i.lake
	err := panics.Run(l.options.Log, "import", func() error {
		record, err := i.destination(ctx, r.StoreID)
		if err != nil {
			return err
		}
		running.storeID.Store(&record.ID)
		done, err := importer.Run(ctx, l.storage, record, source, importer.Options{
			ID: r.ID, Begun: r, Now: l.now(), Ending: running.beginEnd,
		})
		if done != nil {
			all := done.Import.Counts
			l.ingested.add(record.ID, all.Events-r.Counts.Events, all.EventBytes-r.Counts.EventBytes, all.FailedRecords, l.now())
		}
		return err
	})
	if errors.Is(context.Cause(ctx), importer.ErrInterrupted) {
		return
	}
	running.beginEnd()
	if latest, recordErr := i.record(r.ID); recordErr == nil && latest.Status.IsRunning() {
		i.noteFailed(latest, err)
	}
}

// noteFailed writes that an import ended with an error, or without one that it knows of.
func (i *Imports) noteFailed(r *catalog.Import, err error) {
	l := i.lake
	if err == nil {
		err = errors.New("it ended without a result")
	}
	r.Status, r.Error, r.UpdatedAt = catalog.ImportFailed, err.Error(), l.now()
	r.EndedAt = r.UpdatedAt
	failed := importer.RunFailure(r, err, r.EndedAt)
	err = l.storage.Catalog().Update(context.Background(), func(tx *catalog.Tx) error {
		return errors.Join(tx.PutFailure(&failed), tx.PutImport(r))
	})
	if err != nil && !errors.Is(err, ErrClosed) {
		l.options.Log.Error("the end of an import cannot be noted", "import", r.ID, "error", err)
	}
}

// destination finds a store that an import in the background may go to.
func (i *Imports) destination(ctx context.Context, name string) (*catalog.Store, error) {
	record, err := store.Record(ctx, i.lake.storage, name)
	switch {
	case err != nil:
		return nil, err
	case record.Status == catalog.StorePendingDeletion:
		return nil, fmt.Errorf("%w: %s", ErrStoreInactive, record.Name)
	case !schema.Category(record.Category).IsOfTrails():
		return nil, fmt.Errorf("%w: %s holds events of category %s", ErrStoreNotOfTrails, record.Name, record.Category)
	case record.Status != catalog.StoreEnabled && record.Status != catalog.StoreStoppedIngestion:
		return nil, fmt.Errorf("%w: %s is %s", ErrStoreStatus, record.Name, record.Status)
	}
	return record, nil
}

// maxURIBytes is how long the URL of a bucket's prefix can be: keys have up to 1,024 bytes. ARNs of roles are shorter than
// that, too.
const maxURIBytes = 1100

// check refuses what no source can be.
func (s *S3Source) check() error {
	if max(len(s.URI), len(s.Region), len(s.RoleARN)) > maxURIBytes {
		return fmt.Errorf("%w: a member is longer than %d bytes", ErrImportSource, maxURIBytes)
	}
	if _, err := object.ParseURL(s.URI); err != nil {
		return fmt.Errorf("%w: %w", ErrImportSource, err)
	}
	if !object.IsRegion(s.Region) {
		return fmt.Errorf("%w: %q is no region", ErrImportSource, s.Region)
	}
	if !store.IsRoleARN(s.RoleARN) {
		return fmt.Errorf("%w: %q is not the ARN of a role", ErrImportSource, s.RoleARN)
	}
	return nil
}

// backgroundSource opens the source of an import, and makes sure that something is there.
func (l *Lake) backgroundSource(ctx context.Context, r *catalog.Import) (importer.Source, error) {
	ctx, cancel := context.WithTimeout(ctx, sourceTimeout)
	defer cancel()
	bucket, err := importer.NewBucket(ctx, l.options.Buckets, r.S3.Region, time.Time{}, time.Time{}, r.S3.URI)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrImportSource, err)
	}
	bucket.SelectKeyDates(r.From, r.To)
	return bucket, nil
}
