package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/vfs"
)

// RebuildOptions says how a catalog is made anew.
type RebuildOptions struct {
	// FromSegments leaves the commit files aside and makes the catalog of the segments alone, as for a lake from before
	// there were commit files. What that loses is in Rebuilt.Missing.
	FromSegments bool
	Now          func() time.Time // nil: time.Now
}

// Rebuilt is what a rebuilding made.
type Rebuilt struct {
	// Entries is how many entries of the chain were made anew from commit files; 0: the catalog was made of the
	// segments alone, and a new chain begins with them.
	Entries  uint64
	Stores   int
	Segments int64
	Events   int64
	// Missing says what the new catalog does not know, a sentence each.
	Missing []string
	// KeysRequired: the lake had access keys, so it stays closed to callers without a key. KeysUnknown: nothing says
	// whether it had, and it is closed to be on the safe side.
	KeysRequired, KeysUnknown bool
	// Replaced are the files and folders that were in use before, under their new names. Nothing of them is removed.
	Replaced []string
}

const (
	// rebuildFolder is the new catalog until it is complete.
	rebuildFolder = ".catalog.rebuilding"
	// replacedStamp is added, with a time, to the names of what a rebuilding replaces.
	replacedStamp = ".replaced-20060102T150405.000Z"
)

// catalogRebuild makes a catalog from what lies beside it.
type catalogRebuild struct {
	lake     *Lake // of which there is no catalog yet
	catalog  *catalog.Catalog
	now      time.Time
	rebuilt  Rebuilt
	lost     lost
	lastMark headMark
}

// Rebuild makes the catalog of the lake in dir anew: from its commit files, or from the segments if there are none.
// The old catalog, if there is one, stays in the folder under another name; segments are not touched. ErrLocked: a
// process has the lake open. A damaged commit file is a *DamagedError, a catalog that a newer program wrote a
// *catalog.VersionError, and nothing was changed. The lake opens as ever afterwards, and Verify proves what was made.
func Rebuild(ctx context.Context, dir string, opts RebuildOptions) (*Rebuilt, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	var lost *CatalogLostError
	if err := Find(dir); err != nil && !errors.As(err, &lost) {
		return nil, err
	}
	r := &catalogRebuild{lake: &Lake{dir: dir, fs: vfs.OS, now: opts.Now, files: newFilePool(vfs.OS, maxOpenSegments)}, now: opts.Now().UTC()}
	if err := r.checkFormat(); err != nil {
		return nil, fmt.Errorf("rebuild the catalog of %s: %w", dir, err)
	}
	unlock, err := r.lock()
	if err != nil {
		return nil, err
	}
	err = r.rebuildCatalog(ctx, opts.FromSegments)
	if err := errors.Join(err, r.lake.files.close(), unlock()); err != nil {
		return nil, fmt.Errorf("rebuild the catalog of %s: %w", dir, err)
	}
	return &r.rebuilt, nil
}

// checkFormat refuses to replace a catalog that a newer program wrote: what this one does not know of it would be
// lost. Of another one that can be read it notes what will be lost.
func (r *catalogRebuild) checkFormat() error {
	c, err := catalog.Open(r.catalogPath(), catalog.Options{ReadOnly: true})
	if err == nil {
		err = c.View(func(tx *catalog.Tx) error {
			r.lost = readLost(tx)
			return nil
		})
		if err != nil {
			r.lost = lost{}
		}
		return c.Close()
	}
	if newer := new(catalog.VersionError); errors.As(err, &newer) {
		return newer
	}
	return nil // it is lost or damaged, or lock says who has it open
}

// lock keeps other processes away from the catalog that is there.
func (r *catalogRebuild) lock() (unlock func() error, err error) {
	unlock, err = catalog.Lock(r.catalogPath())
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errors.ErrUnsupported) {
		return func() error { return nil }, nil
	}
	return unlock, err
}

func (r *catalogRebuild) catalogPath() string { return filepath.Join(r.lake.dir, catalogFolder) }

func (r *catalogRebuild) newPath() string { return filepath.Join(r.lake.dir, rebuildFolder) }

func (r *catalogRebuild) rebuildCatalog(ctx context.Context, fromSegments bool) (err error) {
	files, err := r.lake.listCommitFiles()
	if err != nil {
		return err
	}
	if err := catalog.Remove(r.newPath()); err != nil {
		return err
	}
	if r.catalog, err = catalog.Open(r.newPath(), catalog.Options{}); err != nil {
		return err
	}
	replaces := []string{catalogFolder}
	if len(files) > 0 && !fromSegments {
		err = r.replayCommits(ctx, files)
	} else {
		replaces = append(replaces, commitsFolder, headFile, keyFile)
		err = r.readSegments(ctx)
	}
	if err := errors.Join(err, r.catalog.Close()); err != nil {
		return errors.Join(err, os.RemoveAll(r.newPath()))
	}
	r.rebuilt.Missing = append(r.rebuilt.Missing, r.lost.sentences()...)
	if err := r.closeDoors(); err != nil { // before the new catalog has its place
		return err
	}
	return r.takeOver(replaces)
}

// takeOver puts the new catalog in the place of the old one, and notes where its chain ends. Interrupted, it leaves a
// lake that opens for reading only, or one that has lost its catalog: a rebuilding can be repeated.
func (r *catalogRebuild) takeOver(replaces []string) error {
	stamp := r.now.Format(replacedStamp)
	for _, name := range replaces {
		path := filepath.Join(r.lake.dir, name)
		err := r.lake.fs.Rename(path, path+stamp)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		r.rebuilt.Replaced = append(r.rebuilt.Replaced, path+stamp)
	}
	if err := r.lake.fs.SyncDir(r.newPath()); err != nil {
		return err
	}
	if err := r.lake.fs.Rename(r.newPath(), r.catalogPath()); err != nil {
		return err
	}
	if err := r.lake.fs.SyncDir(r.lake.dir); err != nil {
		return err
	}
	if r.rebuilt.Entries == 0 {
		return nil // the chain begins when the lake is opened
	}
	return r.lake.makeHead(r.lastMark)
}

// count adds up what the new catalog holds.
func (r *catalogRebuild) count() error {
	return r.catalog.View(func(tx *catalog.Tx) error {
		stores, err := tx.Stores()
		if err != nil {
			return err
		}
		r.rebuilt.Stores = len(stores)
		for s, err := range tx.AllSegments() {
			if err != nil {
				return err
			}
			r.rebuilt.Segments++
			r.rebuilt.Events += s.Rows
		}
		r.lastMark, err = markOf(tx)
		return err
	})
}
