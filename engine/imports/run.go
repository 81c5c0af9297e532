package imports

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/auditlake/auditlake/engine/billing"
	"github.com/auditlake/auditlake/engine/store"
	"github.com/auditlake/auditlake/ingest/importer"
	"github.com/auditlake/auditlake/ingest/selector"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/object"
)

// mainStore is the store that an import into an empty lake makes.
const mainStore = "main"

// Options says what to import.
type Options struct {
	// Store is a store's name, id or ARN; "": the lake's only store. A lake
	// without stores gets one called main with the longest retention, so that
	// old logs are not silently left out.
	Store string
	// Paths are files, folders and globs of this machine, or URLs s3://bucket/prefix.
	Paths []string
	// Storage says where the server of s3:// URLs is.
	Storage object.Options
	// Concurrency is how many objects of buckets are asked for at the same time, at most MaxConcurrency; 0: as many
	// as it takes.
	Concurrency int
	// MaxFailedRecords is how many records of one file may fail before the import gives up the rest of the file; 0:
	// 100,000, less than 0: any number.
	MaxFailedRecords int64
	// From and To bound eventTime: from From on, before To. Zero: no bound.
	From, To time.Time
	// ApplySelectors leaves out the events that the store's selectors do not
	// select. A copy of log files otherwise takes all events.
	ApplySelectors bool
	// PublicKeys are those that may sign result files of the managed service, as engine.ParsePublicKeys reads them:
	// with one or more, a result file that none of them has signed fails. With none, the hashes in sign files are
	// checked and their signatures are not.
	PublicKeys []*rsa.PublicKey
	// DryRun counts and changes nothing.
	DryRun bool
	// Progress is called with how far the import is, from one goroutine.
	Progress func(Progress)
	// FileDone is called with the outcome of each file, from the goroutine of Progress.
	FileDone func(FileResult)
}

// MaxConcurrency is the most that Options.Concurrency can be.
const MaxConcurrency = importer.MaxConcurrency

// FileResult is what became of one file of an import.
type FileResult = importer.FileResult

// Progress is how far an import is.
type Progress struct {
	Files, FilesTotal int64
	Bytes, BytesTotal int64 // stored bytes of the files
	Listed            bool  // the totals are known; until then they grow, and nothing is read
	Events            int64 // added
	Failures          int64
	// Warning says, before the first file is read, that most of the events lie outside retention; empty when they
	// do not.
	Warning string
}

// Result is what an import did. Every record of the files is counted
// once: Records = Events + SkippedKnown + SkippedWindow + SkippedRetention +
// SkippedSelector + SkippedRepeated + FailedRecords.
type Result struct {
	ImportID string
	Store    *store.Store
	Counts
	// Price is the estimate of the managed service's for the events added, in USD.
	Price float64
	// FailureCodes are the reasons of failures with their numbers, "BAD_EVENT_TIME: 3".
	FailureCodes []string
	// RetentionDaysNeeded is the retention that would have kept all events that were left out for their age.
	RetentionDaysNeeded int
	// LeftOut says what the FilesOther are.
	LeftOut LeftOut
	// NotFollowed are the first links to folders, and sockets, among LeftOut.
	NotFollowed []LeftOutObject
	// EmptyFiles of the Files have no event.
	EmptyFiles int64
	// ResultFiles says what was checked of result files of the managed service.
	ResultFiles ResultFiles
	// FailedFiles are the first of the files that could not be read whole.
	FailedFiles []FailedFile
	// OldRead of the AgedRead events that this run has read were older than the store keeps. Events of files that
	// earlier runs have read are not among them.
	OldRead, AgedRead int64

	// StoredRepeats are the events, of the days into which events were added, that the store holds more than once:
	// the same id, recipient account and bytes. 0 for a store that drops repeated events.
	StoredRepeats int64

	// IsFirst: the import made the store, or would make it.
	IsFirst bool

	isWindow bool // From or To was given
	isDryRun bool // nothing was written
}

// LeftOutObject is a link to a folder, or a socket, that lies among files.
type LeftOutObject = importer.LeftOutObject

// FailedFile is a file that could not be read whole, and why.
type FailedFile = importer.FailedFile

// ResultFiles counts result files of the managed service by what was checked of them.
type ResultFiles = importer.ResultFiles

// Problem returns what a user must hear of an import that ended, nil if it did all it was asked. What could be taken
// in is in the store. Problems are:
//   - a file that could not be read whole
//   - a record that could not be taken in
//   - no log file, or no event at all, taken in
//   - most of what was read being older than the store keeps
func (r *Result) Problem() error {
	nothing := r.Events == 0 && r.SkippedKnown == 0 && r.FilesKnown == 0
	was, are := "was", "are"
	if r.isDryRun {
		was, are = "would be", "would be"
	}
	switch {
	case r.FilesFailed > 0:
		return fmt.Errorf("%d of %d files could not be read completely (%s)",
			r.FilesFailed, r.Files+r.FilesFailed, strings.Join(r.FailureCodes, ", "))
	case r.Files+r.FilesAggregated == 0 && len(r.LeftOut) > 0:
		return fmt.Errorf("nothing %s imported: found no log files, only %s%s",
			was, r.LeftOut, r.LeftOut.insightsHint())
	case r.Files+r.FilesAggregated == 0 && !r.isWindow:
		return fmt.Errorf("nothing %s imported: found no files", was)
	case nothing && r.FailedRecords > 0:
		return fmt.Errorf("no record could be imported (%s)", strings.Join(r.FailureCodes, ", "))
	case nothing && r.FilesAggregated > 0:
		return fmt.Errorf("found only aggregated events, which are not supported (%d files)", r.FilesAggregated)
	case nothing && r.SkippedRetention > 0:
		return fmt.Errorf("no event is within the %d-day retention of store %s",
			r.Store.RetentionDays, r.Store.Name)
	case 2*r.OldRead > r.AgedRead:
		return fmt.Errorf("more than half of the events (%d of %d) are older than the %d-day retention of store %s; "+
			"the others %s in the store; --from excludes older events on purpose",
			r.OldRead, r.AgedRead, r.Store.RetentionDays, r.Store.Name, are)
	case r.FailedRecords > 0:
		return fmt.Errorf("%d of %d records could not be imported (%s); the others %s in the store",
			r.FailedRecords, r.Records, strings.Join(r.FailureCodes, ", "), are)
	}
	return nil
}

// Run copies log files into a store. It is exactly-once per file and record:
// running it again adds nothing twice and resumes what was interrupted. A
// cancelled context, or Stop, ends it after the rows in hand; the result is
// then what was done besides the error. One import runs at a time: another
// one is store.ErrHasImport.
func (i *Imports) Run(ctx context.Context, options Options) (*Result, error) {
	ctx, running, err := i.slot.beginImport(ctx, uuid.NewString())
	if err != nil {
		return nil, err
	}
	defer running.end()
	source, err := i.sourceOf(ctx, options)
	if err != nil {
		return nil, err
	}
	record, isFirst, err := i.storeFor(ctx, options)
	if err != nil {
		return nil, err
	}
	running.storeID.Store(&record.ID)
	monthBytes, err := i.book().IngestedThisMonth(record)
	if err != nil {
		return nil, err
	}
	known, err := i.segmentsBefore(ctx, record, options.DryRun)
	if err != nil {
		return nil, err
	}
	done, err := importer.Run(ctx, i.storage, record, source, importer.Options{
		ID: running.id, From: options.From, To: options.To, ApplySelectors: options.ApplySelectors && len(record.Selectors) > 0,
		Concurrency: options.Concurrency, MaxFailedRecords: options.MaxFailedRecords, PublicKeys: options.PublicKeys, DryRun: options.DryRun, Now: i.place.Now(), FileDone: options.FileDone, Progress: progressFor(record, options.Progress),
		Ending: func(all catalog.ImportCounts) {
			if !options.DryRun {
				i.place.Took(record.ID, all.Events, all.EventBytes, all.FailedRecords)
			}
			running.beginEnd()
		},
	})
	if errors.Is(err, selector.ErrInvalid) {
		return nil, fmt.Errorf("%w: %w", store.ErrInvalidSelectors, err)
	}
	if done == nil {
		return nil, err
	}
	if errors.Is(err, context.Canceled) {
		err = context.Cause(ctx)
	}
	r := &Result{
		ImportID: done.Import.ID, Store: store.FromRecord(record), Counts: Counts(done.Import.Counts),
		RetentionDaysNeeded: done.RetentionDaysNeeded, LeftOut: done.Summary.LeftOut, NotFollowed: done.Summary.NotFollowed, EmptyFiles: done.Summary.EmptyFiles, ResultFiles: done.Summary.ResultFiles, FailedFiles: done.Summary.FailedFiles,
		OldRead: done.Summary.OldRead, AgedRead: done.Summary.AgedRead, isWindow: !options.From.IsZero() || !options.To.IsZero(),
		isDryRun: options.DryRun, IsFirst: isFirst,
	}
	r.Price = i.book().Ingestion(record, monthBytes, r.EventBytes, 0) // copied log files are never live events
	for code, count := range done.Reasons {
		r.FailureCodes = append(r.FailureCodes, fmt.Sprintf("%s: %d", code, count))
	}
	sort.Strings(r.FailureCodes)
	if err == nil && known != nil && r.Events > 0 {
		r.StoredRepeats = i.countRepeats(ctx, record, known)
	}
	return r, err
}

func (i *Imports) book() billing.Book {
	return billing.Book{Storage: i.storage, Prices: i.place.Prices, Now: i.place.Now}
}

// storeFor finds the store, or makes the first one of a lake: isFirst.
func (i *Imports) storeFor(ctx context.Context, options Options) (record *catalog.Store, isFirst bool, err error) {
	records, err := store.Records(ctx, i.storage)
	if err != nil {
		return nil, false, err
	}
	made := slices.ContainsFunc(records, func(r *catalog.Store) bool { return !r.IsActivity })
	if options.Store == "" && !made {
		first := store.Options{Name: mainStore, RetentionDays: store.MaxRetentionDays, DedupeEventID: true}
		if options.DryRun {
			record, err := store.Draft(i.place.Stores, first)
			return record, true, err
		}
		s, err := i.place.Stores.Create(ctx, first)
		if err != nil {
			return nil, false, err
		}
		record, err := store.Record(ctx, i.storage, s.ID)
		return record, true, err
	}
	if options.Store == "" {
		records = store.ForTrails(records)
	}
	record, err = store.Find(records, options.Store)
	if err != nil {
		return nil, false, err
	}
	switch {
	case record.IsActivity:
		return nil, false, fmt.Errorf("%w: %s", store.ErrProtected, record.Name)
	case record.Status == catalog.StorePendingDeletion:
		return nil, false, fmt.Errorf("%w: %s", store.ErrInactive, record.Name)
	}
	return record, false, nil
}

// progressFor returns a function that reports an import's progress to tell; nil if tell is nil.
func progressFor(s *catalog.Store, tell func(Progress)) func(importer.Progress) {
	if tell == nil {
		return nil
	}
	return func(p importer.Progress) {
		out := Progress{
			Files: p.Files, FilesTotal: p.FilesTotal, Bytes: p.Bytes, BytesTotal: p.BytesTotal, Listed: p.Listed, Events: p.Events, Failures: p.Failures,
		}
		if p.Precheck.MostPast() {
			out.Warning = fmt.Sprintf("most of the files are older than the %d days that store %s keeps", s.RetentionDays, s.Name)
			if days := p.Precheck.RetentionDaysNeeded; days <= store.ForeverRetentionDays {
				out.Warning += fmt.Sprintf("; about %d days would keep them", days)
			}
		}
		tell(out)
	}
}
