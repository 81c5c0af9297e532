package importer

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/auditlake/auditlake/ingest"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/object"
)

// outstanding are the failures that earlier runs of an import have listed and whose outcome in this run is unknown
// yet, by file and record.
type outstanding map[string]map[int64]catalog.Failure

// loadOutstanding marks the failures of an import that is tried again as being retried.
func (r *run) loadOutstanding(ctx context.Context, importID string) error {
	r.outstanding = outstanding{}
	if r.options.Begun == nil {
		return nil
	}
	err := r.lake.Catalog().View(func(tx *catalog.Tx) error {
		for f, err := range tx.Failures(importID) {
			switch {
			case err != nil:
				return err
			case f.Status == catalog.FailureSucceeded:
				continue
			case r.outstanding[f.File] == nil:
				r.outstanding[f.File] = map[int64]catalog.Failure{}
			}
			r.outstanding[f.File][f.Record] = *f
		}
		return nil
	})
	if err != nil {
		return err
	}
	return r.lake.PutFailures(ctx, r.outstanding.all(catalog.FailureRetried))
}

// all returns the failures with another status.
func (o outstanding) all(status catalog.FailureStatus) (failures []catalog.Failure) {
	for _, records := range o {
		for _, f := range records {
			f.Status = status
			failures = append(failures, f)
		}
	}
	return failures
}

func (o outstanding) has(file string, record int64) bool {
	_, ok := o[file][record]
	return ok
}

// remove removes a failure that this run has listed again.
func (o outstanding) remove(file string, record int64) { delete(o[file], record) }

// settle lists a file's former failures that did not occur again as succeeded.
func (c *committer) settle(f *setFile) {
	for _, failure := range c.outstanding[f.Object.Key] {
		failure.Status, failure.At = catalog.FailureSucceeded, c.clock()
		c.set.failures = append(c.set.failures, failure)
	}
	delete(c.outstanding, f.Object.Key)
}

// endFailures returns the failures to list when the run has ended, with an error or nil. They are the error itself,
// and those of files that the run did not reach, which are counted as before. An earlier run's error is listed as
// succeeded if this run has none.
func (r *run) endFailures(i *catalog.Import, err error) (failures []catalog.Failure) {
	source := strings.Join(i.Sources, " ")
	earlier, failed := r.outstanding[source][ingest.WholeFile]
	if err == nil && failed {
		earlier.Status, earlier.At = catalog.FailureSucceeded, r.clock()
		failures = append(failures, earlier)
	}
	delete(r.outstanding, source)
	for _, f := range r.outstanding.all(catalog.FailureStands) {
		if f.Record == ingest.WholeFile {
			i.Counts.FilesFailed++
		} else {
			i.Counts.FailedRecords++
			i.Counts.Records++
		}
		failures = append(failures, f)
	}
	if err == nil || errors.Is(err, context.Canceled) {
		return failures
	}
	return append(failures, RunFailure(i, err, r.clock()))
}

// RunFailure returns the failure for an error that ended a run of an import. Its file is what the import reads.
func RunFailure(i *catalog.Import, err error, at time.Time) catalog.Failure {
	reason := ingest.RunFailed
	if failed := new(object.Error); errors.As(err, &failed) {
		reason = unreadable(err)
	}
	return catalogFailure(i.ID, strings.Join(i.Sources, " "), &ingest.Failure{Reason: reason, Message: err.Error(), Record: ingest.WholeFile, Offset: -1}, at)
}
