package storage

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/auditlake/auditlake/storage/catalog"
)

// mayBeNew refuses a new catalog if it would make orphans of data, or if nothing may be written.
func (l *Lake) mayBeNew() error {
	if err := l.checkNoData(); err != nil || !l.readOnly {
		return err
	}
	return ErrNoLake
}

// checkNoData refuses data without a catalog: a new catalog would make orphans of all of it.
func (l *Lake) checkNoData() error {
	for _, path := range []string{l.storesPath(), filepath.Join(l.dir, hotFolder), l.tablesPath(), l.commitsPath()} {
		entries, err := l.fs.ReadDir(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if len(entries) > 0 {
			return &CatalogLostError{Dir: l.dir}
		}
	}
	return nil
}

// orphanSweep finds segment files that the manifest does not name, and named segments that are missing.
//
// An unfinished commit, compaction or expiry leaves unnamed files. So does a catalog that is older than the files,
// and then they hold the only copy of their rows. Therefore a finished segment is not removed here but set aside.
type orphanSweep struct {
	lake    *Lake
	missing map[string]*catalog.Segment // by path: named by the manifest, not found so far
	unnamed []string                    // paths of finished segments that the manifest does not name
}

// sweepOrphans brings back the segments that were set aside and that the manifest names. It sets aside those that
// it does not name, and removes the temporary files of writers.
func (l *Lake) sweepOrphans(ctx context.Context) error {
	o := &orphanSweep{lake: l, missing: map[string]*catalog.Segment{}}
	err := l.catalog.View(func(tx *catalog.Tx) error {
		for s, err := range tx.AllSegments() {
			if err != nil {
				return err
			}
			o.missing[l.SegmentPath(s)] = s
		}
		return nil
	})
	if err != nil {
		return err
	}
	stores, err := l.fs.ReadDir(l.storesPath())
	if err != nil {
		return err
	}
	for _, store := range stores {
		if !store.IsDir() {
			continue
		}
		if err := o.sweepStore(ctx, filepath.Join(l.storesPath(), store.Name())); err != nil {
			return err
		}
	}
	for _, s := range o.missing {
		if err := l.bringBack(ctx, l.orphanedPath(s), l.SegmentPath(s), s.Bytes, s.SHA256); err != nil {
			return err
		}
	}
	for _, path := range o.unnamed {
		err := l.setAside(path, filepath.Dir(filepath.Dir(path)), reasonUnnamed, 0)
		if errors.Is(err, syscall.ENOSPC) { // a lake on a full disk can be read; the next opening sets the file aside
			break
		}
		if err != nil {
			return err
		}
	}
	if err := l.openStoreFiles(); err != nil && !errors.Is(err, syscall.ENOSPC) {
		return err
	}
	return l.removeEmptyStoreFolders(stores)
}

// sweepStore searches the day folders of a store.
func (o *orphanSweep) sweepStore(ctx context.Context, storePath string) error {
	days, err := o.lake.fs.ReadDir(storePath)
	if err != nil {
		return err
	}
	for _, day := range days {
		if !day.IsDir() || !strings.HasPrefix(day.Name(), dayPrefix) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := o.sweepDay(filepath.Join(storePath, day.Name())); err != nil {
			return err
		}
	}
	return nil
}

func (o *orphanSweep) sweepDay(dayPath string) error {
	entries, err := o.lake.fs.ReadDir(dayPath)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		path := filepath.Join(dayPath, entry.Name())
		switch _, isNamed := o.missing[path]; {
		case isNamed:
			delete(o.missing, path)
		case !isSegmentFile(entry.Name()):
		case strings.HasSuffix(entry.Name(), tempSuffix):
			if err := o.lake.fs.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		default:
			o.unnamed = append(o.unnamed, path)
		}
	}
	return nil
}

// removeEmptyStoreFolders removes the empty folders of days and stores.
func (l *Lake) removeEmptyStoreFolders(stores []fs.DirEntry) error {
	for _, store := range stores {
		if !store.IsDir() {
			continue
		}
		if err := l.removeEmptyFolder(filepath.Join(l.storesPath(), store.Name()), dayPrefix); err != nil {
			return err
		}
	}
	return nil
}

// removeEmptyFolder removes a folder if it holds nothing but empty folders whose names begin with prefix.
func (l *Lake) removeEmptyFolder(path, prefix string) error {
	entries, err := l.fs.ReadDir(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	left := len(entries)
	for _, entry := range entries {
		if !entry.IsDir() || !strings.HasPrefix(entry.Name(), prefix) {
			continue
		}
		below := filepath.Join(path, entry.Name())
		inside, err := l.fs.ReadDir(below)
		if err != nil {
			return err
		}
		if len(inside) > 0 {
			continue
		}
		if err := l.fs.Remove(below); err != nil {
			return err
		}
		left--
	}
	if left > 0 {
		return nil
	}
	return l.fs.Remove(path)
}
