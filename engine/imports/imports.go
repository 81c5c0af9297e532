// Package imports copies log files into the event data stores of a lake: while the caller waits, or in the
// background from a bucket, where an import survives the end of its process. One import of a lake runs at a time;
// each is recorded in storage/catalog, and ingest/importer does the work.
package imports

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"sort"
	"time"

	"github.com/auditlake/auditlake/engine/billing"
	"github.com/auditlake/auditlake/engine/store"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/object"
)

// Place is the lake that imports go to, besides its storage.
type Place struct {
	Dir    string        // the lake's folder, absolute: what lies in it is not imported
	Stores *store.Stores // where an empty lake gets its first store
	// Buckets are those that imports in the background may read; nil: none.
	Buckets  *object.Buckets
	Prices   *billing.Prices
	ReadOnly bool
	Now      func() time.Time // in UTC
	// Took is called with what an import added to a store: events, bytes of their text, and records that failed and
	// did not fail in an earlier run of it. The call comes after the import and before its record says that it has
	// ended.
	Took func(storeID string, events, bytes, failedRecords int64)
	Log  *slog.Logger
}

// Imports are the imports of a lake, past and running. It is safe for concurrent use.
type Imports struct {
	storage    *storage.Lake
	place      Place
	slot       *slot
	background *background
}

// New returns the imports of a lake. The caller closes them before the lake.
func New(lake *storage.Lake, place Place) *Imports {
	return &Imports{lake, place, &slot{}, newBackground(place.Log)}
}

// WithPrices are the same imports with another price book.
func (i *Imports) WithPrices(p *billing.Prices) *Imports {
	other := *i
	other.place.Prices = p
	return &other
}

// Close interrupts the imports in the background and waits for them. The next process resumes them.
func (i *Imports) Close() { i.background.end() }

// List returns the imports, newest first.
func (i *Imports) List(ctx context.Context) ([]*Import, error) {
	var out []*Import
	err := i.storage.Catalog().View(func(tx *catalog.Tx) error {
		records, err := tx.Imports()
		for _, r := range records {
			out = append(out, fromRecord(r))
		}
		return err
	})
	sort.Slice(out, func(i, j int) bool { return out[i].StartedAt.After(out[j].StartedAt) })
	return out, errors.Join(err, ctx.Err())
}

// ErrNotFound means that no import has the id.
var ErrNotFound = errors.New("import not found")

// Get finds an import.
func (i *Imports) Get(_ context.Context, id string) (*Import, error) {
	r, err := i.record(id)
	if err != nil {
		return nil, err
	}
	return fromRecord(r), nil
}

func (i *Imports) record(id string) (*catalog.Import, error) {
	var r *catalog.Import
	err := i.storage.Catalog().View(func(tx *catalog.Tx) (err error) {
		r, err = tx.Import(id)
		return err
	})
	if errors.Is(err, catalog.ErrNotFound) {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	return r, err
}

// Failures iterates over what an import could not take in, by file and record.
func (i *Imports) Failures(_ context.Context, id string) iter.Seq2[*Failure, error] {
	return func(yield func(*Failure, error) bool) {
		if _, err := i.record(id); err != nil {
			yield(nil, err)
			return
		}
		err := i.storage.Catalog().View(func(tx *catalog.Tx) error {
			for r, err := range tx.Failures(id) {
				if err != nil {
					return err
				}
				f := Failure{
					ImportID: r.ImportID, File: r.File, Record: r.Record, Offset: r.Offset, Code: r.Code, Message: r.Message, At: r.At, Status: FailureStatus(r.Status),
				}
				if !yield(&f, nil) {
					return nil
				}
			}
			return nil
		})
		if err != nil {
			yield(nil, err)
		}
	}
}
