package engine

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/auditlake/auditlake/engine/store"
	"github.com/auditlake/auditlake/ingest/importer"
	"github.com/auditlake/auditlake/ingest/selector"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/object"
)

// Imports are the imports of a lake, past and running.
type Imports struct{ lake *Lake }

// Imports are the lake's imports.
func (l *Lake) Imports() *Imports { return &Imports{l} }

// Import is a past or running import.
type Import struct {
	ID           string // UUID
	StoreID      string
	Sources      []string
	Source       *S3Source // of an import in the background; nil: somebody waits for it
	Status       ImportStatus
	Error        string    // why the run itself ended
	From, To     time.Time // bounds of eventTime; zero: none
	UseSelectors bool
	StartedAt    time.Time
	UpdatedAt    time.Time
	EndedAt      time.Time // zero: it has not ended
	Counts       ImportCounts
}

// ImportStatus is the state of an import.
type ImportStatus string

// The states of an import.
const (
	ImportInitializing = ImportStatus(catalog.ImportInitializing)
	ImportInProgress   = ImportStatus(catalog.ImportInProgress)
	ImportCompleted    = ImportStatus(catalog.ImportCompleted)
	ImportFailed       = ImportStatus(catalog.ImportFailed)
	ImportStopped      = ImportStatus(catalog.ImportStopped)
)

// ImportCounts adds up what an import has committed.
type ImportCounts struct {
	Files            int64 // read to their end
	FilesFailed      int64 // could not be read
	FilesKnown       int64 // added nothing because the ledger knew them
	FilesOther       int64 // recognised as something else than a log file
	FilesAggregated  int64 // hold aggregated events, which are not supported
	Records          int64
	Events           int64 // added
	EventBytes       int64 // uncompressed bytes of the events added
	SkippedKnown     int64 // the store had them by an earlier import
	SkippedWindow    int64 // outside From and To
	SkippedRetention int64 // older than the store's retention
	SkippedSelector  int64 // not selected
	SkippedRepeated  int64 // the store had the same event, and leaves out repeated ones
	KeptOtherBytes   int64 // of Events there: the id of another event, other bytes
	KeptWithoutID    int64 // of Events there: no id
	DuplicateKeys    int64 // members of a record that a later one of the same name replaced
	FailedRecords    int64
	Prefixes         int64 // folders of log files
	PrefixesDone     int64
}

// Failure is something an import could not take in.
type Failure struct {
	ImportID string
	File     string
	Record   int64  // number in the file from 0; -1: the whole file
	Offset   int64  // of the record in the uncompressed bytes; -1: unknown
	Code     string // such as BAD_EVENT_TIME
	Message  string
	At       time.Time

	Status FailureStatus
}

// FailureStatus is what became of a failure.
type FailureStatus string

// The states of a failure.
const (
	FailureStands    = FailureStatus(catalog.FailureStands)    // nothing
	FailureRetried   = FailureStatus(catalog.FailureRetried)   // a further run is at it
	FailureSucceeded = FailureStatus(catalog.FailureSucceeded) // a further run has taken it in
)

func importOf(r *catalog.Import) *Import {
	return &Import{
		ID: r.ID, StoreID: r.StoreID, Sources: r.Sources, Source: (*S3Source)(r.S3), Status: ImportStatus(r.Status), Error: r.Error, From: r.From, To: r.To,
		UseSelectors: r.UseSelectors, StartedAt: r.StartedAt, UpdatedAt: r.UpdatedAt, EndedAt: r.EndedAt, Counts: ImportCounts(r.Counts),
	}
}

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
	ImportCounts
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

// Run copies log files into a store. It is exactly-once per file and record:
// running it again adds nothing twice and resumes what was interrupted. A
// cancelled context, or Stop, ends it after the rows in hand; the result is
// then what was done besides the error. One import runs at a time: another
// one is ErrStoreHasImport.
func (i *Imports) Run(ctx context.Context, options ImportOptions) (*ImportResult, error) {
	l := i.lake
	ctx, running, err := l.beginImport(ctx, uuid.NewString())
	if err != nil {
		return nil, err
	}
	defer running.end()
	source, err := l.importSource(ctx, options)
	if err != nil {
		return nil, err
	}
	record, err := l.importStore(ctx, options)
	if err != nil {
		return nil, err
	}
	running.storeID.Store(&record.ID)
	monthBytes, err := l.book().IngestedThisMonth(record)
	if err != nil {
		return nil, err
	}
	done, err := importer.Run(ctx, l.storage, record, source, importer.Options{
		ID: running.id, From: options.From, To: options.To, ApplySelectors: options.ApplySelectors && len(record.Selectors) > 0,
		DryRun: options.DryRun, Now: l.now(), FileDone: options.FileDone, Progress: importProgress(record, options.Progress),
		Ending: running.beginEnd,
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
	if !options.DryRun {
		l.ingested.add(record.ID, done.Import.Counts.Events, done.Import.Counts.EventBytes, done.Import.Counts.FailedRecords, l.now())
	}
	r := &ImportResult{
		ImportID: done.Import.ID, Store: store.FromRecord(record), ImportCounts: ImportCounts(done.Import.Counts),
		RetentionDaysNeeded: done.RetentionDaysNeeded,
	}
	r.Price = l.book().Ingestion(record, monthBytes, r.EventBytes)
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
		buckets, err := object.EveryBucket(ctx, options.Storage)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInvalidParameter, err)
		}
		bucket, err := importer.NewBucket(ctx, buckets, "", options.From, options.To, urls...)
		if err != nil {
			return nil, err
		}
		sources = append(sources, bucket)
	}
	return importer.Join(sources...), nil
}

// importStore finds the store, or makes the first one of a lake.
func (l *Lake) importStore(ctx context.Context, options ImportOptions) (*catalog.Store, error) {
	records, err := store.Records(ctx, l.storage)
	if err != nil {
		return nil, err
	}
	made := slices.ContainsFunc(records, func(r *catalog.Store) bool { return !r.IsActivity })
	if options.Store == "" && !made {
		first := StoreOptions{Name: mainStore, RetentionDays: MaxRetentionDays}
		if options.DryRun {
			return store.Draft(l.Stores(), first)
		}
		s, err := l.Stores().Create(ctx, first)
		if err != nil {
			return nil, err
		}
		return store.Record(ctx, l.storage, s.ID)
	}
	record, err := store.Find(records, options.Store)
	if err != nil {
		return nil, err
	}
	switch {
	case record.IsActivity:
		return nil, fmt.Errorf("%w: %s", ErrStoreProtected, record.Name)
	case record.Status == catalog.StorePendingDeletion:
		return nil, fmt.Errorf("%w: %s", ErrStoreInactive, record.Name)
	}
	return record, nil
}

func importProgress(s *catalog.Store, tell func(ImportProgress)) func(importer.Progress) {
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

// List returns the imports, newest first.
func (i *Imports) List(ctx context.Context) ([]*Import, error) {
	var out []*Import
	err := i.lake.storage.Catalog().View(func(tx *catalog.Tx) error {
		records, err := tx.Imports()
		for _, r := range records {
			out = append(out, importOf(r))
		}
		return err
	})
	sort.Slice(out, func(i, j int) bool { return out[i].StartedAt.After(out[j].StartedAt) })
	return out, errors.Join(err, ctx.Err())
}

// ErrImportNotFound means that no import has the id.
var ErrImportNotFound = errors.New("import not found")

// Get finds an import.
func (i *Imports) Get(_ context.Context, id string) (*Import, error) {
	r, err := i.record(id)
	if err != nil {
		return nil, err
	}
	return importOf(r), nil
}

func (i *Imports) record(id string) (*catalog.Import, error) {
	var r *catalog.Import
	err := i.lake.storage.Catalog().View(func(tx *catalog.Tx) (err error) {
		r, err = tx.Import(id)
		return err
	})
	if errors.Is(err, catalog.ErrNotFound) {
		return nil, fmt.Errorf("%w: %s", ErrImportNotFound, id)
	}
	return r, err
}

// Failures iterates over what an import could not take in, by file and record.
func (i *Imports) Failures(_ context.Context, id string) iter.Seq2[*Failure, error] {
	return func(yield func(*Failure, error) bool) {
		if _, err := i.record(id); err != nil {
			yield(nil, err)
			return
		}
		err := i.lake.storage.Catalog().View(func(tx *catalog.Tx) error {
			for r, err := range tx.Failures(id) {
				if err != nil {
					return err
				}
				f := Failure{
					ImportID: r.ImportID, File: r.File, Record: r.Record, Offset: r.Offset, Code: r.Code, Message: r.Message, At: r.At, Status: FailureStatus(r.Status),
				}
				if !yield(&f, nil) {
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
