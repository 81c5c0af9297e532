// Package engine is an embeddable lake of audit events: event data stores, imports of log files, Trino SQL with
// each answer's bytes scanned and price, and retention. The auditlake command and server are built on it.
//
// A Lake is safe for concurrent use. One process holds a lake at a time.
package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/auditlake/auditlake/engine/activity"
	"github.com/auditlake/auditlake/engine/dashboards"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/engine/identity"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/engine/query"
	"github.com/auditlake/auditlake/engine/saved"
	"github.com/auditlake/auditlake/engine/store"
	"github.com/auditlake/auditlake/ingest/channel"
	"github.com/auditlake/auditlake/planner/types"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/vfs"
)

// Error is a mistake in a statement, in Trino's terms: its name, position and message.
type Error = types.Error

// ErrNoLake means that a folder holds no lake.
var ErrNoLake = storage.ErrNoLake

// FindLake returns nil if the folder holds a lake, ErrNoLake if it holds nothing of one, and otherwise the reason
// why the lake cannot be opened.
func FindLake(dir string) error { return storage.Find(dir) }

// The files in a lake's folder with the certificate that its server generates, and its private key (PEM).
const (
	TLSCertificateFile = storage.TLSCertificateFile
	TLSKeyFile         = storage.TLSKeyFile
)

// RootCredentialsFile is the file in a lake's folder that Keys.WriteRootCredentials writes.
const RootCredentialsFile = storage.RootCredentialsFile

// ErrReadOnly means that a lake was opened for reading only, and cannot be changed.
var ErrReadOnly = storage.ErrReadOnly

// ClockJumpError means that nothing expires because the clock seems to have been set ahead.
type ClockJumpError = storage.ClockJumpError

// CatalogLostError means that a folder holds a lake's data but no catalog.
type CatalogLostError = storage.CatalogLostError

// UnprovenError says why the lake's catalog cannot be proven to belong to its files.
type UnprovenError = storage.UnprovenError

// ErrLocked means that another process holds the lake.
var ErrLocked = storage.ErrLocked

// ErrClosed means that a lake was closed before.
var ErrClosed = storage.ErrClosed

// Longer values and rows are of no use, and clients fail on them.
const (
	defaultMaxValueBytes = 32 << 20
	defaultMaxRowBytes   = 64 << 20
)

func (o *Options) limits() memory.Limits {
	return memory.Limits{MaxValueBytes: o.MaxValueBytes, MaxRowBytes: o.MaxRowBytes}
}

// Options sets how a lake is opened. The zero value is right for most callers.
type Options struct {
	// MustExist makes Open fail with ErrNoLake instead of creating a lake.
	MustExist bool
	// ReadOnly opens the lake without writing a byte to its folder; changes fail with ErrReadOnly, and queries are
	// not recorded. An existing lake that is not writable is opened so automatically (see Lake.IsReadOnly), and so
	// is a lake whose catalog is not proven to be current (UnprovenError). The latter answers queries only if
	// ReadOnly was set, as rows may be missing.
	ReadOnly bool
	// ReadOnlyIfFull opens an existing lake as ReadOnly does if its disk is too full to open it for writing.
	ReadOnlyIfFull bool
	// FreeBytes returns the free space of the lake's disk; nil: the system's figure.
	FreeBytes func() (int64, error)
	isFull    bool // see openFull
	// Now is the clock; nil: the system's. Retention and now() follow it.
	Now func() time.Time
	// Elapsed returns how long the lake has been open, by a clock that cannot be set. It distinguishes a clock that
	// was set ahead from time that passed. nil: the system's, or Now if that is set.
	Elapsed func() time.Duration
	// AfterFunc calls a function after a duration, unless stop is called first; nil: time.AfterFunc. Time limits of
	// queries use it.
	AfterFunc func(time.Duration, func()) (stop func() bool)
	// Prices is the price book; nil: DefaultPrices.
	Prices *Prices
	// Region and AccountID are part of the ARNs of new stores; empty: us-east-1 and 000000000000.
	Region, AccountID string
	// LakeMemoryBytes is the memory that all queries may hold together; 0: half of what the machine or this
	// process's control group allows, and at least 256 MiB. MemoryLimitBytes is what one query may hold, at most
	// half of that; 0: half of it.
	LakeMemoryBytes, MemoryLimitBytes int64
	// MaxResultBytes is the disk space of one kept result, MaxResultsBytes that of all of them; 0: 1 GiB, and 20
	// GiB or a tenth of the free disk if that is less.
	MaxResultBytes, MaxResultsBytes int64
	// SpillLimitBytes is how much all queries together may spill to disk when memory is short, as sorts do. They
	// spill to a folder of the lake, or to the system's temporary folder if the lake is read-only. 0: 20 GiB, or
	// half of the free disk if that is less; negative: no spilling.
	SpillLimitBytes int64
	// SpillFromBytes makes each query spill as if it could hold no more than this, while it may hold
	// MemoryLimitBytes. With 1, everything spills that can, so that tests need few rows. 0: the query's memory
	// limit decides.
	SpillFromBytes int64
	// SpillFiles is the file system that queries spill to; nil: the lake's. A test may use one in memory.
	SpillFiles vfs.FS
	// KeepHistory is how long after submission queries are listed and their results kept. The lake stores the value
	// for later processes that open it with 0. 0: the stored value, initially 7 days.
	KeepHistory time.Duration
	// MaxRunning limits the running queries, MaxWaiting the waiting ones and MaxOpen all that have not ended,
	// including answers that no client reads any more. The last two are approximate. 0: 10, 100 and 200.
	//
	// A user, over all doors and access keys, may have at most as many waiting and open queries as remain for
	// others, so about half; one more fails with QUERY_QUEUE_FULL. When all MaxRunning places are taken, up to half
	// that number more run for users who have nothing running.
	MaxRunning, MaxWaiting, MaxOpen int
	// MaxValueBytes and MaxRowBytes limit one value that a query computes, and one row of its answer; 0: 32 MiB and
	// 64 MiB.
	MaxValueBytes, MaxRowBytes int64
	// CacheBytes limits the cache of decoded segments. It is part of LakeMemoryBytes and shrinks when queries need
	// the memory. 0: a quarter of LakeMemoryBytes; negative: no cache.
	CacheBytes int64
	// OwnsProcess lets the lake tune Go's garbage collector for the whole process. It sets the soft heap limit
	// while queries run, by their memory limits, unless the environment has GOMEMLIMIT. It collects sooner when
	// much memory is live, unless the environment has GOGC.
	OwnsProcess bool
	// FlushBytes and FlushAge limit the size and age of pushed events outside of segments; 0: 32 MiB, and a minute.
	FlushBytes int64
	FlushAge   time.Duration
	// EventHistoryAge is how far back lookups at the server's doors reach; 0: 90 days, as the service's; negative:
	// to the oldest event.
	EventHistoryAge time.Duration
	// Activity records every query and every request at the lake's doors, with its caller, in the store
	// auditlake_activity. The first such Open creates the store.
	Activity bool
	// QueryEnded is called for each query that has ended, through any door and even if it never ran, before others
	// can see the end. Flushed is called after each flush, with its error. Both are called synchronously and must
	// return at once. nil: no call.
	QueryEnded func(*QueryInfo)
	Flushed    func(Flushed, error)
	// Maintenance runs in the background while the lake is open; the zero value: none.
	Maintenance Maintenance
	// Buckets are the buckets that clients of the lake's doors may name, to import from and to deliver answers to.
	// None of their folders may be inside the lake's, nor the lake's inside theirs. nil: no bucket.
	Buckets *Buckets
	// Log receives reports of background work and its failures; nil: no log.
	Log *slog.Logger
}

// Lake is an open lake.
type Lake struct {
	dir     string
	options Options
	storage *storage.Lake
	queries *query.Queries
	keys    *identity.Keys
	// warnings are those of opening the lake, without the storage's.
	warnings []string

	pushes      *pushChannels
	changing    *store.Changing // which stores are being changed
	ingested    *ingestCounts
	stores      *Stores
	channels    *Channels
	imports     *Imports
	dashboards  *Dashboards
	saved       *SavedQuestions
	activity    *activity.Recorder // nil: nothing is recorded
	maintenance *maintenance
}

// Open opens the lake in dir, or creates one. The caller closes it.
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
	if err := options.Buckets.CheckApart(dir); err != nil {
		return nil, err
	}
	answerUnproven := options.ReadOnly && !options.isFull // asked for, not chosen because the lake is not writable
	if err := options.find(dir); err != nil {
		return nil, err
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	go function.New() // lists all functions the first time, in the background
	data, err := storage.Open(ctx, dir, storage.Options{
		ReadOnly: options.ReadOnly, AnswerUnproven: answerUnproven, Now: options.Now, Elapsed: options.Elapsed, Decoder: &channel.Decoder{},
		HotBytes: options.FlushBytes, HotAge: options.FlushAge, OnFlush: options.flushed, Log: options.Log,
		CacheBytes: options.cacheBytes(), FS: options.files(),
	})
	if err != nil && IsDiskFull(err) && options.ReadOnlyIfFull && !options.ReadOnly && storage.Find(dir) == nil {
		return openFull(ctx, dir, options, err)
	}
	if err != nil {
		return nil, err
	}
	if data.Unproven() != nil {
		options.ReadOnly, options.Maintenance = true, Maintenance{}
	}
	l := &Lake{
		dir: dir, options: options, storage: data,
		keys:   identity.New(data, options.AccountID, func() time.Time { return options.Now().UTC() }),
		pushes: &pushChannels{}, changing: store.NewChanging(), ingested: &ingestCounts{},
	}
	l.stores, l.channels = newStores(l), newChannels(l)
	l.imports = newImports(l)
	if err := l.beginActivity(ctx); err != nil {
		return nil, errors.Join(err, data.Close())
	}
	l.queries = query.New(query.Options{
		Storage: data, Functions: function.New(), ReadOnly: options.ReadOnly, Now: l.now, AfterFunc: options.AfterFunc,
		Price: options.Prices.Query, LakeMemoryBytes: options.LakeMemoryBytes,
		MemoryLimitBytes: options.MemoryLimitBytes, MaxRunning: options.MaxRunning, MaxWaiting: options.MaxWaiting, MaxOpen: options.MaxOpen, KeepHistory: options.KeepHistory,
		MaxResultBytes: options.MaxResultBytes, MaxResultsBytes: options.MaxResultsBytes, SpillLimitBytes: options.SpillLimitBytes, SpillFromBytes: options.SpillFromBytes, SpillFiles: options.SpillFiles, Limits: options.limits(), OwnsProcess: options.OwnsProcess,
		Log: options.Log, Ended: l.queryEnded,
	})
	l.keys.OnRevoked(l.queries.CancelOfKey)
	l.dashboards = dashboards.New(dashboards.Options{
		Storage: data, Queries: l.queries, Region: options.Region, AccountID: options.AccountID, Now: l.now, Log: options.Log,
	})
	l.saved = saved.New(data.Catalog(), l.now)
	l.maintenance = newMaintenance(l, options.Maintenance, options.Log)
	l.maintenance.begin()
	return l, nil
}

// openFull opens a lake read-only after opening it for writing failed with full. Its catalog is proven like any
// other.
func openFull(ctx context.Context, dir string, options Options, full error) (*Lake, error) {
	options.ReadOnly, options.Maintenance, options.isFull = true, Maintenance{}, true
	l, err := Open(ctx, dir, options)
	if err != nil {
		return nil, errors.Join(full, err)
	}
	l.warnings = append(l.warnings, fmt.Sprintf("the disk of %s is full: the lake was opened for reading only, and queries are not recorded; free some space (%v)", dir, full))
	return l, nil
}

// cacheBytes returns the maximum size of the lake's cache.
func (o *Options) cacheBytes() int64 {
	if o.CacheBytes != 0 {
		return o.CacheBytes
	}
	return memory.NewLakePool(o.LakeMemoryBytes).LimitBytes() / cacheShare
}

// cacheShare: by default the cache takes 1/cacheShare of the lake's memory.
const cacheShare = 4

// find looks for a lake in dir, and sets ReadOnly if the lake is not writable.
func (o *Options) find(dir string) error {
	err := storage.Find(dir)
	switch {
	case errors.Is(err, ErrNoLake) && (o.MustExist || o.ReadOnly):
		return fmt.Errorf("%w: %s", ErrNoLake, dir)
	case errors.Is(err, ErrNoLake):
		return nil
	case err != nil:
		return fmt.Errorf("lake %s: %w", dir, err)
	}
	o.ReadOnly = o.ReadOnly || !storage.IsWritable(dir)
	if o.ReadOnly {
		o.Maintenance = Maintenance{}
	}
	return nil
}

// IsReadOnly reports whether the lake was opened for reading only.
func (l *Lake) IsReadOnly() bool { return l.options.ReadOnly }

// WithPrices returns the same open lake with another price book. Closing either closes both.
func (l *Lake) WithPrices(p *Prices) *Lake {
	other := *l
	other.options.Prices, other.queries, other.imports = p, l.queries.WithPrice(p.Query), l.imports.WithPrices(p)
	return &other
}

// Close closes the lake and waits for its background work. Answers that are still being read end with an error.
func (l *Lake) Close() error {
	l.imports.Close()
	l.maintenance.end()
	l.dashboards.Close()
	lost, rest := l.queries.Close(), errors.Join(l.endActivity(), l.storage.Close())
	if rest == nil {
		return lost
	}
	return errors.Join(lost, rest)
}

// Dir returns the lake's folder, an absolute path.
func (l *Lake) Dir() string { return l.dir }

// Region and AccountID return the parts of new stores' ARNs.
func (l *Lake) Region() string    { return l.options.Region }
func (l *Lake) AccountID() string { return l.options.AccountID }

// Warnings returns what the lake's owner should know about opening it, as sentences: files that other users could
// read, which now they cannot.
func (l *Lake) Warnings() []string { return append(l.warnings, l.storage.Warnings()...) }

// Prices returns the price book in use.
func (l *Lake) Prices() *Prices { return l.options.Prices }

// Now returns the time of the lake's clock, in UTC. Retention, keys and policies follow it.
func (l *Lake) Now() time.Time { return l.now() }

func (l *Lake) now() time.Time { return l.options.Now().UTC() }
