package importer

import (
	"errors"
	"io/fs"

	"github.com/auditlake/auditlake/ingest"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/object"
)

// file is one object on its way through the import.
type file struct {
	FileResult
	prefix      string // hash of a prefix of this content that was imported from the same location
	prefixBytes int64  // how much of the file the ledger knew
	failures    []ingest.Failure
	parts       int    // passed on so far
	whole       string // SHA-256 of the content, if needed before the last part
	stored      int64  // bytes read of it
}

// unchanged gives the file the counts of the run that read it.
func (f *file) unchanged(e *catalog.ImportedFile) {
	f.Unchanged = true
	f.ContentSHA256, f.Bytes = e.ContentSHA256, e.Bytes
	f.Records, f.Known = e.Records, e.Records
	if e.Location != f.Object.Key {
		return // the location where it was read counts what was skipped
	}
	f.OutsideWindow, f.PastRetention, f.OldestPastMillis = e.SkippedWindow, e.SkippedRetention, e.OldestSkipped
	f.Unselected = e.SkippedSelector
	f.Known -= e.SkippedWindow + e.SkippedRetention + e.SkippedSelector
}

// duplicate leaves everything but failures to the file that had the content first.
func (f *file) duplicate() {
	f.Known = f.Records - f.Failed
	f.Events, f.EventBytes, f.RepeatedKeys = 0, 0, 0
	f.OutsideWindow, f.PastRetention, f.Unselected, f.OldestPastMillis = 0, 0, 0, 0
}

// repeat adds what dedupe found among the file's events.
func (f *file) repeat(r repeats) {
	f.Events -= r.dropped
	f.EventBytes -= r.droppedBytes
	f.Repeated += r.dropped
	f.OtherBytes += r.otherBytes
	f.WithoutID += r.withoutID
}

// fail records a failure found in the structure of the file.
func (f *file) fail(failure *ingest.Failure) {
	if failure.Record == ingest.WholeFile {
		f.Broken = true
	} else {
		f.Records++
		f.Failed++
	}
	f.list(failure)
}

// failWith records an error of Reader.Next other than the end of the file. Such errors are failures.
func (f *file) failWith(err error) {
	var failure *ingest.Failure
	if !errors.As(err, &failure) {
		failure = &ingest.Failure{Reason: unreadable(err), Message: err.Error(), Record: ingest.WholeFile}
	}
	f.fail(failure)
}

// unreadable returns the reason for a file whose bytes the storage does not return.
func unreadable(err error) ingest.Reason {
	if errors.Is(err, object.ErrAccessDenied) || errors.Is(err, fs.ErrPermission) {
		return ingest.AccessDenied
	}
	return ingest.Unreadable
}

// list keeps a failure to be listed; of very many, only the first ones, and the one that ended the file.
func (f *file) list(failure *ingest.Failure) {
	if len(f.failures) < maxListedFailures || failure.Record == ingest.WholeFile {
		f.failures = append(f.failures, *failure)
	}
}
