package imports

import (
	"time"

	"github.com/auditlake/auditlake/storage/catalog"
)

// Import is a past or running import.
type Import struct {
	ID           string // UUID
	StoreID      string
	Sources      []string
	Source       *S3Source // of an import in the background; nil: a caller waits for it
	Status       Status
	Error        string    // why the run itself ended
	From, To     time.Time // bounds of eventTime; zero: none
	UseSelectors bool
	StartedAt    time.Time
	UpdatedAt    time.Time
	EndedAt      time.Time // zero: it has not ended
	Counts       Counts
}

// Status is the state of an import.
type Status string

// The states of an import.
const (
	Initializing = Status(catalog.ImportInitializing)
	InProgress   = Status(catalog.ImportInProgress)
	Completed    = Status(catalog.ImportCompleted)
	Failed       = Status(catalog.ImportFailed)
	Stopped      = Status(catalog.ImportStopped)
)

// Counts adds up what an import has committed.
type Counts struct {
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

func fromRecord(r *catalog.Import) *Import {
	return &Import{
		ID: r.ID, StoreID: r.StoreID, Sources: r.Sources, Source: (*S3Source)(r.S3), Status: Status(r.Status), Error: r.Error, From: r.From, To: r.To,
		UseSelectors: r.UseSelectors, StartedAt: r.StartedAt, UpdatedAt: r.UpdatedAt, EndedAt: r.EndedAt, Counts: Counts(r.Counts),
	}
}
