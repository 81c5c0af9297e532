package storage

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/hotlog"
)

// replayCommits builds the catalog from the commit files. They must hold the chain without a gap, up to the end
// that the head file names; each entry must be signed.
func (r *catalogRebuild) replayCommits(ctx context.Context, files []commitFileName) error {
	if err := r.lake.openHead(); err != nil {
		return err
	}
	c := &commitReplay{rebuild: r, proven: provenEntries(files)}
	if r.lake.head != nil && !r.lake.headDamaged {
		c.hasHead, c.proven = true, r.lake.head.mark.entries
	}
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
	if err := r.finishReplay(ctx); err != nil {
		return err
	}
	if err := r.adoptBrokenLog(ctx); err != nil {
		return err
	}
	return r.count()
}

var errSegmentsLeft = errors.New("nothing was changed; --from-segments makes a catalog from the segments alone")

// finishReplay gives the catalog the format version of its entries.
func (r *catalogRebuild) finishReplay(ctx context.Context) error {
	return r.catalog.Update(ctx, func(tx *catalog.Tx) error { return tx.RaiseFormatVersion(catalog.SealedFormatVersion) })
}

// adoptBrokenLog treats a log of pushed events whose end file is missing or damaged as one of an earlier version.
// It adds a chain entry that says so, and opening the lake seals the log.
func (r *catalogRebuild) adoptBrokenLog(ctx context.Context) error {
	l := r.lake
	isWhole, err := hotlog.New(hotlog.Options{FS: l.fs, Dir: filepath.Join(l.dir, hotFolder)}).HasEnd()
	if isWhole || err != nil {
		return err
	}
	if l.key, err = l.openKey(); err != nil {
		return err
	}
	if l.head == nil {
		l.head = &chainHeadFile{fs: l.fs, path: l.headPath()} // entries hold the state, as after opening
	}
	err = r.catalog.Update(ctx, func(tx *catalog.Tx) error {
		if err := l.adoptLog(tx); err != nil || !tx.ChangesChain() {
			return err
		}
		tx.Propose(&catalog.ChainEntry{Kind: catalog.ChangeSeal})
		return l.sealCommit(tx)
	})
	r.rebuilt.Missing = append(r.rebuilt.Missing, "whether the log of pushed events has lost its end: hot/"+hotlog.EndName+" was missing or damaged")
	return err
}

// commitReplay follows the chain through the commit files.
type commitReplay struct {
	rebuild  *catalogRebuild
	hasHead  bool   // the head file says where the chain ends
	proven   uint64 // number of entries known to have been committed
	next     uint64 // number of the next entry
	previous string // hash of the previous entry
	key      ed25519.PublicKey
}

// provenEntries returns how many entries the files prove without a head file. The last file may be of a transaction
// that never committed, unless it is a packed one.
func provenEntries(files []commitFileName) uint64 {
	last := files[len(files)-1]
	if last.isPacked {
		return last.last + 1
	}
	return last.first
}

// addCommit applies the changes of a commit, if it took place: the last file may be of a transaction that never
// committed.
func (c *commitReplay) addCommit(ctx context.Context, commit *commitRecord) error {
	if commit.first != c.next {
		return fmt.Errorf("the commit file of chain entry %d is missing; the next one is that of entry %d", c.next, commit.first)
	}
	if commit.first >= c.proven {
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
		return fmt.Errorf("chain entry %d in its commit file was changed: its signature does not match", number)
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

// hasSegments reports whether the segments that a commit added exist. They do if the commit took place, unless a
// later one removed them.
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
	switch {
	case c.next == 0:
		return fmt.Errorf("there are no commit files in %s", c.rebuild.lake.commitsPath())
	case !c.hasHead:
		c.rebuild.rebuilt.Missing = append(c.rebuild.rebuilt.Missing, "the end of the chain is unknown: compare its head with one noted outside the lake")
	case c.next < c.proven:
		return fmt.Errorf("the commit files end with chain entry %d, but %s says that the chain has %d entries", int64(c.next)-1, headFile, c.proven)
	}
	return nil
}
