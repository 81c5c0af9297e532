// Package ingest holds what the ways into a store share: why a record or a file
// could not be taken in. Its subpackages cut files into records, turn records
// into rows and copy whole folders.
package ingest

import (
	"fmt"
	"time"
)

// Reason says why a record or a file was not taken in. The values are stable:
// they are stored, listed and searched for.
type Reason string

// Reasons for a single record.
const (
	InvalidJSON    Reason = "INVALID_JSON"
	InvalidUTF8    Reason = "INVALID_UTF8"
	BadEventTime   Reason = "BAD_EVENT_TIME"
	RecordTooLarge Reason = "RECORD_TOO_LARGE"
	RecordTooDeep  Reason = "RECORD_TOO_DEEP"
	// InFuture: the event's time is more than MaxAhead after the clock. A later import takes it once it is not.
	InFuture Reason = "IN_FUTURE"
	// WrongCategory: the event belongs into a store of another category.
	WrongCategory Reason = "WRONG_CATEGORY"
	// NotAnEvent: the record is one of another service, or has nothing that tells an event.
	NotAnEvent Reason = "NOT_AN_EVENT"
	// InvalidRow: the row of a result file has not the columns of its first line, or a value that is none of its
	// column.
	InvalidRow Reason = "INVALID_ROW"
)

// Reasons for a file, or for what is left of it.
const (
	Unreadable   Reason = "UNREADABLE"
	AccessDenied Reason = "ACCESS_DENIED"
	// RunFailed: the import itself ended, by what has nothing to do with the files.
	RunFailed   Reason = "RUN_FAILED"
	NotALogFile Reason = "NOT_A_LOG_FILE"
	CorruptGzip Reason = "CORRUPT_GZIP"
	// CorruptPacking: the file is packed with zstd or bzip2, and damaged.
	CorruptPacking Reason = "CORRUPT_COMPRESSION"
	TruncatedJSON  Reason = "TRUNCATED_JSON"
	FileTooLarge   Reason = "FILE_TOO_LARGE"
	// TooManyFailures: so many records of the file could not be taken in that the rest was not read.
	TooManyFailures Reason = "TOO_MANY_FAILURES"
	// HashMismatch: a result file is not what the sign file beside it lists.
	HashMismatch Reason = "HASH_MISMATCH"
	// MissingFile: a result file that a sign file lists is not beside it.
	MissingFile Reason = "MISSING_FILE"
	// NotSigned: nothing beside a result file shows that it is signed with one of the keys that the import was given.
	NotSigned Reason = "NOT_SIGNED"
)

// MaxAhead is how far the time of an event may lie ahead of the clock.
const MaxAhead = 24 * time.Hour

// FutureMessage explains InFuture for an event of a time in milliseconds since 1970.
func FutureMessage(millis int64) string {
	return fmt.Sprintf("eventTime %s is more than a day ahead", time.UnixMilli(millis).UTC().Format(time.RFC3339))
}

// WholeFile is the Record of a failure that concerns the file, not one record.
const WholeFile = -1

// Failure is a record or a file that could not be taken in.
type Failure struct {
	Reason  Reason
	Message string
	// Record counts the records of the file from 0, in file order; WholeFile when the rest of the file is lost.
	Record int64
	// Offset is a position in the file's uncompressed bytes: where the record
	// begins, or where reading the file came to its end.
	Offset int64
}

func (f *Failure) Error() string {
	return fmt.Sprintf("%s: %s", f.Reason, f.Message)
}
