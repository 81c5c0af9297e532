package importer

import (
	"time"

	"github.com/auditlake/auditlake/ingest"
	"github.com/auditlake/auditlake/ingest/logfile"
	"github.com/auditlake/auditlake/storage/catalog"
)

// count adds a file's counts and failures to the set.
func (c *committer) count(f *setFile) {
	c.set.counts = add(c.set.counts, recordCounts(f.added))
	if oldest := time.UnixMilli(f.OldestPastMillis).UTC(); f.PastRetention > 0 && (!c.anyPast || oldest.Before(c.result.OldestPast)) {
		c.result.OldestPast, c.anyPast = oldest, true
	}
	c.result.Summary.countFile(f)
	unlisted := f.added.Failed
	for i := range f.failures {
		failure := &f.failures[i]
		c.result.Reasons[string(failure.Reason)]++
		if failure.Record != ingest.WholeFile {
			unlisted--
		}
		if c.result.FailuresListed < maxListedFailures || c.outstanding.has(f.Object.Key, failure.Record) {
			c.outstanding.remove(f.Object.Key, failure.Record)
			c.result.FailuresListed++
			c.set.failures = append(c.set.failures, catalogFailure(c.result.Import.ID, f.Object.Key, failure, c.clock()))
		}
	}
	if unlisted > 0 {
		c.result.Reasons[notListed] += unlisted
	}
	f.failures = nil
}

// recordCounts returns the counts of a file's records.
func recordCounts(f FileResult) catalog.ImportCounts {
	return catalog.ImportCounts{
		Records: f.Records, Events: f.Events, EventBytes: f.EventBytes, SkippedKnown: f.Known, SkippedWindow: f.OutsideWindow,
		SkippedRetention: f.PastRetention, SkippedSelector: f.Unselected, SkippedRepeated: f.Repeated, KeptOtherBytes: f.OtherBytes,
		KeptWithoutID: f.WithoutID, FailedRecords: f.Failed, DuplicateKeys: f.RepeatedKeys,
	}
}

// fileCounts returns the counts for the file itself.
func fileCounts(f *file) (n catalog.ImportCounts) {
	switch {
	case f.Kind == logfile.Aggregated:
		n.FilesAggregated = 1
	case f.Broken:
		n.FilesFailed = 1
	case f.Kind != logfile.LogFile:
		n.FilesOther = 1
	default:
		n.Files = 1
	}
	if f.Known > 0 && f.Events == 0 {
		n.FilesKnown = 1
	}
	return n
}

// notListed is the reason of failures beyond those that a file lists.
const notListed = "NOT_LISTED"

// catalogFailure converts a failure to its catalog record.
func catalogFailure(importID, key string, f *ingest.Failure, at time.Time) catalog.Failure {
	return catalog.Failure{ImportID: importID, File: key, Record: f.Record, Offset: f.Offset, Code: string(f.Reason), Message: f.Message, At: at}
}

// reportInterval is the least time between two progress reports.
const reportInterval = 100 * time.Millisecond

// report reports the progress, now or if the last report was reportInterval ago.
func (c *committer) report(now bool) {
	if c.options.Progress == nil || !now && time.Since(c.reports.last) < reportInterval {
		return
	}
	c.reports.last = time.Now()
	all := add(c.result.Import.Counts, c.set.counts)
	if c.inFlight != nil {
		all = add(all, c.inFlight.set.counts)
	}
	p := &c.reports.progress
	p.Files, p.Bytes = all.Files+all.FilesFailed+all.FilesOther+all.FilesAggregated, c.read.Load()
	p.FilesTotal, p.BytesTotal, p.Listed = c.listing.files, c.listing.bytes, true
	p.Events, p.Failures = all.Events, all.FailedRecords+all.FilesFailed
	c.options.Progress(*p)
}

// add sums counts.
func add(a, b catalog.ImportCounts) catalog.ImportCounts { return combine(a, b, 1) }

// subtract subtracts the counts b from a.
func subtract(a, b catalog.ImportCounts) catalog.ImportCounts { return combine(a, b, -1) }

func combine(a, b catalog.ImportCounts, sign int64) catalog.ImportCounts {
	a.Files += sign * b.Files
	a.FilesFailed += sign * b.FilesFailed
	a.FilesKnown += sign * b.FilesKnown
	a.FilesOther += sign * b.FilesOther
	a.FilesAggregated += sign * b.FilesAggregated
	a.Records += sign * b.Records
	a.Events += sign * b.Events
	a.EventBytes += sign * b.EventBytes
	a.SkippedKnown += sign * b.SkippedKnown
	a.SkippedWindow += sign * b.SkippedWindow
	a.SkippedRetention += sign * b.SkippedRetention
	a.SkippedSelector += sign * b.SkippedSelector
	a.DuplicateKeys += sign * b.DuplicateKeys
	a.SkippedRepeated += sign * b.SkippedRepeated
	a.KeptOtherBytes += sign * b.KeptOtherBytes
	a.KeptWithoutID += sign * b.KeptWithoutID
	a.FailedRecords += sign * b.FailedRecords
	a.Prefixes += sign * b.Prefixes
	a.PrefixesDone += sign * b.PrefixesDone
	return a
}
