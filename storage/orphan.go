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

// checkCatalogLost refuses segments without a catalog: a new catalog would make orphans of them all.
func (l *Lake) checkCatalogLost() error {
	exists, err := catalog.Exists(filepath.Join(l.dir, catalogFolder))
	if err != nil || exists {
		return err
	}
	for _, path := range []string{l.storesPath(), filepath.Join(l.dir, hotFolder), l.tablesPath()} {
		entries, err := l.fs.ReadDir(path)
		if err != nil {
			return err
		}
		if len(entries) > 0 {
			return fmt.Errorf("there is data under %s but no catalog: restore the folder %s from a backup", path, catalogFolder)
		}
	}
	return nil
}

// removeOrphans deletes files that look like segments but that the manifest does not name: an
// unfinished commit or expiry left them.
func (l *Lake) removeOrphans(ctx context.Context) error {
	known := map[string]bool{}
	err := l.catalog.View(func(tx *catalog.Tx) error {
		for s, err := range tx.AllSegments() {
			if err != nil {
				return err
			}
			known[l.SegmentPath(s)] = true
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
		if err := l.removeStoreOrphans(ctx, filepath.Join(l.storesPath(), store.Name()), known); err != nil {
			return err
		}
	}
	return nil
}

func (l *Lake) removeStoreOrphans(ctx context.Context, storePath string, known map[string]bool) error {
	days, err := l.fs.ReadDir(storePath)
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
		if err := l.removeDayOrphans(filepath.Join(storePath, day.Name()), known); err != nil {
			return err
		}
	}
	left, err := l.fs.ReadDir(storePath)
	if err != nil || len(left) > 0 {
		return err
	}
	return l.fs.Remove(storePath)
}

func (l *Lake) removeDayOrphans(dayPath string, known map[string]bool) error {
	entries, err := l.fs.ReadDir(dayPath)
	if err != nil {
		return err
	}
	left := len(entries)
	for _, entry := range entries {
		path := filepath.Join(dayPath, entry.Name())
		if !isSegmentFile(entry.Name()) || known[path] {
			continue
		}
		if err := l.fs.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		left--
	}
	if left == 0 {
		return l.fs.Remove(dayPath)
	}
	return nil
}
