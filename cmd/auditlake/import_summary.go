package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
)

// importWords are the words of a summary: what an import did, or what it would do.
type importWords struct{ imported, ingested, skipped, kept, failed string }

var (
	didImport   = importWords{"imported", "ingested", "skipped", "kept", "failed"}
	wouldImport = importWords{"would import", "would ingest", "would be skipped", "would be kept", "would fail"}
)

// printImport prints what an import did, or what a dry run would do: a count a line, zeros left out.
func (p *program) printImport(r *engine.ImportResult, elapsed time.Duration, dryRun bool) {
	say := didImport
	if dryRun {
		say = wouldImport
	}
	fmt.Fprintf(p.out, "%s %s from %s into %s in %s\n", say.imported, plural(r.Events, "event"), plural(cmp.Or(r.Files, r.FilesFailed), "file"), r.Store.Name, seconds(elapsed))
	fmt.Fprintf(p.out, "%s %s of events, %s (estimate of the managed service's price)\n", say.ingested, humanBytes(r.EventBytes), dollars(r.Price))
	p.printImportCounts(r, say)
	if len(r.FailureCodes) > 0 {
		fmt.Fprintf(p.out, "failures: %s%s\n", strings.Join(r.FailureCodes, ", "), hintUnless(dryRun, " (auditlake imports failures "+r.ImportID+" lists them)"))
	}
	for _, o := range r.NotFollowed {
		fmt.Fprintln(p.out, answer.Printable(fmt.Sprintf("%s  %s: a %s", say.skipped, o.File, o.What)))
	}
	for _, f := range r.FailedFiles {
		fmt.Fprintln(p.out, answer.Printable(fmt.Sprintf("%s  %s: %s: %s", say.failed, f.File, f.Reason, f.Message)))
	}
	if more := r.FilesFailed - int64(len(r.FailedFiles)); more > 0 && len(r.FailedFiles) > 0 {
		fmt.Fprintf(p.out, "and %s%s\n", plural(more, "further file"), hintUnless(dryRun, ": auditlake imports failures "+r.ImportID))
	}
	if r.SkippedRetention > 0 {
		fmt.Fprintln(p.out, retentionHint(r))
	}
	if r.StoredRepeats > 0 {
		fmt.Fprintf(p.out, "%s in these days: same id, account and bytes as another event; queries count both\n"+
			"to drop the duplicates: auditlake store update %s --dedupe eventid && auditlake compact\n",
			plural(r.StoredRepeats, "duplicate event"), r.Store.Name)
	}
}

// hintUnless returns a hint about what an import left in the lake, "" for a dry run, which leaves nothing.
func hintUnless(dryRun bool, hint string) string {
	if dryRun {
		return ""
	}
	return hint
}

// printImportCounts prints a line for each count that is not zero.
func (p *program) printImportCounts(r *engine.ImportResult, say importWords) {
	knownFile, knownEvent := "skipped: already imported", "already imported"
	if r.IsFirst {
		knownFile, knownEvent = "skipped: same content as another file of this import", "also in another file of this import"
	}
	for _, l := range []struct {
		count     int64
		one, text string
	}{
		{r.FilesKnown, "file", knownFile},
		{r.FilesOther, "file", say.skipped + ": " + r.LeftOut.String()},
		{r.EmptyFiles, "file", "without events"},
		{r.ResultFiles.BySignature, "result file", "verified: hashes and signature of result_sign.json"},
		{r.ResultFiles.HashesOnly, "result file", "verified by the hashes in result_sign.json; its signature was not checked (pass --public-key)"},
		{r.ResultFiles.Unsigned, "result file", "not verified: there is no result_sign.json"},
		{r.FilesAggregated, "file", say.skipped + ": aggregated events (CloudTrail-Aggregated) are not supported"},
		{r.SkippedKnown, "event", say.skipped + ": " + knownEvent},
		{r.SkippedWindow, "event", say.skipped + ": outside --from/--to"},
		{r.SkippedRetention, "event", say.skipped + ": older than the store's retention"},
		{r.SkippedSelector, "event", say.skipped + ": not matched by the store's selectors"},
		{r.SkippedRepeated, "event", say.skipped + ": duplicates of stored events"},
		{r.KeptOtherBytes, "event", say.kept + ": same id as another event, but different bytes"},
		{r.KeptWithoutID, "event", say.kept + ": no id, so not checked for duplicates"},
		{r.DuplicateKeys, "repeated key", "in records: the last value " + say.kept},
		{r.FilesFailed, "file", say.failed},
		{r.FailedRecords, "record", say.failed},
	} {
		if l.count > 0 {
			fmt.Fprintf(p.out, "%s %s\n", plural(l.count, l.one), l.text)
		}
	}
}

// retentionHint says how to keep what retention leaves out.
func retentionHint(r *engine.ImportResult) string {
	longest := engine.ForeverRetentionDays
	if r.Store.BillingMode == engine.FixedRetention {
		longest = engine.MaxFixedRetentionDays
	}
	switch {
	case r.RetentionDaysNeeded > longest && r.Store.RetentionDays >= longest:
		return fmt.Sprintf("a store of this billing mode keeps events for at most %d days; the oldest needs %d days",
			longest, r.RetentionDaysNeeded)
	case r.RetentionDaysNeeded > longest:
		return fmt.Sprintf("the oldest event needs %d days, and the maximum is %d; "+
			"to keep as many as possible: auditlake store update %s --retention %dd",
			r.RetentionDaysNeeded, longest, r.Store.Name, longest)
	}
	return fmt.Sprintf("to keep them: auditlake store update %s --retention %dd, then import again", r.Store.Name, r.RetentionDaysNeeded)
}
