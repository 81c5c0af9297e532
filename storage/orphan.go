package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/auditlake/auditlake/storage/catalog"
)

// checkNoData refuses data without a catalog: a new catalog would make orphans of it all.
func (l *Lake) checkNoData() error {
	for _, path := range []string{l.storesPath(), filepath.Join(l.dir, hotFolder), l.tablesPath()} {
		entries, err := l.fs.ReadDir(path)
		if err != nil {
			return err
		}
		if len(entries) > 0 {
			return fmt.Errorf("there is data under %s but no catalog, or an empty one: restore the folder %s from a backup", path, catalogFolder)
		}
	}
	return nil
}

// orphanSweep deletes files that look like segments but that the manifest does not name: an
// unfinished commit or expiry left them.
type orphanSweep struct {
	lake     *Lake
	known    map[string]bool // paths of the manifest's segments
	complete *bool           // all of them are there; nil: nobody has looked
}

func (l *Lake) removeOrphans(ctx context.Context) error {
	o := &orphanSweep{lake: l, known: map[string]bool{}}
	err := l.catalog.View(func(tx *catalog.Tx) error {
		for s, err := range tx.AllSegments() {
			if err != nil {
				return err
			}
			o.known[l.SegmentPath(s)] = true
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
	return nil
}

// mayRemove tells whether an orphan holds nothing that is missed: it was never finished, or all segments of the
// manifest are there. If not, the catalog may be an older copy, and what it does not name the only copy of rows.
func (o *orphanSweep) mayRemove(file string) (bool, error) {
	if strings.HasSuffix(file, tempSuffix) {
		return true, nil
	}
	return o.isComplete()
}

// isComplete tells whether all segments of the manifest are there.
func (o *orphanSweep) isComplete() (bool, error) {
	if o.complete != nil {
		return *o.complete, nil
	}
	complete := true
	for path := range o.known {
		_, err := o.lake.fs.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			complete = false
			break
		}
		if err != nil {
			return false, err
		}
	}
	o.complete = &complete
	return complete, nil
}

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
	left, err := o.lake.fs.ReadDir(storePath)
	if err != nil || len(left) > 0 {
		return err
	}
	return o.lake.fs.Remove(storePath)
}

func (o *orphanSweep) sweepDay(dayPath string) error {
	entries, err := o.lake.fs.ReadDir(dayPath)
	if err != nil {
		return err
	}
	left := len(entries)
	for _, entry := range entries {
		path := filepath.Join(dayPath, entry.Name())
		if !isSegmentFile(entry.Name()) || o.known[path] {
			continue
		}
		may, err := o.mayRemove(entry.Name())
		if err != nil {
			return err
		}
		if !may {
			continue
		}
		if err := o.lake.fs.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		left--
	}
	if left == 0 {
		return o.lake.fs.Remove(dayPath)
	}
	return nil
}
