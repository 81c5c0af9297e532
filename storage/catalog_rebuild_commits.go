package storage

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/auditlake/auditlake/storage/catalog"
)

// replayCommits makes the catalog from the commit files. They must hold the chain without a gap, as far as the head file
// says that it goes; each entry must be signed.
func (r *catalogRebuild) replayCommits(ctx context.Context) error {
	if err := r.lake.openHead(); err != nil {
		return err
	}
	c := &commitReplay{rebuild: r}
	err := r.lake.eachCommit(0, nil, func(commit *commitRecord) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return c.addCommit(ctx, commit)
	})
	if err == nil {
		err = c.checkEnd()
	}
	if err != nil {
		return errors.Join(err, errSegmentsLeft)
	}
	r.rebuilt.Entries = c.next
	r.rebuilt.Missing = []string{missingAlways}
	return errors.Join(r.finishReplay(ctx), r.count())
}

var errSegmentsLeft = errors.New("nothing was changed; with --from-segments a catalog is made of the segments alone")

// finishReplay gives the catalog the format version that its entries have.
func (r *catalogRebuild) finishReplay(ctx context.Context) error {
	return r.catalog.Update(ctx, func(tx *catalog.Tx) error { return tx.RaiseFormatVersion(catalog.SealedFormatVersion) })
}

// commitReplay follows the chain through the commit files.
type commitReplay struct {
	rebuild  *catalogRebuild
	next     uint64 // number of the entry that follows
	previous string // hash of the entry before
	key      ed25519.PublicKey
}

// addCommit makes the changes of a commit, if it took place: the last file may be of a transaction that was never
// committed.
func (c *commitReplay) addCommit(ctx context.Context, commit *commitRecord) error {
	if commit.first != c.next {
		return fmt.Errorf("chain entry %d has no commit file, the next one is that of entry %d", c.next, commit.first)
	}
	if head := c.rebuild.lake.head; head != nil && commit.first >= head.mark.entries {
		isWhole, err := c.hasSegments(commit)
		if err != nil || !isWhole {
			return err
		}
	}
	return c.rebuild.catalog.Update(ctx, func(tx *catalog.Tx) error {
		for _, e := range commit.entries {
			if err := c.addEntry(tx, e); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *commitReplay) addEntry(tx *catalog.Tx, e commitEntry) error {
	entry, err := e.stored.Entry()
	if err != nil {
		return err
	}
	if len(entry.Key) == ed25519.PublicKeySize {
		c.key = entry.Key
	}
	number := e.stored.Number
	switch {
	case len(c.key) != ed25519.PublicKeySize || !ed25519.Verify(c.key, append([]byte(signatureContext), e.stored.Body...), e.stored.Signature):
		return fmt.Errorf("chain entry %d in its commit file was changed: its signature does not fit", number)
	case entry.Number != number || entry.Previous != c.previous:
		return fmt.Errorf("chain entry %d in its commit file does not continue the one before it", number)
	case entry.Ledger != catalog.LedgerHash(e.ledger):
		return fmt.Errorf("chain entry %d: its commit file holds other changes of the import ledger than were signed", number)
	}
	if err := tx.ReplayEntry(e.stored, e.ledger, c.key); err != nil {
		return err
	}
	c.next, c.previous = number+1, e.stored.Hash()
	return nil
}

// hasSegments reports whether the segments that a commit added are there. Those of a commit that took place are, unless a
// later one took them out.
func (c *commitReplay) hasSegments(commit *commitRecord) (bool, error) {
	l := c.rebuild.lake
	for _, e := range commit.entries {
		entry, err := e.stored.Entry()
		if err != nil {
			return false, err
		}
		for _, s := range segmentsAdded(entry) {
			_, err := l.fs.Stat(l.SegmentPath(s))
			if errors.Is(err, fs.ErrNotExist) {
				_, err = l.fs.Stat(l.orphanedPath(s))
			}
			if errors.Is(err, fs.ErrNotExist) {
				return false, nil
			}
			if err != nil {
				return false, err
			}
		}
	}
	return true, nil
}

func segmentsAdded(entry *catalog.ChainEntry) []*catalog.Segment {
	segments := make([]*catalog.Segment, len(entry.Added))
	for i, s := range entry.Added {
		segments[i] = &catalog.Segment{StoreID: entry.StoreID, Day: s.Day, Name: s.Name}
	}
	return segments
}

// checkEnd checks that the commit files go as far as the head file says.
func (c *commitReplay) checkEnd() error {
	head := c.rebuild.lake.head
	if c.rebuild.lake.headDamaged {
		head = nil
	}
	switch {
	case c.next == 0:
		return fmt.Errorf("there is no commit in %s", c.rebuild.lake.commitsPath())
	case head == nil:
		c.rebuild.rebuilt.Missing = append(c.rebuild.rebuilt.Missing, "nothing says how far the chain went: hold its head against one noted outside of the lake")
	case c.next < head.mark.entries:
		return fmt.Errorf("commit files go up to chain entry %d, %s says that there were %d", int64(c.next)-1, filepath.Base(c.rebuild.lake.headPath()), head.mark.entries)
	}
	return nil
}
