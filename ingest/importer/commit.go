package importer

import (
	"cmp"
	"context"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
)

// A set holds as many files as leave room for its segments in one transaction.
const (
	maxSetFiles       = 1000
	maxSetLedgerBytes = 512 << 10
)

// committer takes batches in key order and commits sets: whole files with all
// their rows and their ledger entries. Of a file too large for that it commits
// what it begins with. It is used by one goroutine.
type committer struct {
	*run
	result *Result
	writer *storage.Writer // nil: none open, and always in a dry run
	dedupe *dedupe         // nil: the store keeps events it has already
	large  *largeFile      // whose rows lie alone in the writer, nil if there is none

	// The set since the last commit.
	set         catalog.ImportChange
	counts      catalog.ImportCounts
	ledgerBytes int
	seen        map[string]bool // contents of the set; in a dry run, of the whole run

	progress     Progress
	lastProgress time.Time
}

func newCommitter(r *run, result *Result) *committer {
	c := &committer{run: r, result: result, seen: map[string]bool{}, progress: Progress{Precheck: result.Precheck}}
	if r.store.DedupeEventID {
		c.dedupe = newDedupe(r.lake, r.store.ID, r.table.Arrow())
	}
	return c
}

// take commits the batches of all jobs. When the context ends it commits what
// it has.
func (c *committer) take(ctx context.Context, jobs <-chan *job) error {
	defer c.abort()
	c.report(true)
	for j := range jobs {
		if err := c.job(ctx, j); err != nil {
			if ctx.Err() != nil {
				return cmp.Or(c.stop(ctx), ctx.Err())
			}
			return err
		}
	}
	err := c.commit(ctx)
	c.report(true)
	return err
}

func (c *committer) job(ctx context.Context, j *job) error {
	for {
		select {
		case b, ok := <-j.batches:
			if !ok {
				return ctx.Err()
			}
			if b.err != nil {
				return b.err
			}
			if err := c.batch(ctx, b); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// batch takes the parts of a batch one by one.
func (c *committer) batch(ctx context.Context, b batch) error {
	from := int64(0)
	for _, p := range b.parts {
		rows := slice{b, from, from + p.rows}
		from += p.rows
		var err error
		switch {
		case p.void:
		case p.more:
			err = c.earlier(ctx, p.file, rows)
		default:
			err = c.last(ctx, p.file, rows)
		}
		if err != nil {
			return err
		}
	}
	c.report(false)
	return nil
}

// slice is some rows of a batch.
type slice struct {
	batch    batch
	from, to int64
}

// append hands rows to the writer, all but those that dedupe drops.
func (c *committer) append(ctx context.Context, s slice) (found repeats, err error) {
	if s.from == s.to {
		return found, nil
	}
	kept := []span{{s.from, s.to}}
	if c.dedupe != nil {
		if kept, found, err = c.dedupe.filter(ctx, s.batch.rows, s.from, s.to); err != nil {
			return found, err
		}
	}
	if c.options.DryRun {
		return found, nil
	}
	for _, rows := range kept {
		if err := c.write(s.batch.rows, rows); err != nil {
			return found, err
		}
	}
	return found, nil
}

// write hands rows of a record to the writer.
func (c *committer) write(rec arrow.Record, rows span) error {
	if err := c.openWriter(); err != nil {
		return err
	}
	if rows.to-rows.from < rec.NumRows() {
		rec = rec.NewSlice(rows.from, rows.to)
		for _, column := range rec.Columns() {
			countNulls(column)
		}
	}
	return c.writer.Append(rec)
}

func (c *committer) openWriter() error {
	if c.writer != nil {
		return nil
	}
	w, err := c.lake.NewWriter(c.store)
	if err != nil {
		return err
	}
	c.writer = w
	return nil
}

// countNulls makes an array count its NULLs now: a slice does so when it is
// first asked, which several goroutines must not do at once.
func countNulls(a arrow.Array) {
	a.NullN()
	if row, ok := a.(*array.Struct); ok {
		for i := range row.NumField() {
			countNulls(row.Field(i))
		}
	}
}

// abort drops what the writer holds.
func (c *committer) abort() {
	if c.writer != nil {
		c.writer.Abort()
		c.writer = nil
	}
}

// last takes the last rows of a file, and with them the file.
func (c *committer) last(ctx context.Context, f file, rows slice) (err error) {
	var counted FileResult
	var found repeats
	if c.large != nil {
		found = c.large.repeats
		counted, f.Duplicate = c.large.counted, c.large.duplicate
		f.failures = append(c.large.failures, f.failures...)
		c.large = nil
	} else if !f.Unchanged && f.Records > 0 {
		if f.Duplicate, err = c.imported(f.ContentSHA256); err != nil {
			return err
		}
	}
	if f.Duplicate {
		f.duplicate()
	} else {
		more, err := c.append(ctx, rows)
		if err != nil {
			return err
		}
		f.repeat(found.plus(more))
	}
	c.count(f.minus(counted))
	c.countFile(&f)
	c.listFailures(&f, f.Failed-counted.Failed)
	if err := c.enter(&f, false); err != nil {
		return err
	}
	c.report(false)
	if c.options.FileDone != nil {
		c.options.FileDone(f.FileResult)
	}
	full := c.writer != nil && c.writer.BufferedBytes() >= c.options.BufferBytes
	if full || len(c.set.Locations) >= maxSetFiles || c.ledgerBytes >= maxSetLedgerBytes || len(c.set.Failures) >= maxListedFailures {
		return c.commit(ctx)
	}
	return nil
}

// imported reports whether this run has imported a content already.
func (c *committer) imported(sha string) (bool, error) {
	if sha == "" || c.seen[sha] {
		return sha != "", nil
	}
	before, err := c.ledger.file(sha)
	return before != nil && before.ImportID == c.result.Import.ID, err
}

// enter adds a file's ledger entries to the set.
func (c *committer) enter(f *file, more bool) error {
	if f.ContentSHA256 == "" || f.Unchanged {
		return nil
	}
	if !f.Duplicate {
		c.seen[f.ContentSHA256] = true
	}
	if c.options.DryRun {
		return nil
	}
	c.set.Locations = append(c.set.Locations, place(c.store.ID, &f.FileResult, more))
	c.ledgerBytes += 500 + len(f.Object.Key)
	if f.Duplicate {
		return nil
	}
	before, err := c.ledger.file(f.ContentSHA256)
	if err != nil {
		return err
	}
	e := entry(c.store.ID, c.result.Import.ID, c.clock(), f, before, c.rules.Admission)
	c.set.Files = append(c.set.Files, e)
	c.ledgerBytes += 700 + len(e.Location) + 150*len(e.Admissions)
	return nil
}

// commit makes the set durable and begins the next one. It does not stop half
// way: the end of the context is noticed between sets.
func (c *committer) commit(ctx context.Context) error {
	next := c.result.Import
	next.Counts = add(next.Counts, c.counts)
	next.UpdatedAt = c.clock()
	if !c.options.DryRun {
		if err := c.commitSet(ctx, &next); err != nil {
			return err
		}
		clear(c.seen)
	}
	c.result.Import = next
	c.set, c.counts, c.ledgerBytes = catalog.ImportChange{}, catalog.ImportCounts{}, 0
	return nil
}

func (c *committer) commitSet(ctx context.Context, next *catalog.Import) error {
	if c.counts == (catalog.ImportCounts{}) && c.writer == nil {
		return nil
	}
	c.set.Import, c.set.Expiries = next, c.rules.Expiries
	if c.counts.Events > 0 {
		c.set.Usage = []catalog.Usage{{StoreID: c.store.ID, Day: catalog.DayOf(c.clock().UnixMilli()), IngestedBytes: c.counts.EventBytes, IngestedEvents: c.counts.Events}}
	}
	if err := c.openWriter(); err != nil {
		return err
	}
	if err := c.writer.Commit(context.WithoutCancel(ctx), c.set); err != nil {
		return err
	}
	if c.dedupe != nil {
		c.dedupe.committed()
	}
	return nil
}
