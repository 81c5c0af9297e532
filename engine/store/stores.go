package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/schema"
)

// Stores are the event data stores of a lake. It is safe for concurrent use.
type Stores struct {
	storage *storage.Lake
	place   Place
	known   atomic.Pointer[knownRecords] // nil: not read yet
}

// knownRecords are the records of all stores as of a Catalog.StoresVersion. They are read-only.
type knownRecords struct {
	version uint64
	records []*catalog.Store
}

// Place is what stores need to know of their lake.
type Place struct {
	Dir string // the lake's folder, absolute
	// Region and AccountID stand in the names (ARNs) of new stores.
	Region, AccountID string
	Now               func() time.Time // in UTC
	// HasImport reports whether an import into the store of an id is running.
	HasImport func(id string) bool
	// IsFedByChannel reports whether a channel of the transaction's catalog delivers into the store of an id; nil:
	// none does.
	IsFedByChannel func(tx *catalog.Tx, id string) (bool, error)
	// Changing knows which stores are between two states.
	Changing *Changing
}

// New returns the stores of a lake.
func New(lake *storage.Lake, place Place) *Stores { return &Stores{storage: lake, place: place} }

// List returns the stores by name, those pending deletion included.
func (s *Stores) List(ctx context.Context) ([]*Store, error) {
	records, err := s.records(ctx)
	return convert(records, s.describe), err
}

// records returns the same as Records, cached until a record changes: a transaction of the catalog would wait for
// the disk while something is written, and doors ask for the stores with each request.
func (s *Stores) records(ctx context.Context) ([]*catalog.Store, error) {
	version := s.storage.Catalog().StoresVersion()
	if known := s.known.Load(); known != nil && known.version == version {
		return known.records, ctx.Err()
	}
	records, err := Records(ctx, s.storage)
	if err == nil {
		s.known.Store(&knownRecords{version, records})
	}
	return records, err
}

// Get finds a store by name, id or ARN, whatever its letter case; "" is a lake's only store.
func (s *Stores) Get(ctx context.Context, name string) (*Store, error) {
	records, err := s.records(ctx)
	if err != nil {
		return nil, err
	}
	record, err := Find(records, name)
	if err != nil {
		return nil, err
	}
	return s.describe(record), nil
}

// Records returns the records of a lake's stores by name, those pending deletion included.
func Records(ctx context.Context, lake *storage.Lake) ([]*catalog.Store, error) {
	var records []*catalog.Store
	err := lake.Catalog().View(func(tx *catalog.Tx) (err error) {
		records, err = tx.Stores()
		return err
	})
	slices.SortFunc(records, func(a, b *catalog.Store) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return records, errors.Join(err, ctx.Err())
}

// Record finds the record of a store, as Get finds the store.
func Record(ctx context.Context, lake *storage.Lake, name string) (*catalog.Store, error) {
	records, err := Records(ctx, lake)
	if err != nil {
		return nil, err
	}
	return Find(records, name)
}

// Find finds a store's record among all of a lake's, as Get finds the store.
func Find(records []*catalog.Store, name string) (*catalog.Store, error) {
	if name == "" {
		made := withoutActivity(records)
		if active := withoutDeleted(made); len(active) > 0 {
			made = active
		}
		switch len(made) {
		case 0:
			return nil, fmt.Errorf("%w: the lake has none", ErrNotFound)
		case 1:
			return made[0], nil
		default:
			return nil, fmt.Errorf("%w: %s", ErrNeeded, names(made))
		}
	}
	for _, r := range records {
		if r.IsNamed(name) {
			return r, nil
		}
	}
	if len(records) == 0 {
		return nil, fmt.Errorf("%w: %s; the lake has none", ErrNotFound, name)
	}
	return nil, fmt.Errorf("%w: %s; the lake has %s", ErrNotFound, name, names(records))
}

// withoutDeleted is the records of stores that are not pending deletion.
func withoutDeleted(records []*catalog.Store) []*catalog.Store {
	return slices.DeleteFunc(slices.Clone(records), func(r *catalog.Store) bool { return r.Status == catalog.StorePendingDeletion })
}

// ForTrails chooses among the stores of a lake if the caller named none: it returns those of the events of trails,
// or all if there are none. An import of log files cannot mean others.
func ForTrails(records []*catalog.Store) []*catalog.Store {
	if of := slices.DeleteFunc(slices.Clone(records), func(r *catalog.Store) bool {
		return r.IsActivity || r.Status == catalog.StorePendingDeletion || !schema.Category(r.Category).IsOfTrails()
	}); len(of) > 0 {
		return of
	}
	return records
}

func names(records []*catalog.Store) string {
	return strings.Join(convert(records, func(r *catalog.Store) string { return r.Name }), ", ")
}
