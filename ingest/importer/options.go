package importer

import (
	"crypto/rsa"
	"time"

	"github.com/auditlake/auditlake/ingest/logfile"
	"github.com/auditlake/auditlake/storage/catalog"
)

// Options say what an import takes and how.
type Options struct {
	// ID is the import's UUID; "": a new one.
	ID string
	// Begun is the record of an import of the ID that this run continues: it keeps its sources, window, start and
	// counts of added events. Failed files and records are read again. nil: a new import.
	Begun *catalog.Import
	// From and To limit the eventTime of the records taken to [From, To). Zero: no bound.
	From, To time.Time
	// ApplySelectors excludes the events that the store's selectors do not select.
	ApplySelectors bool
	// DryRun reads and counts everything and changes nothing.
	DryRun bool
	// Now is the instant from which the store's retention counts back.
	Now time.Time
	// Workers is the number of files read in parallel; 0: one per CPU.
	Workers int
	// Concurrency is the number of objects of servers requested in parallel, at most MaxConcurrency; 0: enough to
	// keep the workers busy.
	Concurrency int
	// BufferBytes limits the memory of rows that are not yet written; 0: 160 MiB.
	BufferBytes int64
	// Limits of a file; zero: logfile.DefaultLimits.
	Limits logfile.Limits
	// MaxFailedRecords is how many records of one file may fail before the rest of it is given up; 0: 100,000;
	// negative: any number.
	MaxFailedRecords int64
	// PublicKeys may sign result files: with one or more, a result file that none of them has signed is a failure.
	// With none, the hashes in sign files are checked and their signatures are not.
	PublicKeys []*rsa.PublicKey
	// Progress, if set, is called with the progress of the import, from one goroutine.
	Progress func(Progress)
	// FileDone, if set, is called for each file when its rows are on their way, in the order of delivery, from the
	// goroutine of Progress. The commit may still fail.
	FileDone func(FileResult)

	// Ending, if set, is called with the counts of the import, including those of its earlier runs. The run has
	// then committed all that it will, but the import's record does not say so yet.
	Ending func(catalog.ImportCounts)

	batchBytes int64 // memory of the rows passed on at a time; 0: 16 MiB
	listBytes  int   // memory of the list of files; 0: maxListedBytes
	setBytes   int64 // bytes of events from which complete days are committed; 0: half of BufferBytes
}

const (
	defaultMaxFailedRecords = 100_000

	defaultBufferBytes = 160 << 20
	defaultBatchBytes  = 16 << 20
	// maxListedFailures limits the failures that an import lists one by one; all are counted.
	maxListedFailures = 10_000
)

// Progress is the progress of an import.
type Progress struct {
	Files, Bytes int64 // done; stored bytes
	// FilesTotal and BytesTotal grow until all is listed.
	FilesTotal, BytesTotal int64
	Listed                 bool
	Events                 int64 // rows added
	Failures               int64 // of records and files
	// Precheck is set once all is listed.
	Precheck Precheck
}

// FileResult is the outcome of one object. For a log file, Records = Events + Known + OutsideWindow + PastRetention
// + Unselected + Repeated + Failed.
type FileResult struct {
	Object Object
	Kind   logfile.Kind
	// Unchanged: the ledger knows the file as it is; it was not read.
	Unchanged bool
	// Duplicate: another file with the same content was imported in this run.
	Duplicate bool
	// Broken: the file, or the rest of it, could not be read.
	Broken bool
	// SignCheck is what the sign file next to a result file proves.
	SignCheck SignCheck

	ContentSHA256 string // of the uncompressed bytes; "" if not read
	Bytes         int64  // uncompressed

	Records       int64
	Events        int64 // rows added
	EventBytes    int64 // their uncompressed bytes
	Known         int64 // admitted, or listed as failures, by earlier runs or a duplicate
	OutsideWindow int64
	PastRetention int64
	Unselected    int64 // by the store's selectors
	Failed        int64
	RepeatedKeys  int64
	// For stores that drop repeated events:
	Repeated   int64 // dropped
	OtherBytes int64 // of Events: same id as another event, but different bytes
	WithoutID  int64 // of Events: not comparable
	Future     int64 // of Failed: later than the clock allows
	// OldestPastMillis is the smallest eventtime of those that PastRetention counts.
	OldestPastMillis int64
}

// minus subtracts the counts of an earlier result of the same file.
func (r FileResult) minus(earlier FileResult) FileResult {
	r.Records -= earlier.Records
	r.Events -= earlier.Events
	r.EventBytes -= earlier.EventBytes
	r.Known -= earlier.Known
	r.OutsideWindow -= earlier.OutsideWindow
	r.PastRetention -= earlier.PastRetention
	r.Unselected -= earlier.Unselected
	r.Failed -= earlier.Failed
	r.Future -= earlier.Future
	r.RepeatedKeys -= earlier.RepeatedKeys
	r.Repeated -= earlier.Repeated
	r.OtherBytes -= earlier.OtherBytes
	r.WithoutID -= earlier.WithoutID
	return r
}

// Result is the outcome of an import.
type Result struct {
	// Import is the run's record in the catalog (of a dry run, as it would be).
	Import catalog.Import
	// Reasons counts the failures by reason.
	Reasons map[string]int64
	// FailuresListed is how many failures the catalog lists; at most 10,000.
	FailuresListed int64
	// OldestPast is the oldest event past retention, zero if there is none.
	OldestPast time.Time
	// RetentionDaysNeeded is the retention that would have kept all events past retention, 0 if there are none.
	RetentionDaysNeeded int
	Precheck            Precheck
	Summary             Summary
}

// retentionDays returns the shortest retention that keeps an event for at least another hour.
func retentionDays(now, oldest time.Time) int {
	const hour, day = 60 * 60, 24 * 60 * 60 // a time.Duration ends after 292 years
	return int((now.Unix()-oldest.Unix()+hour)/day) + 1
}
