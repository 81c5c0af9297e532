package importer

import (
	"time"

	"github.com/auditlake/auditlake/ingest"
	"github.com/auditlake/auditlake/ingest/logfile"
	"github.com/auditlake/auditlake/storage/catalog"
)

// count adds records to the counts of the set.
func (c *committer) count(f FileResult) {
	n := &c.counts
	n.Records += f.Records
	n.Events += f.Events
	n.EventBytes += f.EventBytes
	n.SkippedKnown += f.Known
	n.SkippedWindow += f.OutsideWindow
	n.SkippedRetention += f.PastRetention
	n.SkippedSelector += f.Unselected
	n.SkippedRepeated += f.Repeated
	n.KeptOtherBytes += f.OtherBytes
	n.KeptWithoutID += f.WithoutID
	n.FailedRecords += f.Failed
	n.DuplicateKeys += f.RepeatedKeys
	if oldest := time.UnixMilli(f.OldestPastMillis).UTC(); f.OldestPastMillis > 0 && (c.result.OldestPast.IsZero() || oldest.Before(c.result.OldestPast)) {
		c.result.OldestPast = oldest
	}
}

// countFile adds a file to the counts of the set.
func (c *committer) countFile(f *file) {
	n := &c.counts
	switch {
	case f.Kind != logfile.LogFile:
		n.FilesOther++
	case f.Broken:
		n.FilesFailed++
	default:
		n.Files++
	}
	if f.Known > 0 && f.Events == 0 {
		n.FilesKnown++
	}
}

// listFailures adds failures to the set: those of f, which had failed records.
func (c *committer) listFailures(f *file, failed int64) {
	unlisted := failed
	for i := range f.failures {
		failure := &f.failures[i]
		c.result.Reasons[string(failure.Reason)]++
		if failure.Record != ingest.WholeFile {
			unlisted--
		}
		if c.result.FailuresListed < maxListedFailures {
			c.result.FailuresListed++
			c.set.Failures = append(c.set.Failures, catalogFailure(c.result.Import.ID, f.Object.Key, failure, c.clock()))
		}
	}
	if unlisted > 0 {
		c.result.Reasons[notListed] += unlisted
	}
}

// notListed stands among the reasons for failures beyond those a file lists.
const notListed = "NOT_LISTED"

// catalogFailure is how the catalog lists a failure.
func catalogFailure(importID, key string, f *ingest.Failure, at time.Time) catalog.Failure {
	return catalog.Failure{ImportID: importID, File: key, Record: f.Record, Offset: f.Offset, Code: string(f.Reason), Message: f.Message, At: at}
}

// report tells the progress, now or when the last report is a while ago.
func (c *committer) report(now bool) {
	const interval = 100 * time.Millisecond
	if c.options.Progress == nil || !now && time.Since(c.lastProgress) < interval {
		return
	}
	c.lastProgress = time.Now()
	all := add(c.result.Import.Counts, c.counts)
	p := &c.progress
	p.Files, p.Bytes = all.Files+all.FilesFailed+all.FilesOther, c.read.Load()
	p.FilesTotal, p.BytesTotal, p.Listed = c.filesTotal.Load(), c.bytesTotal.Load(), c.listed.Load()
	p.Events, p.Failures = all.Events, all.FailedRecords+all.FilesFailed
	c.options.Progress(*p)
}

// add sums counts.
func add(a, b catalog.ImportCounts) catalog.ImportCounts {
	a.Files += b.Files
	a.FilesFailed += b.FilesFailed
	a.FilesKnown += b.FilesKnown
	a.FilesOther += b.FilesOther
	a.Records += b.Records
	a.Events += b.Events
	a.EventBytes += b.EventBytes
	a.SkippedKnown += b.SkippedKnown
	a.SkippedWindow += b.SkippedWindow
	a.SkippedRetention += b.SkippedRetention
	a.SkippedSelector += b.SkippedSelector
	a.DuplicateKeys += b.DuplicateKeys
	a.SkippedRepeated += b.SkippedRepeated
	a.KeptOtherBytes += b.KeptOtherBytes
	a.KeptWithoutID += b.KeptWithoutID
	a.FailedRecords += b.FailedRecords
	a.Prefixes += b.Prefixes
	a.PrefixesDone += b.PrefixesDone
	return a
}
