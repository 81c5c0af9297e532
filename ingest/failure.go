// Package ingest holds what all ways into a store share: the reasons why a record or a file could not be ingested.
// Its subpackages cut files into records, turn records into rows and import whole folders.
package ingest

import (
	"fmt"
	"time"
)

// Reason is why a record or a file was not ingested. Reasons are stored, listed and searched for, so their values
// never change.
type Reason string

// Reasons for a single record.
const (
	InvalidJSON    Reason = "INVALID_JSON"
	InvalidUTF8    Reason = "INVALID_UTF8"
	BadEventTime   Reason = "BAD_EVENT_TIME"
	RecordTooLarge Reason = "RECORD_TOO_LARGE"
	RecordTooDeep  Reason = "RECORD_TOO_DEEP"
	// InFuture: the event's time is more than MaxAhead after the clock. A later import takes the event.
	InFuture Reason = "IN_FUTURE"
	// WrongCategory: the event belongs in a store of another category.
	WrongCategory Reason = "WRONG_CATEGORY"
	// NotAnEvent: the record is another service's, or has no member that only events have.
	NotAnEvent Reason = "NOT_AN_EVENT"
	// InvalidRow: the row of a result file does not match the columns of its first line, or has a value that its
	// column cannot hold.
	InvalidRow Reason = "INVALID_ROW"
)

// The reasons for a file, or for the rest of a file.
const (
	Unreadable   Reason = "UNREADABLE"
	AccessDenied Reason = "ACCESS_DENIED"
	// RunFailed: the import itself ended, for a reason outside the files.
	RunFailed   Reason = "RUN_FAILED"
	NotALogFile Reason = "NOT_A_LOG_FILE"
	CorruptGzip Reason = "CORRUPT_GZIP"
	// CorruptPacking: the file is packed with zstd or bzip2 and is damaged.
	CorruptPacking Reason = "CORRUPT_COMPRESSION"
	TruncatedJSON  Reason = "TRUNCATED_JSON"
	FileTooLarge   Reason = "FILE_TOO_LARGE"
	// TooManyFailures: too many records of the file failed, so the rest was not read.
	TooManyFailures Reason = "TOO_MANY_FAILURES"
	// HashMismatch: a result file differs from the hash in the sign file next to it.
	HashMismatch Reason = "HASH_MISMATCH"
	// MissingFile: a sign file lists a result file that is not next to it.
	MissingFile Reason = "MISSING_FILE"
	// NotSigned: no sign file next to a result file is signed with one of the keys that the import was given.
	NotSigned Reason = "NOT_SIGNED"
)

// MaxAhead is how far an event's time may lie ahead of the clock.
const MaxAhead = 24 * time.Hour

// FutureMessage explains InFuture for an event's time in milliseconds since 1970.
func FutureMessage(millis int64) string {
	return fmt.Sprintf("eventTime %s is more than a day ahead", time.UnixMilli(millis).UTC().Format(time.RFC3339))
}

// WholeFile is the Record of a failure that concerns the whole file.
const WholeFile = -1

// Failure is a record or a file that could not be ingested.
type Failure struct {
	Reason  Reason
	Message string
	// Record is the record's index in the file, from 0; WholeFile if the rest of the file is lost.
	Record int64
	// Offset is a position in the file's uncompressed bytes: where the record begins, or where reading the file
	// ended.
	Offset int64
}

func (f *Failure) Error() string {
	return fmt.Sprintf("%s: %s", f.Reason, f.Message)
}
