package engine

import (
	"crypto/rsa"

	"github.com/auditlake/auditlake/engine/imports"
	"github.com/auditlake/auditlake/ingest/signfile"
)

// What imports are; engine/imports runs them.
type (
	// Imports are the imports of a lake, past and running.
	Imports = imports.Imports
	// Import is a past or running import.
	Import = imports.Import
	// ImportOptions says what to import while the caller waits.
	ImportOptions = imports.Options
	// ImportStart says what an import in the background copies.
	ImportStart = imports.BackgroundOptions
	// S3Source is where an import in the background reads.
	S3Source = imports.S3Source
	// ImportStatus is the state of an import.
	ImportStatus = imports.Status
	// ImportCounts adds up what an import has committed.
	ImportCounts = imports.Counts
	// ImportProgress is how far an import is.
	ImportProgress = imports.Progress
	// ImportedFile is what became of one file of an import.
	ImportedFile = imports.FileResult
	// ImportResult is what an import did.
	ImportResult = imports.Result
	// ImportedResultFiles counts result files of the managed service by what was checked of them.
	ImportedResultFiles = imports.ResultFiles
	// Failure is something an import could not take in.
	Failure = imports.Failure
	// FailureStatus is what became of a failure.
	FailureStatus = imports.FailureStatus
)

// MaxImportConcurrency is the most that ImportOptions.Concurrency can be.
const MaxImportConcurrency = imports.MaxConcurrency

// The states of an import.
const (
	ImportInitializing = imports.Initializing
	ImportInProgress   = imports.InProgress
	ImportCompleted    = imports.Completed
	ImportFailed       = imports.Failed
	ImportStopped      = imports.Stopped
)

// The states of a failure.
const (
	FailureStands    = imports.FailureStands
	FailureRetried   = imports.FailureRetried
	FailureSucceeded = imports.FailureSucceeded
)

// Errors of imports.
var (
	ErrImportNotFound      = imports.ErrNotFound
	ErrImportStopped       = imports.ErrStopped
	ErrImportNotRunning    = imports.ErrNotRunning
	ErrImportSource        = imports.ErrSource
	ErrImportNothingToDo   = imports.ErrNothingToDo
	ErrImportNotBackground = imports.ErrNotBackground
	ErrStoreNotOfTrails    = imports.ErrStoreNotOfTrails
)

// ParsePublicKeys reads the public keys that sign result files of the managed service, for ImportOptions: base64 as
// ListPublicKeys returns it, the whole answer of aws cloudtrail list-public-keys, PEM, or the key's bytes.
func ParsePublicKeys(text []byte) ([]*rsa.PublicKey, error) { return signfile.ParsePublicKeys(text) }

// Imports are the lake's imports.
func (l *Lake) Imports() *Imports { return l.imports }

func newImports(l *Lake) *Imports {
	return imports.New(l.storage, imports.Place{
		Dir: l.dir, Stores: l.stores, Buckets: l.options.Buckets, Prices: l.options.Prices, ReadOnly: l.options.ReadOnly, Now: l.now, Log: l.options.Log,
		Took: func(storeID string, events, bytes, failedRecords int64) {
			l.ingested.add(storeID, events, bytes, failedRecords, l.now())
		},
	})
}
