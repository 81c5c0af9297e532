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
	prefix      string // content that this one begins with, if that was imported from the same place
	prefixBytes int64  // how much of the file the ledger knew
	failures    []ingest.Failure
	parts       int    // handed over so far
	whole       string // SHA-256 of the content, if it was asked for before the last part
	stored      int64  // bytes read of it
}

// unchanged gives the file the counts of the run that read it.
func (f *file) unchanged(e *catalog.ImportedFile) {
	f.Unchanged = true
	f.ContentSHA256, f.Bytes = e.ContentSHA256, e.Bytes
	f.Records, f.Known = e.Records, e.Records
	if e.Location != f.Object.Key {
		return // the place where it was read counts what was skipped
	}
	f.OutsideWindow, f.PastRetention, f.OldestPastMillis = e.SkippedWindow, e.SkippedRetention, e.OldestSkipped
	f.Unselected = e.SkippedSelector
	f.Known -= e.SkippedWindow + e.SkippedRetention + e.SkippedSelector
}

// duplicate leaves all but failures to the file that had the content first.
func (f *file) duplicate() {
	f.Known = f.Records - f.Failed
	f.Events, f.EventBytes, f.RepeatedKeys = 0, 0, 0
	f.OutsideWindow, f.PastRetention, f.Unselected, f.OldestPastMillis = 0, 0, 0, 0
}

// repeat takes what dedupe found among the file's events.
func (f *file) repeat(r repeats) {
	f.Events -= r.dropped
	f.EventBytes -= r.droppedBytes
	f.Repeated += r.dropped
	f.OtherBytes += r.otherBytes
	f.WithoutID += r.withoutID
}

// fail notes a failure that the outline of the file showed.
func (f *file) fail(failure *ingest.Failure) {
	if failure.Record == ingest.WholeFile {
		f.Broken = true
	} else {
		f.Records++
		f.Failed++
	}
	f.list(failure)
}

// failWith notes what Reader.Next reports beside the end of the file: failures only.
func (f *file) failWith(err error) {
	var failure *ingest.Failure
	if !errors.As(err, &failure) {
		failure = &ingest.Failure{Reason: unreadable(err), Message: err.Error(), Record: ingest.WholeFile}
	}
	f.fail(failure)
}

// unreadable is the reason for a file of which the storage does not give the bytes.
func unreadable(err error) ingest.Reason {
	if errors.Is(err, object.ErrAccessDenied) || errors.Is(err, fs.ErrPermission) {
		return ingest.AccessDenied
	}
	return ingest.Unreadable
}

// list keeps a failure to be listed; of very many, only the first, and the one that ended the file.
func (f *file) list(failure *ingest.Failure) {
	if len(f.failures) < maxListedFailures || failure.Record == ingest.WholeFile {
		f.failures = append(f.failures, *failure)
	}
}
