// Package importer copies log files into a store: each record once, however often an import runs, with a list of
// all that could not be imported.
//
// Files are read in the order of their delivery, day by day, except for objects that a server is slow to send.
// Workers read groups of adjacent files in parallel. One committer takes their rows in the order of the groups and
// commits closed sets, rows and ledger entries in one transaction: whole files, their complete days, or the first
// part of a large file. A stopped import loses nothing, a killed one only the sets in progress; running it again
// continues from there.
//
//	listing -> ahead --objects--> groupObjects --jobs--> workers --batches--> committer -> pending -> storage.Writer
//	                                   |                                          ^
//	                                   +------------- jobs, in order -------------+
//
//	ahead         fetches the objects of servers
//	groupObjects  groups the objects that have come
//	workers       (decoder) send batches of rows, and messages about the rows:
//	  fileEnd       the last rows of a file
//	  fileStretch   rows of a file, more follow
//	  rowsAhead     rows that wait for their file's message, in committer.ahead
//	  rowsVoid      rows that do not count
//	set           what was taken; it is sealed once it is large or its days are complete
//	inFlight      the sealed set, which is written and committed in the background
//
// Rows are sent ahead of their file's message for this reason: the SHA-256 of the content shows whether a file was
// imported before, and is known only at its end. Rows of up to heldBatches batches wait in the worker until then.
// The worker reads a larger file twice, first for its hash, and sends it in stretches. If the ledger turns out to
// know the content, the rows become void, and the file is read again and compared record by record with what was
// admitted.
//
// A set holds whole files, or stretches of one large file, never both: takeStretch first commits the set. Only one
// commit is in flight; the next waits for it, so the ledger is always that of a durable set.
package importer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/auditlake/auditlake/ingest/logfile"
	"github.com/auditlake/auditlake/ingest/record"
	"github.com/auditlake/auditlake/panics"
	"github.com/auditlake/auditlake/processors"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/schema"
)

// Groups are large enough to fill batches and small enough to keep all workers busy.
const (
	groupBytes = 512 << 10 // stored bytes
	groupFiles = 64
)

// run is a running import.
type run struct {
	lake    *storage.Lake
	store   *catalog.Store
	table   *schema.Table
	source  Source
	options Options
	rules   rules
	ledger  ledger
	started time.Time

	read         atomic.Int64 // stored bytes
	outstanding  outstanding
	prefixes     *prefixes
	listing      *listing
	besideLogs   bool // there are log files that a trail delivered; set once all is listed
	results      resultFiles
	listReported time.Time
}

// Run imports all objects of a source into a store. The result counts what was committed, also after an error. When
// the context ends, what was read so far is still committed and the error is the context's. A store takes one
// import at a time.
func Run(ctx context.Context, lake *storage.Lake, store *catalog.Store, source Source, options Options) (*Result, error) {
	table, ok := schema.ForCategory(store.Category)
	if !ok {
		return nil, fmt.Errorf("import: store %s has the unknown category %q", store.Name, store.Category)
	}
	if store.DedupeEventID && !table.Arrow().HasField("eventjson") {
		return nil, fmt.Errorf("import: store %s drops repeated events, but %s events are kept without a text to compare", store.Name, store.Category)
	}
	if options.ID == "" {
		options.ID = uuid.NewString()
	}
	if options.Now.IsZero() {
		options.Now = time.Now()
	}
	if options.Workers <= 0 {
		options.Workers = processors.Count()
	}
	if options.BufferBytes <= 0 {
		options.BufferBytes = defaultBufferBytes
	}
	if options.batchBytes <= 0 {
		options.batchBytes = defaultBatchBytes
	}
	if options.setBytes <= 0 {
		options.setBytes = options.BufferBytes / 2
	}
	if options.listBytes <= 0 {
		options.listBytes = maxListedBytes
	}
	if options.Limits == (logfile.Limits{}) {
		options.Limits = logfile.DefaultLimits()
	}
	r := &run{
		lake: lake, store: store, table: table, source: source, options: options,
		started: time.Now(), listReported: time.Now(), prefixes: newPrefixes(), results: newResultFiles(),
	}
	defer processors.Begin()()
	return r.run(ctx)
}

// ErrInterrupted, as the cause of a context that ends, leaves the import IN_PROGRESS: a later run continues it.
var ErrInterrupted = errors.New("the import is interrupted")

func (r *run) run(ctx context.Context) (*Result, error) {
	result := &Result{Reasons: map[string]int64{}, Import: r.newRecord()}
	if err := r.openLedger(); err != nil {
		return result, err
	}
	if err := r.beginImport(ctx, &result.Import); err != nil {
		return result, err
	}
	var err error
	if r.listing, result.Precheck, err = r.list(ctx); err == nil {
		defer r.listing.close()
		result.Import.Status, result.Import.Counts.Prefixes, result.Import.UpdatedAt = catalog.ImportInProgress, r.prefixes.found(), r.clock()
		if err = r.putImport(ctx, &result.Import); err == nil {
			err = r.copyObjects(ctx, newCommitter(r, result))
		}
	}
	return result, r.endImport(ctx, result, err)
}

// newRecord returns the initial record of the import.
func (r *run) newRecord() catalog.Import {
	i := catalog.Import{
		ID: r.options.ID, StoreID: r.store.ID, Sources: r.source.Names(), Status: catalog.ImportInitializing,
		From: r.options.From, To: r.options.To, UseSelectors: r.options.ApplySelectors, StartedAt: r.options.Now, UpdatedAt: r.options.Now,
	}
	if b := r.options.Begun; b != nil {
		i.ID, i.Sources, i.S3, i.From, i.To, i.StartedAt, i.Run = b.ID, b.Sources, b.S3, b.From, b.To, b.StartedAt, b.Run+1
		// An earlier run added these. They stay counted as added when this run finds them in the store.
		i.Counts.Events, i.Counts.EventBytes, i.Counts.Records = b.Counts.Events, b.Counts.EventBytes, b.Counts.Events
	}
	return i
}

// openLedger sets the state of the ledger by which the run decides.
func (r *run) openLedger() error {
	l := ledger{catalog: r.lake.Catalog(), storeID: r.store.ID}
	err := l.catalog.View(func(tx *catalog.Tx) (err error) {
		l.expiry, err = tx.Expiry(r.store.ID)
		return err
	})
	if err != nil {
		return err
	}
	r.ledger = l
	r.rules, err = newRules(r.options, r.store, l.expiry)
	return err
}

// copyObjects runs the workers and the committer.
func (r *run) copyObjects(ctx context.Context, c *committer) error {
	ctx, cancel := context.WithCancelCause(ctx)
	var workers sync.WaitGroup
	defer workers.Wait()
	defer cancel(nil)

	fetches := newAhead(r)
	objects := make(chan listed, aheadObjects)  // in order
	queue := make(chan *job)                    // to any worker
	order := make(chan *job, r.options.Workers) // to the committer
	workers.Go(func() {
		defer close(order)
		defer close(queue)
		err := panics.Run(r.lake.Log(), "listing of an import", func() error { return r.groupObjects(ctx, fetches, objects, queue, order) })
		if err != nil {
			cancel(err)
		}
	})
	workers.Go(func() {
		defer fetches.tasks.Wait()
		defer close(objects) // after the context has ended, if the list was cut short
		err := panics.Run(r.lake.Log(), "fetching of an import", func() error { return fetches.fetchObjects(ctx, objects) })
		if err != nil {
			cancel(err)
		}
	})
	for range r.options.Workers {
		d := &decoder{
			log: r.lake.Log(), source: r.source, ledger: r.ledger, rules: r.rules, category: schema.Category(r.store.Category), limits: r.options.Limits, batchBytes: r.options.batchBytes, read: &r.read,
			reader: logfile.NewReader(r.options.Limits), appender: record.NewAppender(r.table), matchers: newMatchers(r.ledger, r.rules.selector),
			again: r.options.Begun != nil, besideLogs: r.besideLogs, publicKeys: r.options.PublicKeys, results: r.results,
			maxFailedRecords: cmp.Or(r.options.MaxFailedRecords, defaultMaxFailedRecords),
		}
		d.reader.ScanAhead = d.appender.ScanAhead
		workers.Go(func() {
			for j := range queue {
				d.decodeJob(ctx, j)
			}
		})
	}
	err := c.takeJobs(ctx, order)
	if cause := context.Cause(ctx); cause != nil && (err == nil || errors.Is(err, context.Canceled)) {
		return cause
	}
	return err
}

// groupObjects passes adjacent objects of one day to the workers, in the order in which they are fetched.
func (r *run) groupObjects(ctx context.Context, fetches *ahead, objects <-chan listed, queue, order chan<- *job) error {
	var j *job
	var bytes int64
	flush := func() error {
		for _, to := range []chan<- *job{order, queue} {
			select {
			case to <- j:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		j, bytes = nil, 0
		return nil
	}
	err := fetches.whenFetched(ctx, objects, func(o listed) error {
		if j != nil && (j.day != o.day || j.complete != o.complete()) {
			if err := flush(); err != nil {
				return err
			}
		}
		if j == nil {
			j = &job{day: o.day, complete: o.complete(), batches: make(chan batch, 1)}
		}
		j.objects = append(j.objects, o.Object)
		bytes += o.Bytes
		if bytes >= groupBytes || len(j.objects) == groupFiles {
			return flush()
		}
		return nil
	})
	if err != nil || j == nil {
		return err
	}
	return flush()
}

// clock returns the current time, by the clock of Options.Now.
func (r *run) clock() time.Time { return r.options.Now.Add(time.Since(r.started)) }

// beginImport writes the import's record, and the selectors it applies. Other imports into the store that still
// seem to run were killed, because a store has one import at a time. Background imports are continued.
func (r *run) beginImport(ctx context.Context, i *catalog.Import) error {
	if r.options.DryRun {
		return nil
	}
	if err := r.loadOutstanding(ctx, i.ID); err != nil {
		return err
	}
	return r.lake.Catalog().Update(ctx, func(tx *catalog.Tx) error {
		earlier, err := tx.Imports()
		if err != nil {
			return err
		}
		for _, e := range earlier {
			if e.StoreID != i.StoreID || !e.Status.IsRunning() || e.S3 != nil {
				continue
			}
			e.Status, e.EndedAt = catalog.ImportStopped, e.UpdatedAt
			if err := tx.PutImport(e); err != nil {
				return err
			}
		}
		if r.rules.selector != nil {
			applied := catalog.AppliedSelectors{StoreID: i.StoreID, Hash: r.rules.SelectorsHash, Selectors: r.store.Selectors}
			if err := tx.PutAppliedSelectors(&applied); err != nil {
				return err
			}
		}
		return tx.PutImport(i)
	})
}

// putImport writes the import's record.
func (r *run) putImport(ctx context.Context, i *catalog.Import) error {
	if r.options.DryRun {
		return nil
	}
	return r.lake.Catalog().Update(ctx, func(tx *catalog.Tx) error { return tx.PutImport(i) })
}

// endImport closes the import's record and returns the error of Run.
func (r *run) endImport(ctx context.Context, result *Result, err error) error {
	i := &result.Import
	failures := r.endFailures(i, err)
	switch {
	case errors.Is(context.Cause(ctx), ErrInterrupted):
	case ctx.Err() != nil:
		i.Status = catalog.ImportStopped
	case err != nil:
		i.Status, i.Error = catalog.ImportFailed, err.Error()
	case i.Counts.FilesFailed+i.Counts.FailedRecords > 0:
		i.Status = catalog.ImportFailed
	default:
		i.Status = catalog.ImportCompleted
	}
	if r.options.Ending != nil {
		r.options.Ending(i.Counts)
	}
	i.UpdatedAt = r.clock()
	if !i.Status.IsRunning() {
		i.EndedAt = i.UpdatedAt
	}
	if i.Counts.SkippedRetention > 0 {
		result.RetentionDaysNeeded = retentionDays(r.options.Now, result.OldestPast)
	}
	if r.options.DryRun {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	return errors.Join(err, r.lake.PutFailures(ctx, failures), r.putImport(ctx, i))
}
