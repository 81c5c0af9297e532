package importer

import (
	"cmp"
	"context"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/ingest/logfile"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
)

// maxSetShare and maxLargeShare are multiples of the bytes that suffice for a set of complete days. At that size a
// set, or the first part of a large file, is committed in any case.
const (
	maxSetShare   = 10
	maxLargeShare = 2
)

// committer takes batches in the order of their files and commits sets: whole files with all their rows and their
// ledger entries. If a file is too large for that, it commits the file's first part; if a file reaches into a day
// that is not complete, it commits the days before. Only one goroutine uses it. A set is written in the background
// while the next one is taken.
type committer struct {
	*run
	result *Result
	writer *storage.Writer // nil: none open, and always in a dry run
	dedupe *dedupe         // nil: the store keeps repeated events

	timeCol, textCol int // textCol: -1 in a category without texts

	ahead    []slice         // rows that wait for the message of their file
	pending  pendingRows     // taken rows that the writer does not have yet
	set      set             // taken since the last commit began
	large    *largeFile      // the file whose rows alone are in the set; nil: the set has whole files
	inFlight *commitInFlight // the last commit; nil: it is done
	complete catalog.Day     // days before it are complete, except for stragglers

	anyPast bool // result.OldestPast is set
	first   firstObjects
	reports reports
}

// pendingRows are adjacent rows of a record on their way to the writer.
type pendingRows struct {
	record arrow.Record // nil: none
	rows   span
}

// reports throttles the calls of Options.Progress.
type reports struct {
	progress Progress
	last     time.Time
}

func newCommitter(r *run, result *Result) *committer {
	s := r.table.Arrow()
	c := &committer{run: r, result: result, set: newSet(), reports: reports{progress: Progress{Precheck: result.Precheck}}}
	c.timeCol, c.textCol = s.FieldIndices("eventtime")[0], -1
	if text := s.FieldIndices("eventjson"); text != nil {
		c.textCol = text[0]
	}
	if r.store.DedupeEventID {
		c.dedupe = newDedupe(r.lake, r.store.ID, s, r.options.DryRun)
	}
	return c
}

// takeJobs commits the batches of all jobs. When the context ends it commits what it has.
func (c *committer) takeJobs(ctx context.Context, jobs <-chan *job) (err error) {
	defer c.abort()
	c.report(true)
	for j := range jobs {
		if err = c.takeJob(ctx, j); err != nil {
			break
		}
	}
	switch {
	case err == nil:
		err = c.commitAndWait(ctx)
	case ctx.Err() != nil:
		err = cmp.Or(c.commitAtStop(ctx), ctx.Err())
	}
	c.report(true)
	return err
}

func (c *committer) takeJob(ctx context.Context, j *job) error {
	if err := c.commitCompleteDays(ctx, j.complete); err != nil {
		return err
	}
	for {
		select {
		case b, ok := <-j.batches:
			if !ok {
				return ctx.Err()
			}
			if b.err != nil {
				return b.err
			}
			if err := c.takeBatch(ctx, b); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// takeBatch takes the messages of a batch one by one.
func (c *committer) takeBatch(ctx context.Context, b batch) error {
	from := int64(0)
	for _, m := range b.messages {
		rows := slice{b.rows, span{from, from + m.rowCount()}}
		from += m.rowCount()
		var err error
		switch m := m.(type) {
		case rowsVoid:
		case rowsAhead:
			c.ahead = append(c.ahead, rows)
		case fileStretch:
			err = c.takeStretch(ctx, m.file, rows)
		case fileEnd:
			err = c.takeFileEnd(ctx, m.file, rows)
		}
		if err != nil {
			return err
		}
	}
	c.report(false)
	return c.handOver()
}

// slice is a range of rows of a batch.
type slice struct {
	record arrow.Record
	rows   span
}

// appendFile passes rows of a file to the writer, after those that came ahead of them.
func (c *committer) appendFile(ctx context.Context, last slice) (written []rowText, found repeats, err error) {
	rows := append(c.ahead, last)
	c.ahead = nil
	for _, s := range rows {
		texts, more, err := c.appendSlice(ctx, s)
		if err != nil {
			return nil, found, err
		}
		written, found = append(written, texts...), found.plus(more)
	}
	return written, found, nil
}

// appendSlice passes rows to the writer, except those that dedupe drops.
func (c *committer) appendSlice(ctx context.Context, s slice) (written []rowText, found repeats, err error) {
	if s.rows.from == s.rows.to {
		return nil, found, nil
	}
	kept := []span{s.rows}
	if c.dedupe != nil {
		if kept, found, err = c.dedupe.filter(ctx, s.record, s.rows.from, s.rows.to); err != nil {
			return nil, found, err
		}
	}
	if c.options.DryRun {
		return nil, found, nil
	}
	var texts arrow.Array
	if c.textCol >= 0 {
		texts = s.record.Column(c.textCol)
	}
	for _, rows := range kept {
		written = append(written, newRowText(s.record.Column(c.timeCol), texts, rows))
		if err := c.writeRows(s.record, rows); err != nil {
			return nil, found, err
		}
	}
	return written, found, nil
}

// writeRows queues rows of a record for the writer; adjacent rows are passed together.
func (c *committer) writeRows(rec arrow.Record, rows span) error {
	if c.pending.record == rec && c.pending.rows.to == rows.from {
		c.pending.rows.to = rows.to
		return nil
	}
	err := c.handOver()
	c.pending = pendingRows{rec, rows}
	return err
}

// handOver passes the pending rows to the writer.
func (c *committer) handOver() error {
	rec, rows := c.pending.record, c.pending.rows
	if rec == nil {
		return nil
	}
	if err := c.openWriter(); err != nil {
		return err
	}
	c.pending = pendingRows{}
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
	w.LimitMemory(c.options.BufferBytes)
	c.writer = w
	return nil
}

// countNulls makes an array count its NULLs now. A slice counts them on first use, which several goroutines must
// not do at once.
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
	_ = c.waitForCommit() // its error is known, or an earlier one is
	if c.writer != nil {
		c.writer.Abort()
		c.writer = nil
	}
}

// takeFileEnd takes the last rows of a file, and adds the file to the set.
func (c *committer) takeFileEnd(ctx context.Context, read file, rows slice) (err error) {
	f := setFile{file: read, until: c.until(&read)}
	var counted FileResult
	var found repeats
	if l := c.large; l != nil {
		found, counted, f.Duplicate = l.repeats, l.counted, l.duplicate
		f.failures = append(l.failures, f.failures...)
		c.large, c.set.whole, f.large = nil, true, true
	} else if !f.Unchanged && f.Records > 0 {
		if f.Duplicate, err = c.imported(f.ContentSHA256); err != nil {
			return err
		}
	}
	if f.Duplicate {
		f.duplicate()
		c.ahead = nil
	} else {
		var more repeats
		if f.rows, more, err = c.appendFile(ctx, rows); err != nil {
			return err
		}
		f.repeat(found.plus(more))
	}
	f.added = f.minus(counted)
	denied := c.first.deniedError(&f)
	c.count(&f)
	c.result.Summary.endFile(&f)
	c.settle(&f)
	c.set.counts = add(c.set.counts, fileCounts(&f.file))
	if f.Kind == logfile.LogFile && c.prefixes.takeFile(f.Object.Key) {
		c.set.counts.PrefixesDone++
	}
	if err := c.enterFile(f); err != nil {
		return err
	}
	c.report(false)
	if c.options.FileDone != nil {
		c.options.FileDone(f.FileResult)
	}
	if denied != nil {
		return c.endDenied(ctx, denied)
	}
	if c.setBytes() >= maxSetBytes || c.set.counts.EventBytes >= maxSetShare*c.options.setBytes || len(c.set.failures) >= maxListedFailures {
		return c.beginCommit(ctx)
	}
	return nil
}

// imported reports whether this run has imported a content already.
func (c *committer) imported(sha string) (bool, error) {
	if sha == "" || c.set.contents[sha] || c.inFlight != nil && c.inFlight.set.contents[sha] {
		return sha != "", nil
	}
	before, err := c.ledger.file(sha)
	return before != nil && before.ImportID == c.result.Import.ID && before.Run == c.result.Import.Run, err
}

// enterFile adds a file to the set.
func (c *committer) enterFile(f setFile) error {
	switch {
	case f.ContentSHA256 == "" || f.Unchanged:
		return nil
	case c.options.DryRun:
		c.set.contents[f.ContentSHA256] = true
		return nil
	}
	if f.Known > 0 && !f.Duplicate {
		before, err := c.ledger.file(f.ContentSHA256)
		if err != nil {
			return err
		}
		if before != nil {
			f.admissions = len(before.Admissions)
		}
	}
	c.set.add(f)
	return nil
}

// setBytes returns how much of a transaction the set will take.
func (c *committer) setBytes() int {
	if c.writer == nil {
		return c.set.bytes
	}
	return c.set.bytes + setSegmentBytes*c.writer.Segments()
}
