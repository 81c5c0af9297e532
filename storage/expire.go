package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/auditlake/auditlake/storage/catalog"
)

// garbage is a segment file that the manifest no longer names. Snapshots older than version may still read it.
type garbage struct {
	path    string
	version uint64
	kind    catalog.ChangeKind // expired files are set aside for a while; with a dropped store, its folders go
}

// Expired is the result of an expiry.
type Expired struct {
	Segments int
	Rows     int64
	Bytes    int64
}

// Expire drops the days of a store that lie wholly before the horizon. When it returns, later snapshots no longer
// see them. Files are set aside when the last snapshot that needs them closes, and removed a day later.
func (l *Lake) Expire(ctx context.Context, storeID string, horizon time.Time) (Expired, error) {
	if err := l.checkChangeable(); err != nil {
		return Expired{}, err
	}
	limit := catalog.CeilMillis(horizon)
	return l.removeSegments(ctx, catalog.ChangeExpire, storeID, func(s *catalog.Segment) bool { return s.Day.End() <= limit })
}

// removeSegments removes segments of a store from the manifest, in transactions of bounded size. If they have
// expired, the transactions record that in the import ledger.
func (l *Lake) removeSegments(ctx context.Context, kind catalog.ChangeKind, storeID string, remove func(*catalog.Segment) bool) (Expired, error) {
	var total Expired
	for {
		var batch []*catalog.Segment
		var version uint64
		err := l.catalog.Update(ctx, func(tx *catalog.Tx) (err error) {
			if batch, err = firstSegments(tx, storeID, remove); err != nil || len(batch) == 0 {
				return err
			}
			version, err = l.changeManifest(tx, kind, storeID, nil, batch)
			if err != nil || kind != catalog.ChangeExpire {
				return err
			}
			return tx.AddExpiry(storeID, batch[len(batch)-1].Day+1, l.now())
		})
		if err != nil || len(batch) == 0 {
			return total, err
		}
		for _, s := range batch {
			total.Segments++
			total.Rows += s.Rows
			total.Bytes += s.Bytes
		}
		if err := l.discard(batch, version, kind); err != nil {
			return total, err
		}
	}
}

// firstSegments returns the first segments that match, in whole days.
func firstSegments(tx *catalog.Tx, storeID string, match func(*catalog.Segment) bool) ([]*catalog.Segment, error) {
	var batch []*catalog.Segment
	for s, err := range tx.Segments(storeID) {
		if err != nil {
			return nil, err
		}
		if !match(s) {
			continue
		}
		if len(batch) >= segmentsPerTransaction && s.Day != batch[len(batch)-1].Day {
			break
		}
		batch = append(batch, s)
	}
	return batch, nil
}

// discard gives up the files of segments that the given version of the manifest removed, as soon as no snapshot
// needs them. kind is the kind of that change.
func (l *Lake) discard(segments []*catalog.Segment, version uint64, kind catalog.ChangeKind) error {
	l.mu.Lock()
	for _, s := range segments {
		l.garbage = append(l.garbage, garbage{path: l.SegmentPath(s), version: version, kind: kind})
	}
	l.mu.Unlock()
	return l.collectGarbage()
}

// collectGarbage gives up the files that no snapshot needs. If a file cannot be moved or deleted, the next call
// tries again, and at the latest the next opening of the lake.
func (l *Lake) collectGarbage() error {
	var errs []error
	for _, g := range l.takeGarbage() {
		l.forgetTail(g.path)
		l.files.forget(g.path)
		if err := l.giveUpFile(g); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, fmt.Errorf("give up segment: %w", err))
			l.mu.Lock()
			l.garbage = append(l.garbage, g)
			l.mu.Unlock()
		}
		if g.kind == catalog.ChangeDrop {
			// The folders are removed with their last file; opening the lake removes those that remain.
			_ = l.fs.Remove(filepath.Dir(g.path))
			_ = l.fs.Remove(filepath.Dir(filepath.Dir(g.path)))
		}
	}
	return errors.Join(errs...)
}

// giveUpFile sets an expired file aside. It removes a file that was merged into others or whose store was dropped.
func (l *Lake) giveUpFile(g garbage) error {
	if g.kind != catalog.ChangeExpire {
		return l.fs.Remove(g.path)
	}
	if _, err := l.fs.Stat(g.path); err != nil {
		return err
	}
	day := filepath.Dir(g.path)
	if err := l.setAside(g.path, filepath.Dir(day), reasonExpired, expiredWait); err != nil {
		return err
	}
	return l.removeEmptyFolder(day, tempPrefix)
}

// takeGarbage removes from the list, and returns, what no snapshot needs. A later snapshot cannot need it either.
func (l *Lake) takeGarbage() []garbage {
	l.mu.Lock()
	defer l.mu.Unlock()
	var unneeded, kept []garbage
	for _, g := range l.garbage {
		if l.neededLocked(g) {
			kept = append(kept, g)
		} else {
			unneeded = append(unneeded, g)
		}
	}
	l.garbage = kept
	return unneeded
}

func (l *Lake) neededLocked(g garbage) bool {
	for s := range l.snapshots {
		if s.version < g.version {
			return true
		}
	}
	return false
}
