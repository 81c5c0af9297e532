package engine

import (
	"crypto/rsa"

	"github.com/auditlake/auditlake/engine/imports"
	"github.com/auditlake/auditlake/ingest/signfile"
)

// The types of imports; engine/imports runs them.
type (
	// Imports are the imports of a lake, past and running.
	Imports = imports.Imports
	// Import is a past or running import.
	Import = imports.Import
	// ImportOptions says what a synchronous import copies.
	ImportOptions = imports.Options
	// ImportStart says what a background import copies.
	ImportStart = imports.BackgroundOptions
	// S3Source is the location that a background import reads.
	S3Source = imports.S3Source
	// ImportStatus is the state of an import.
	ImportStatus = imports.Status
	// ImportCounts adds up the committed events of an import.
	ImportCounts = imports.Counts
	// ImportProgress is the progress of an import.
	ImportProgress = imports.Progress
	// ImportedFile is the outcome of one file of an import.
	ImportedFile = imports.FileResult
	// ImportResult is the outcome of an import.
	ImportResult = imports.Result
	// ImportedResultFiles counts result files of the managed service by what was verified of them.
	ImportedResultFiles = imports.ResultFiles
	// Failure is a file or object that an import could not take in.
	Failure = imports.Failure
	// FailureStatus is the state of a failure.
	FailureStatus = imports.FailureStatus
)

// MaxImportConcurrency is the maximum of ImportOptions.Concurrency.
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

// ParsePublicKeys reads, for ImportOptions, the public keys that sign result files of the managed service. It
// accepts base64 as ListPublicKeys returns it, the whole output of aws cloudtrail list-public-keys, PEM, or the
// key's bytes.
func ParsePublicKeys(text []byte) ([]*rsa.PublicKey, error) { return signfile.ParsePublicKeys(text) }

// Imports returns the lake's imports.
func (l *Lake) Imports() *Imports { return l.imports }

func newImports(l *Lake) *Imports {
	return imports.New(l.storage, imports.Place{
		Dir: l.dir, Stores: l.stores, Buckets: l.options.Buckets, Prices: l.options.Prices, ReadOnly: l.options.ReadOnly, Now: l.now, Log: l.options.Log,
		Took: func(storeID string, events, bytes, failedRecords int64) {
			l.ingested.add(storeID, events, bytes, failedRecords, l.now())
		},
	})
}
