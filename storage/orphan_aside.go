package storage

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/auditlake/auditlake/storage/catalog"
)

const (
	// orphanedFolder holds, in the folder of each store and in that of the reference tables, files that were set
	// aside.
	orphanedFolder = "orphaned"
	// noteSuffix is added to the name of a file that was set aside, for its note in JSON.
	noteSuffix   = ".json"
	maxNoteBytes = 64 << 10
	// defaultOrphanWait is how long files that were set aside are kept.
	defaultOrphanWait = 7 * 24 * time.Hour
	// expiredWait is how long an expired segment is kept, in case the clock turns out to have been wrong.
	expiredWait = 24 * time.Hour
)

const (
	reasonUnnamed      = "the manifest does not name it: its commit was not finished, a compaction or expiry had taken it out, or the catalog is older than it"
	reasonExpired      = "it expired"
	reasonUnnamedTable = "no record of a reference table names it: it was dropped, its creation was not finished, or the catalog is older than it"
)

// Orphan is a file of the lake that was set aside because nothing referenced it when the lake was opened.
type Orphan struct {
	StoreID string `json:"-"` // empty: a reference table's file
	Path    string `json:"-"` // its current path
	Bytes   int64  `json:"-"`
	From    string // its former path, relative to the lake's folder
	Reason  string
	At      time.Time // when it was set aside
	Until   time.Time `json:",omitzero"` // when it is removed; zero: Options.OrphanWait after At
}

func (l *Lake) orphanedPath(s *catalog.Segment) string {
	return filepath.Join(l.storePath(s.StoreID), orphanedFolder, dayPrefix+s.Day.String(), s.Name+segmentSuffix)
}

// setAside moves a file below root into root's folder orphaned/, under the same relative path. A note next to it
// says why and, unless wait is 0, how long the file is kept. The note is durable before the file moves.
func (l *Lake) setAside(path, root, reason string, wait time.Duration) error {
	below, err := filepath.Rel(root, path)
	if err != nil {
		return err
	}
	from, err := filepath.Rel(l.dir, path)
	if err != nil {
		return err
	}
	orphan := Orphan{From: filepath.ToSlash(from), Reason: reason, At: l.now().UTC()}
	if wait > 0 {
		orphan.Until = orphan.At.Add(wait)
	}
	note, err := json.Marshal(&orphan)
	if err != nil {
		return err
	}
	to := filepath.Join(root, orphanedFolder, below)
	if err := l.fs.MkdirAll(filepath.Dir(to)); err != nil {
		return err
	}
	if err := l.putFile(to+noteSuffix, note); err != nil {
		return err
	}
	return l.moveFile(path, to, root)
}

// moveFile moves a file to another folder, durably. The folders between root and the new one may be new.
func (l *Lake) moveFile(from, to, root string) error {
	if err := l.fs.Rename(from, to); err != nil {
		return err
	}
	for folder := filepath.Dir(to); ; folder = filepath.Dir(folder) {
		if err := l.fs.SyncDir(folder); err != nil {
			return err
		}
		if len(folder) <= len(root) {
			break
		}
	}
	return l.fs.SyncDir(filepath.Dir(from))
}

// bringBack moves a file that was set aside back to where it is missing, if it holds what was committed. Otherwise
// it does nothing, and the reader of the file finds it missing.
func (l *Lake) bringBack(ctx context.Context, from, to string, bytes int64, sha256 string) error {
	info, err := l.fs.Stat(from)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() != bytes {
		return nil
	}
	if err != nil {
		return err
	}
	file, err := l.fs.Open(from)
	if err != nil {
		return err
	}
	err = checkHash(ctx, io.NewSectionReader(file, 0, bytes), from, sha256)
	if err := errors.Join(err, file.Close()); err != nil {
		if errors.As(err, new(*DamagedError)) {
			return nil
		}
		return err
	}
	root := filepath.Dir(filepath.Dir(to))
	if err := l.fs.MkdirAll(filepath.Dir(to)); err != nil {
		return err
	}
	if err := l.moveFile(from, to, root); err != nil {
		return err
	}
	return l.clearOrphanPlace(from)
}

// clearOrphanPlace removes the note of a file that was moved away, and the folders that hold nothing else.
func (l *Lake) clearOrphanPlace(path string) error {
	if err := l.removeNote(path); err != nil {
		return err
	}
	folder := filepath.Dir(path)
	if filepath.Base(folder) != orphanedFolder {
		folder = filepath.Dir(folder)
	}
	return l.removeEmptyFolder(folder, dayPrefix)
}

func (l *Lake) removeNote(path string) error {
	err := l.fs.Remove(path + noteSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Orphans lists the files that were set aside and still exist, by path.
func (l *Lake) Orphans() ([]Orphan, error) {
	all, err := l.orphansIn(filepath.Join(l.tablesPath(), orphanedFolder), "")
	if err != nil {
		return nil, err
	}
	stores, err := l.fs.ReadDir(l.storesPath())
	if err != nil {
		return nil, err
	}
	for _, store := range stores {
		if !store.IsDir() {
			continue
		}
		root := filepath.Join(l.storesPath(), store.Name())
		days, err := l.readFolder(filepath.Join(root, orphanedFolder))
		if err != nil {
			return nil, err
		}
		for _, day := range days {
			if !day.IsDir() {
				continue
			}
			found, err := l.orphansIn(filepath.Join(root, orphanedFolder, day.Name()), store.Name())
			if err != nil {
				return nil, err
			}
			all = append(all, found...)
		}
	}
	slices.SortFunc(all, func(a, b Orphan) int { return cmp.Compare(a.Path, b.Path) })
	return all, nil
}

// orphansIn lists the files of one folder. A file whose note is missing or damaged is listed without reason and
// time.
func (l *Lake) orphansIn(folder, storeID string) ([]Orphan, error) {
	entries, err := l.readFolder(folder)
	if err != nil {
		return nil, err
	}
	var found []Orphan
	for _, entry := range entries {
		if entry.IsDir() || !isOrphanName(entry.Name()) {
			continue
		}
		path := filepath.Join(folder, entry.Name())
		info, err := l.fs.Stat(path)
		if errors.Is(err, fs.ErrNotExist) { // brought back or removed meanwhile
			continue
		}
		if err != nil {
			return nil, err
		}
		orphan := Orphan{}
		if note, err := l.readSmallFile(path+noteSuffix, maxNoteBytes); err == nil && json.Unmarshal(note, &orphan) != nil {
			orphan = Orphan{}
		}
		orphan.StoreID, orphan.Path, orphan.Bytes = storeID, path, info.Size()
		found = append(found, orphan)
	}
	return found, nil
}

func isOrphanName(name string) bool {
	return !strings.HasPrefix(name, tempPrefix) && (strings.HasSuffix(name, segmentSuffix) || strings.HasSuffix(name, tableSuffix))
}

// readFolder lists a folder; one that does not exist is empty.
func (l *Lake) readFolder(path string) ([]fs.DirEntry, error) {
	entries, err := l.fs.ReadDir(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return entries, err
}

// RemoveOrphans removes files that were set aside longer ago than Options.OrphanWait, or than their note says. It
// removes nothing while the catalog is not proven to be current, or while the clock may have been set ahead
// (CheckClock). A file without a readable note gets a new one, and is kept as long from then on.
func (l *Lake) RemoveOrphans(ctx context.Context) error {
	if l.checkChangeable() != nil || l.CheckClock() != nil {
		return nil
	}
	orphans, err := l.Orphans()
	if err != nil {
		return err
	}
	for _, o := range orphans {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := l.removeOrphan(o); err != nil {
			return fmt.Errorf("remove what was set aside: %w", err)
		}
	}
	return nil
}

func (l *Lake) removeOrphan(o Orphan) error {
	now := l.now().UTC()
	if o.At.IsZero() {
		note, err := json.Marshal(&Orphan{Reason: reasonUnnamed, At: now})
		if err != nil {
			return err
		}
		return l.putFile(o.Path+noteSuffix, note)
	}
	until := o.Until
	if until.IsZero() {
		until = o.At.Add(l.orphanWait)
	}
	if now.Before(until) {
		return nil
	}
	if err := l.fs.Remove(o.Path); err != nil {
		return err
	}
	if err := l.clearOrphanPlace(o.Path); err != nil {
		return err
	}
	if o.StoreID == "" {
		return nil
	}
	return l.removeEmptyFolder(l.storePath(o.StoreID), dayPrefix)
}

// ForeignFiles lists files in the day folders of stores that end in .orc and that the lake does not reference.
// Other programs that read the folder as a table would take their rows for the lake's. Those with names like the
// lake's own are set aside when the lake is next opened for writing; others are left alone.
func (l *Lake) ForeignFiles() ([]string, error) {
	stores, err := l.fs.ReadDir(l.storesPath())
	if err != nil {
		return nil, err
	}
	var foreign []string
	for _, store := range stores {
		if !store.IsDir() {
			continue
		}
		days, err := l.readFolder(filepath.Join(l.storesPath(), store.Name()))
		if err != nil {
			return nil, err
		}
		for _, day := range days {
			if !day.IsDir() || !strings.HasPrefix(day.Name(), dayPrefix) {
				continue
			}
			folder := filepath.Join(l.storesPath(), store.Name(), day.Name())
			files, err := l.readFolder(folder)
			if err != nil {
				return nil, err
			}
			for _, file := range files {
				if strings.HasSuffix(file.Name(), segmentSuffix) && !isSegmentFile(file.Name()) {
					foreign = append(foreign, filepath.Join(folder, file.Name()))
				}
			}
		}
	}
	return foreign, nil
}
