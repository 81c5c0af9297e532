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

// RebuildOptions says how a catalog is rebuilt.
type RebuildOptions struct {
	// FromSegments ignores the commit files and builds the catalog from the segments alone, as for a lake from
	// before commit files. Rebuilt.Missing says what that loses.
	FromSegments bool
	Now          func() time.Time // nil: time.Now
}

// Rebuilt is the result of a rebuild.
type Rebuilt struct {
	// Entries is how many entries of the chain were rebuilt from commit files; 0: the catalog was built from the
	// segments alone, and a new chain begins with them.
	Entries  uint64
	Stores   int
	Segments int64
	Events   int64
	// Missing says what the new catalog does not know, a sentence each.
	Missing []string
	// KeysRequired: the lake had access keys, so it stays closed to callers without a key. KeysUnknown: it is
	// unknown whether it had keys, so it is closed to be on the safe side.
	KeysRequired, KeysUnknown bool
	// Replaced are the former files and folders, under their new names. None of them is removed.
	Replaced []string
}

const (
	// rebuildFolder is the new catalog until it is complete.
	rebuildFolder = ".catalog.rebuilding"
	// replacedStamp is added, with a time, to the names of what a rebuild replaces.
	replacedStamp = ".replaced-20060102T150405.000Z"
)

// catalogRebuild builds a catalog from the files next to it.
type catalogRebuild struct {
	lake     *Lake // without a catalog yet
	catalog  *catalog.Catalog
	now      time.Time
	rebuilt  Rebuilt
	lost     lost
	lastMark headMark
}

// Rebuild rebuilds the catalog of the lake in dir. It uses the commit files, or the segments if there are none.
//
// The old catalog, if any, stays in the folder under another name; segments are not touched. Afterwards the lake
// opens as usual, and Verify checks the result.
//
// Errors, after which nothing was changed: ErrLocked, a process has the lake open; *DamagedError, a commit file is
// damaged; *catalog.VersionError, a newer program wrote the catalog.
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

// checkFormat refuses to replace a catalog that a newer program wrote: what this program does not know of it would
// be lost. Of any other readable catalog it records what will be lost.
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
	return nil // it is lost or damaged, or lock reports which process has it open
}

// lock keeps other processes away from the existing catalog.
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
	if err := r.closeDoors(); err != nil { // before the new catalog is in place
		return err
	}
	return r.takeOver(replaces)
}

// takeOver replaces the old catalog with the new one, and records where its chain ends. If it is interrupted, the
// lake opens read-only or has lost its catalog, and the rebuild can be repeated.
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

// count adds up the content of the new catalog.
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
