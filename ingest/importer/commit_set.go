package importer

import (
	"context"
	"math"

	"github.com/auditlake/auditlake/panics"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
)

// commitInFlight is a set that is being committed.
type commitInFlight struct {
	set  set
	next catalog.Import // the import's record after it
	done chan error
}

// commitCompleteDays commits the complete days once they are large enough. By then files of the next day have come,
// with late deliveries. So that a day is one segment, these files count as imported up to midnight until the next
// commit.
func (c *committer) commitCompleteDays(ctx context.Context, complete catalog.Day) error {
	if complete <= c.complete || c.large != nil {
		return nil
	}
	c.complete = complete
	if c.set.counts.EventBytes < c.options.setBytes && 2*c.setBytes() < maxSetBytes {
		return nil
	}
	if c.dedupe != nil {
		return c.commitAndWait(ctx)
	}
	if complete == undated || c.set.whole || c.options.DryRun {
		return c.beginCommit(ctx)
	}
	if err := c.handOver(); err != nil {
		return err
	}
	rest := c.set.split(complete)
	if err := c.beginCommitBefore(ctx, complete); err != nil {
		return err
	}
	c.set = rest
	return nil
}

// commitAndWait makes the set durable and begins the next one. It does not stop halfway: the end of the context is
// noticed between sets.
func (c *committer) commitAndWait(ctx context.Context) error {
	if err := c.beginCommit(ctx); err != nil {
		return err
	}
	return c.waitForCommit()
}

// beginCommit commits the set in the background and begins the next one.
func (c *committer) beginCommit(ctx context.Context) error {
	if err := c.handOver(); err != nil {
		return err
	}
	return c.beginCommitBefore(ctx, math.MaxInt32)
}

// beginCommitBefore does the same with the rows before a day, which are those of the set.
func (c *committer) beginCommitBefore(ctx context.Context, day catalog.Day) error {
	if err := c.waitForCommit(); err != nil {
		return err
	}
	u := &commitInFlight{set: c.set, next: c.result.Import, done: make(chan error, 1)}
	u.next.Counts = add(u.next.Counts, u.set.counts)
	u.next.UpdatedAt = c.clock()
	c.set = newSet()
	if c.options.DryRun {
		c.set.contents = u.set.contents
		c.result.Import = u.next
		if c.dedupe != nil {
			c.dedupe.committed()
		}
		return nil
	}
	if u.set.counts == (catalog.ImportCounts{}) && c.writer == nil {
		return nil
	}
	if err := c.openWriter(); err != nil {
		return err
	}
	rows, err := c.writer.Seal(day)
	if err != nil {
		return err
	}
	c.inFlight = u
	go func() {
		u.done <- panics.Run(c.lake.Log(), "commit of an import", func() error { return c.commitSet(context.WithoutCancel(ctx), u, rows) })
	}()
	return nil
}

// waitForCommit waits until the set in flight is durable.
func (c *committer) waitForCommit() error {
	u := c.inFlight
	if u == nil {
		return nil
	}
	c.inFlight = nil
	if err := <-u.done; err != nil {
		return err
	}
	c.result.Import = u.next
	if c.dedupe != nil {
		c.dedupe.committed()
	}
	return nil
}

// commitSet commits rows with the ledger's entries for their files.
func (c *committer) commitSet(ctx context.Context, u *commitInFlight, rows *storage.Sealed) error {
	change, err := c.change(u)
	if err != nil {
		rows.Abort()
		return err
	}
	return rows.Commit(ctx, change)
}

// change returns the records of a commit, besides its rows.
func (c *committer) change(u *commitInFlight) (catalog.ImportChange, error) {
	change := catalog.ImportChange{Import: &u.next, Expiries: c.rules.Expiries, Failures: u.set.failures}
	if n := u.set.counts; n.Events > 0 {
		change.Usage = []catalog.Usage{{
			StoreID: c.store.ID, Day: catalog.DayOf(c.clock().UnixMilli()), IngestedBytes: n.EventBytes, IngestedEvents: n.Events,
			Ways: catalog.WayBytes{Imported: n.EventBytes},
		}}
	}
	for i := range u.set.files {
		f := &u.set.files[i]
		change.Locations = append(change.Locations, place(c.store.ID, &f.FileResult, f.more || f.until != allRows))
		if f.Duplicate {
			continue
		}
		before, err := c.ledger.file(f.ContentSHA256)
		if err != nil {
			return change, err
		}
		change.Files = append(change.Files, entry(c.store.ID, &u.next, c.clock(), f, before, c.rules.Admission))
	}
	return change, nil
}
