package importer

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/auditlake/auditlake/ingest"
	"github.com/auditlake/auditlake/ingest/logfile"
	"github.com/auditlake/auditlake/ingest/selector"
	"github.com/auditlake/auditlake/storage/catalog"
)

// rules define what a run admits into the store.
type rules struct {
	catalog.Admission
	selector *selector.Selector // nil: all events
	// latestMillis is the latest eventtime that the clock allows. It is not part of the admission: of a file
	// without later events everything was admitted, and later runs need not read it again.
	latestMillis int64
}

func newRules(o Options, store *catalog.Store, expiry *catalog.Expiry) (rules, error) {
	r := rules{Admission: catalog.Admission{FromMillis: math.MinInt64, ToMillis: math.MaxInt64, Expiries: expiry.Count}}
	if o.ApplySelectors {
		var err error
		if r.selector, err = selector.Compile(store.Selectors); err != nil {
			return r, fmt.Errorf("store %s: %w", store.Name, err)
		}
		r.SelectorsHash = r.selector.Hash()
	}
	if !o.From.IsZero() {
		r.FromMillis = catalog.CeilMillis(o.From)
	}
	if !o.To.IsZero() {
		r.ToMillis = catalog.CeilMillis(o.To) - 1
	}
	r.HorizonMillis = catalog.CeilMillis(store.Horizon(o.Now))
	r.latestMillis = o.Now.Add(ingest.MaxAhead).UnixMilli()
	return r, nil
}

// until returns the last eventtime up to which a run has admitted a file's records: a later run reads a file with
// future events again.
func (r *run) until(f *file) int64 {
	if f.Future > 0 {
		return r.rules.latestMillis
	}
	return allRows
}

func inWindow(a *catalog.Admission, millis int64) bool {
	return millis >= a.FromMillis && millis <= a.ToMillis
}

func admits(a *catalog.Admission, millis int64) bool {
	return inWindow(a, millis) && millis >= a.HorizonMillis
}

// covers reports whether a admits all that b admits.
func covers(a, b *catalog.Admission) bool {
	from := max(a.FromMillis, a.HorizonMillis)
	selected := a.SelectorsHash == "" || a.SelectorsHash == b.SelectorsHash
	return selected && from <= max(b.FromMillis, b.HorizonMillis) && a.ToMillis >= b.ToMillis
}

// known says which records of a file the store has already: what earlier runs admitted of this content or of its
// prefixes.
type known struct {
	files []*catalog.ImportedFile // the content itself, if it was read before, and its prefixes
}

// has reports whether a record, by its eventtime and end offset, was admitted.
func (k known) has(millis int64, raw logfile.Record, m matchers) bool {
	for _, f := range k.files {
		if raw.End > f.Bytes {
			continue
		}
		for i := range f.Admissions {
			if a := &f.Admissions[i]; admits(a, millis) && m.selects(a.SelectorsHash, raw.Raw) {
				return true
			}
		}
	}
	return false
}

// knows reports whether the content itself was read before.
func (k known) knows(sha string) bool {
	return slices.ContainsFunc(k.files, func(f *catalog.ImportedFile) bool { return f.ContentSHA256 == sha })
}

// bytes returns how much of the file the store has records of.
func (k known) bytes() int64 {
	most := int64(0)
	for _, f := range k.files {
		most = max(most, f.Bytes)
	}
	return most
}

// ledger reads what earlier runs recorded in the catalog about one store.
type ledger struct {
	catalog *catalog.Catalog
	storeID string
	expiry  *catalog.Expiry // as of the run's start: a later one ends the run
}

// cut raises the horizon of admissions to where expiries removed their rows.
func (l ledger) cut(admissions []catalog.Admission) {
	for i := range admissions {
		a := &admissions[i]
		for _, c := range l.expiry.Cuts {
			if c.Number > a.Expiries {
				a.HorizonMillis = max(a.HorizonMillis, c.Before.Start())
			}
		}
	}
}

// location returns the object recorded for a location when it was last read, or nil.
func (l ledger) location(key string) (found *catalog.ImportedLocation, err error) {
	err = l.catalog.View(func(tx *catalog.Tx) error {
		found, err = tx.Location(l.storeID, key)
		return ignoreNotFound(err)
	})
	return found, err
}

// file returns the entry of a content, or nil. Its admissions describe what is still in the store.
func (l ledger) file(sha string) (found *catalog.ImportedFile, err error) {
	err = l.catalog.View(func(tx *catalog.Tx) error {
		found, err = tx.File(l.storeID, sha)
		return ignoreNotFound(err)
	})
	if found != nil {
		l.cut(found.Admissions)
	}
	return found, err
}

// known collects the entry of a content and those of its prefixes.
func (l ledger) known(sha string) (known, error) {
	var k known
	for sha != "" && !k.knows(sha) {
		f, err := l.file(sha)
		if err != nil {
			return known{}, err
		}
		if f == nil {
			break
		}
		k.files = append(k.files, f)
		sha = f.PrefixSHA256
	}
	return k, nil
}

func ignoreNotFound(err error) error {
	if errors.Is(err, catalog.ErrNotFound) {
		return nil
	}
	return err
}

// sameObject reports whether an object is as the ledger last saw it. Without a size and a time or tag, it is not.
func sameObject(l *catalog.ImportedLocation, o Object) bool {
	if l.StoredBytes != o.Bytes {
		return false
	}
	if o.ETag != "" || l.ETag != "" {
		return o.ETag == l.ETag
	}
	return !o.Modified.IsZero() && l.ModifiedMillis == o.Modified.UnixMilli()
}

// place returns the ledger's entry for an object. The entry of a broken file, or of one that has more, matches no
// object: the file is read again.
func place(storeID string, f *FileResult, more bool) catalog.ImportedLocation {
	l := catalog.ImportedLocation{StoreID: storeID, Location: f.Object.Key, ContentSHA256: f.ContentSHA256, StoredBytes: -1}
	if !f.Broken && !more {
		l.StoredBytes, l.ETag = f.Object.Bytes, f.Object.ETag
		if !f.Object.Modified.IsZero() {
			l.ModifiedMillis = f.Object.Modified.UnixMilli()
		}
	}
	return l
}

// entry returns the ledger's entry for a file's content after a commit. before is the current entry, or nil.
func entry(storeID string, by *catalog.Import, now time.Time, f *setFile, before *catalog.ImportedFile, admitted catalog.Admission) catalog.ImportedFile {
	admitted.ToMillis = min(admitted.ToMillis, f.until)
	e := catalog.ImportedFile{StoreID: storeID, ContentSHA256: f.ContentSHA256}
	if before != nil {
		e = *before
	}
	if e.PrefixSHA256 == "" && f.prefix != f.ContentSHA256 {
		e.PrefixSHA256 = f.prefix
	}
	if !slices.ContainsFunc(e.Admissions, func(a catalog.Admission) bool { return covers(&a, &admitted) }) {
		kept := slices.DeleteFunc(slices.Clone(e.Admissions), func(a catalog.Admission) bool { return covers(&admitted, &a) })
		e.Admissions = append(kept, admitted)
	}
	e.Location = f.Object.Key
	e.Bytes, e.Records = f.Bytes, f.Records
	if f.large {
		e.RowsAdded += f.Events // entries of its prefixes have counted their own
	} else {
		e.RowsAdded += f.added.Events
	}
	e.SkippedWindow, e.SkippedRetention, e.SkippedSelector = f.OutsideWindow, f.PastRetention, f.Unselected
	e.OldestSkipped, e.FailedRecords = f.OldestPastMillis, f.Failed
	e.ImportID, e.Run, e.UpdatedAt = by.ID, by.Run, now
	return e
}
