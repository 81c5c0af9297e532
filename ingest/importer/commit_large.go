package importer

import (
	"cmp"
	"context"

	"github.com/auditlake/auditlake/ingest"
)

// largeFile is a file whose rows come in more than one part. Its first part is committed like a file of its own,
// which later turns out to be a prefix of the whole file. So an import that was stopped within the file continues
// from there.
type largeFile struct {
	latest    file             // as of the last part
	counted   FileResult       // what committed sets have counted of it
	failures  []ingest.Failure // not yet listed
	repeats   repeats          // so far
	duplicate bool             // this run has imported the content already
}

// takeStretch takes rows of a file that has more.
func (c *committer) takeStretch(ctx context.Context, f file, rows slice) error {
	if c.large == nil {
		if err := c.beginCommit(ctx); err != nil {
			return err
		}
		duplicate, err := c.imported(f.whole)
		if err != nil {
			return err
		}
		c.large = &largeFile{duplicate: duplicate}
	}
	l := c.large
	l.failures = append(l.failures, f.failures...)
	l.latest = f
	if l.duplicate {
		c.ahead = nil
		return nil
	}
	_, found, err := c.appendFile(ctx, rows)
	if err != nil {
		return err
	}
	l.repeats = l.repeats.plus(found)
	l.latest.repeat(l.repeats)
	if l.latest.EventBytes-l.counted.EventBytes >= maxLargeShare*c.options.setBytes && l.latest.Bytes > l.latest.prefixBytes {
		return c.commitStretch(ctx)
	}
	return nil
}

// commitStretch commits the large file's first part. If the ledger knew more of the file than that, its rows must
// wait.
func (c *committer) commitStretch(ctx context.Context) error {
	l := c.large
	f := setFile{file: l.latest, large: true, more: true, until: c.until(&l.latest), added: l.latest.minus(l.counted)}
	f.failures = l.failures
	c.count(&f)
	if err := c.enterFile(f); err != nil {
		return err
	}
	l.counted, l.failures = l.latest.FileResult, nil
	if c.dedupe != nil {
		return c.commitAndWait(ctx)
	}
	return c.beginCommit(ctx)
}

// commitAtStop commits what there is when the context has ended.
func (c *committer) commitAtStop(ctx context.Context) error {
	l := c.large
	switch {
	case l == nil:
		return c.commitAndWait(ctx)
	case l.duplicate || c.options.DryRun || l.latest.Bytes <= max(l.latest.prefixBytes, l.counted.Bytes):
		return c.waitForCommit()
	}
	return cmp.Or(c.commitStretch(ctx), c.waitForCommit())
}
