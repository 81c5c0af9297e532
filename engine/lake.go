// Package engine is an embeddable lake of audit events: event data stores,
// imports of log files, Trino SQL with the bytes each answer scanned and its
// price, retention. It is what the auditlake command and server stand on.
//
// A Lake is safe for concurrent use. One process holds a lake at a time.
package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
)

// Error is what the author of a statement did wrong, in Trino's terms: its
// name, place and message.
type Error = types.Error

// ErrNoLake means that a folder holds no lake.
var ErrNoLake = errors.New("no lake here")

// ErrLocked means that another process holds the lake.
var ErrLocked = storage.ErrLocked

// ErrClosed means that a lake was closed before.
var ErrClosed = storage.ErrClosed

// defaultMemoryLimitBytes leaves room for storage and the runtime under the
// 1.5 GiB that a lake on a small machine should need.
const defaultMemoryLimitBytes = 768 << 20

// Longer values and rows help nobody, and clients choke on them.
const (
	defaultMaxValueBytes = 32 << 20
	defaultMaxRowBytes   = 64 << 20
)

func (o *Options) limits() memory.Limits {
	return memory.Limits{MaxValueBytes: o.MaxValueBytes, MaxRowBytes: o.MaxRowBytes}
}

// Options sets how a lake is opened. The zero value is right for most.
type Options struct {
	// MustExist makes Open fail with ErrNoLake instead of making a new lake.
	MustExist bool
	// Now is the clock; nil: the system's. Retention and now() follow it.
	Now func() time.Time
	// Prices is the price book; nil: DefaultPrices.
	Prices *Prices
	// Region and AccountID stand in the names (ARNs) of new stores; empty:
	// us-east-1 and 000000000000.
	Region, AccountID string
	// MemoryLimitBytes is what one query may hold; 0: 768 MiB.
	MemoryLimitBytes int64
	// MaxValueBytes and MaxRowBytes are how long one value may be that a query makes, and one row of its
	// answer; 0: 32 MiB and 64 MiB.
	MaxValueBytes, MaxRowBytes int64
	// OwnsProcess lets the lake set the soft limit of Go's heap while queries run, by their memory limits,
	// unless the environment has GOMEMLIMIT.
	OwnsProcess bool
	// FlushBytes and FlushAge are how much of pushed events is kept outside of segments, and how long;
	// 0: 32 MiB, and a minute.
	FlushBytes int64
	FlushAge   time.Duration
	// Maintenance is done in the background while the lake is open; the zero value: none.
	Maintenance Maintenance
	// Log is told what was done in the background, and what failed there; nil: nobody.
	Log *slog.Logger
}

// Lake is an open lake.
type Lake struct {
	dir       string
	options   Options
	storage   *storage.Lake
	functions *function.Registry

	importing   *atomic.Pointer[runningImport] // one at a time; nil: none
	pushers     *pushers
	maintenance *maintenance
}

// Open opens the lake in dir, or makes a new one. The caller closes it.
func Open(ctx context.Context, dir string, options Options) (*Lake, error) {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Prices == nil {
		options.Prices = DefaultPrices()
	}
	if options.Region == "" {
		options.Region = "us-east-1"
	}
	if options.AccountID == "" {
		options.AccountID = "000000000000"
	}
	if options.MemoryLimitBytes == 0 {
		options.MemoryLimitBytes = defaultMemoryLimitBytes
	}
	if options.MaxValueBytes == 0 {
		options.MaxValueBytes = defaultMaxValueBytes
	}
	if options.MaxRowBytes == 0 {
		options.MaxRowBytes = defaultMaxRowBytes
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("lake folder: %w", err)
	}
	if options.MustExist {
		if _, err := os.Stat(filepath.Join(dir, "catalog")); err != nil {
			return nil, fmt.Errorf("%w: %s (import creates one: auditlake --lake %s import PATH)", ErrNoLake, dir, dir)
		}
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	data, err := storage.Open(ctx, dir, storage.Options{
		Now: options.Now, Decode: decodePushed(),
		HotBytes: options.FlushBytes, HotAge: options.FlushAge, OnFlush: logFlushes(options.Log),
	})
	if err != nil {
		return nil, err
	}
	l := &Lake{
		dir: dir, options: options, storage: data, functions: function.New(),
		importing: &atomic.Pointer[runningImport]{}, pushers: &pushers{},
	}
	l.maintenance = newMaintenance(l, options.Maintenance, options.Log)
	l.maintenance.begin()
	return l, nil
}

// WithPrices is the same open lake with another price book. Closing either
// closes both.
func (l *Lake) WithPrices(p *Prices) *Lake {
	other := *l
	other.options.Prices = p
	return &other
}

// Close ends the use of the lake, and waits for what it does in the background. Answers that are still
// being read end with an error.
func (l *Lake) Close() error {
	l.maintenance.end()
	return l.storage.Close()
}

// Dir is the lake's folder, absolute.
func (l *Lake) Dir() string { return l.dir }

// Prices is the price book in use.
func (l *Lake) Prices() *Prices { return l.options.Prices }

func (l *Lake) catalog() *catalog.Catalog { return l.storage.Catalog() }

func (l *Lake) now() time.Time { return l.options.Now().UTC() }

// horizon is the oldest instant that a store still keeps at now.
func horizon(s *Store, now time.Time) time.Time {
	return now.Add(-time.Duration(s.RetentionDays) * 24 * time.Hour)
}
