package engine

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sort"
	"strings"
	"time"

	"github.com/auditlake/auditlake/ingest/importer"
	"github.com/auditlake/auditlake/ingest/selector"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/object"
)

// Import is a past or running import.
type Import = catalog.Import

// Failure is something an import could not take in.
type Failure = catalog.Failure

// Tag is a key of a store with an optional value.
type Tag = catalog.Tag

// mainStore is the store that an import into an empty lake makes.
const mainStore = "main"

// ImportOptions says what to import.
type ImportOptions struct {
	// Store is a store's name, id or ARN; "": the lake's only store. A lake
	// without stores gets one called main with the longest retention, so that
	// old logs are not silently left out.
	Store string
	// Paths are files, folders and globs of this machine, or URLs s3://bucket/prefix.
	Paths []string
	// Storage says where the server of s3:// URLs is.
	Storage ObjectStorage
	// From and To bound eventTime: from From on, before To. Zero: no bound.
	From, To time.Time
	// ApplySelectors leaves out the events that the store's selectors do not
	// select. A copy of log files otherwise takes all events.
	ApplySelectors bool
	// DryRun counts and changes nothing.
	DryRun bool
	// Progress is told how far the import is, from one goroutine.
	Progress func(ImportProgress)
	// FileDone is told what became of each file, from the goroutine of Progress.
	FileDone func(ImportedFile)
}

// ImportedFile is what became of one file of an import.
type ImportedFile = importer.FileResult

// ImportProgress is how far an import is.
type ImportProgress struct {
	Files, FilesTotal int64
	Bytes, BytesTotal int64 // stored bytes of the files
	Listed            bool  // the totals are known; until then they grow, and nothing is read
	Events            int64 // added
	Failures          int64
	// Warning tells, before the first file is read, that most of the events
	// lie outside retention; empty when they do not.
	Warning string
}

// ImportResult is what an import did. Every record of the files is counted
// once: Records = Events + SkippedKnown + SkippedWindow + SkippedRetention +
// SkippedSelector + SkippedRepeated + FailedRecords.
type ImportResult struct {
	ImportID string
	Store    *Store
	catalog.ImportCounts
	// Price is the estimate of the managed service's for the events added, in USD.
	Price float64
	// FailureCodes are the reasons of failures with their numbers, "BAD_EVENT_TIME: 3".
	FailureCodes []string
	// RetentionDaysNeeded would have kept all events that retention left out.
	RetentionDaysNeeded int
}

// Problem is what a user must hear of an import that ended, nil if it did all it
// was asked: a file that could not be read whole, or no event at all taken in.
// What could be taken in is in the store.
func (r *ImportResult) Problem() error {
	nothing := r.Events == 0 && r.SkippedKnown == 0 && r.FilesKnown == 0
	switch {
	case r.FilesFailed > 0:
		return fmt.Errorf("%d of %d files could not be read whole (%s)", r.FilesFailed, r.Files+r.FilesFailed, strings.Join(r.FailureCodes, ", "))
	case nothing && r.FailedRecords > 0:
		return fmt.Errorf("no record could be taken in (%s)", strings.Join(r.FailureCodes, ", "))
	case nothing && r.FilesAggregated > 0:
		return fmt.Errorf("nothing but aggregated events, which are not supported (%d files)", r.FilesAggregated)
	case nothing && r.SkippedRetention > 0:
		return fmt.Errorf("no event lies within the %d days that store %s keeps", r.Store.RetentionDays, r.Store.Name)
	}
	return nil
}

// Import copies log files into a store. It is exactly-once per file and record:
// running it again adds nothing twice and resumes what was interrupted. A
// cancelled context, or StopImport, stops it after the rows in hand; the result
// then tells what was done beside the error. One import runs at a time: another
// one is ErrStoreHasImport.
func (l *Lake) Import(ctx context.Context, options ImportOptions) (*ImportResult, error) {
	ctx, running, err := l.beginImport(ctx)
	if err != nil {
		return nil, err
	}
	defer running.end()
	source, err := l.importSource(ctx, options)
	if err != nil {
		return nil, err
	}
	store, err := l.importStore(ctx, options)
	if err != nil {
		return nil, err
	}
	running.storeID.Store(&store.ID)
	monthBytes, err := l.ingestedThisMonth(ctx, store)
	if err != nil {
		return nil, err
	}
	done, err := importer.Run(ctx, l.storage, store, source, importer.Options{
		ID: running.id, From: options.From, To: options.To, ApplySelectors: options.ApplySelectors && len(store.Selectors) > 0, DryRun: options.DryRun, Now: l.now(), FileDone: options.FileDone,
		Progress: l.importProgress(store, options.Progress),
	})
	if errors.Is(err, selector.ErrInvalid) {
		return nil, fmt.Errorf("%w: %w", ErrInvalidSelectors, err)
	}
	if done == nil {
		return nil, err
	}
	if errors.Is(err, context.Canceled) {
		err = context.Cause(ctx)
	}
	r := &ImportResult{ImportID: done.Import.ID, Store: store, ImportCounts: done.Import.Counts, RetentionDaysNeeded: done.RetentionDaysNeeded}
	r.Price = l.options.Prices.Ingestion(store.BillingMode, isCloudTrail(store), monthBytes, r.EventBytes)
	for code, count := range done.Reasons {
		r.FailureCodes = append(r.FailureCodes, fmt.Sprintf("%s: %d", code, count))
	}
	sort.Strings(r.FailureCodes)
	return r, err
}

// importSource finds the files to import.
func (l *Lake) importSource(ctx context.Context, options ImportOptions) (importer.Source, error) {
	if !options.From.IsZero() && !options.To.IsZero() && !options.From.Before(options.To) {
		return nil, fmt.Errorf("%w: no event is from %s on and before %s", ErrInvalidParameter, options.From.Format(time.RFC3339), options.To.Format(time.RFC3339))
	}
	var paths, urls []string
	for _, path := range options.Paths {
		switch {
		case strings.HasPrefix(path, object.Scheme):
			urls = append(urls, path)
		case strings.Contains(path, "://"):
			return nil, fmt.Errorf("%w: %s: neither a path of this machine nor s3://bucket/prefix", ErrInvalidParameter, path)
		default:
			paths = append(paths, path)
		}
	}
	var sources []importer.Source
	if len(paths) > 0 {
		files, err := importer.NewFiles(paths...)
		if err != nil {
			return nil, err
		}
		files.LeaveOut(l.dir)
		sources = append(sources, files)
	}
	if len(urls) > 0 {
		client, err := object.NewClient(ctx, options.Storage)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInvalidParameter, err)
		}
		bucket, err := importer.NewBucket(ctx, client, options.From, options.To, urls...)
		if err != nil {
			return nil, err
		}
		sources = append(sources, bucket)
	}
	return importer.Join(sources...), nil
}

// importStore finds the store, or makes the first one of a lake.
func (l *Lake) importStore(ctx context.Context, options ImportOptions) (*Store, error) {
	stores, err := l.Stores(ctx)
	if err != nil {
		return nil, err
	}
	if options.Store == "" && len(stores) == 0 {
		first := StoreOptions{Name: mainStore, RetentionDays: MaxRetentionDays}
		if options.DryRun {
			return l.newStore(first)
		}
		return l.CreateStore(ctx, first)
	}
	s, err := findStore(stores, options.Store)
	if err != nil {
		return nil, err
	}
	if s.Status == catalog.StorePendingDeletion {
		return nil, fmt.Errorf("%w: %s", ErrStoreInactive, s.Name)
	}
	return s, nil
}

func (l *Lake) ingestedThisMonth(ctx context.Context, s *Store) (int64, error) {
	u, err := l.Usage(ctx, "")
	if err != nil {
		return 0, err
	}
	for _, total := range u.Totals {
		if total.Store == s.Name {
			return total.IngestedBytes, nil
		}
	}
	return 0, nil
}

func (l *Lake) importProgress(s *Store, tell func(ImportProgress)) func(importer.Progress) {
	if tell == nil {
		return nil
	}
	return func(p importer.Progress) {
		out := ImportProgress{
			Files: p.Files, FilesTotal: p.FilesTotal, Bytes: p.Bytes, BytesTotal: p.BytesTotal, Listed: p.Listed, Events: p.Events, Failures: p.Failures,
		}
		if p.Precheck.MostPast() {
			out.Warning = fmt.Sprintf("most of the files are older than the %d days that store %s keeps", s.RetentionDays, s.Name)
			if days := p.Precheck.RetentionDaysNeeded; days <= MaxRetentionDays {
				out.Warning += fmt.Sprintf("; about %d days would keep them", days)
			}
		}
		tell(out)
	}
}

// Imports lists the imports, newest first.
func (l *Lake) Imports(ctx context.Context) ([]*Import, error) {
	var out []*Import
	err := l.catalog().View(func(tx *catalog.Tx) (err error) {
		out, err = tx.Imports()
		return err
	})
	sort.Slice(out, func(i, j int) bool { return out[i].StartedAt.After(out[j].StartedAt) })
	return out, errors.Join(err, ctx.Err())
}

// ErrImportNotFound means that no import has the id.
var ErrImportNotFound = errors.New("import not found")

// ImportByID finds an import.
func (l *Lake) ImportByID(_ context.Context, id string) (*Import, error) {
	var out *Import
	err := l.catalog().View(func(tx *catalog.Tx) (err error) {
		out, err = tx.Import(id)
		return err
	})
	if errors.Is(err, catalog.ErrNotFound) {
		return nil, fmt.Errorf("%w: %s", ErrImportNotFound, id)
	}
	return out, err
}

// ImportFailures iterates over what an import could not take in, by file and record.
func (l *Lake) ImportFailures(ctx context.Context, id string) iter.Seq2[*Failure, error] {
	return func(yield func(*Failure, error) bool) {
		if _, err := l.ImportByID(ctx, id); err != nil {
			yield(nil, err)
			return
		}
		err := l.catalog().View(func(tx *catalog.Tx) error {
			for f, err := range tx.Failures(id) {
				if err != nil {
					return err
				}
				if !yield(f, nil) {
					return nil
				}
			}
			return nil
		})
		if err != nil {
			yield(nil, err)
		}
	}
}
