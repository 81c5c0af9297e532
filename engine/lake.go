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

// Error is what the author of a statement did wrong, in Trino's terms: its
// name, place and message.
type Error = types.Error

// ErrNoLake means that a folder holds no lake.
var ErrNoLake = storage.ErrNoLake

// FindLake returns nil if there is a lake in a folder, ErrNoLake if there is nothing of one, and otherwise why it
// cannot be opened.
func FindLake(dir string) error { return storage.Find(dir) }

// The files in a lake's folder of the certificate that its server makes for itself, and of its private key (PEM).
const (
	TLSCertificateFile = storage.TLSCertificateFile
	TLSKeyFile         = storage.TLSKeyFile
)

// RootCredentialsFile is the file in a lake's folder that Keys.WriteRootCredentials writes.
const RootCredentialsFile = storage.RootCredentialsFile

// ErrReadOnly means that a lake was opened for reading only, and cannot be changed.
var ErrReadOnly = storage.ErrReadOnly

// ClockJumpError says that nothing expires because the clock seems to have been set ahead.
type ClockJumpError = storage.ClockJumpError

// CatalogLostError says that a folder holds a lake's data, but no catalog of it.
type CatalogLostError = storage.CatalogLostError

// UnprovenError says why nothing proves that a lake's catalog is the one that belongs to its files.
type UnprovenError = storage.UnprovenError

// ErrLocked means that another process holds the lake.
var ErrLocked = storage.ErrLocked

// ErrClosed means that a lake was closed before.
var ErrClosed = storage.ErrClosed

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
	// ReadOnly opens the lake without writing a byte to its folder; changes fail with ErrReadOnly, and queries are
	// not recorded. A lake that exists and cannot be written to is opened so by itself, see Lake.IsReadOnly, and so
	// is one whose catalog is not proven to be current (UnprovenError): that one answers only if ReadOnly was asked
	// for, as rows may be missing.
	ReadOnly bool
	// ReadOnlyIfFull opens a lake that exists as ReadOnly does if its disk is too full to open it otherwise.
	ReadOnlyIfFull bool
	// FreeBytes measures the free space of the lake's disk; nil: the system does.
	FreeBytes func() (int64, error)
	isFull    bool // see openFull
	// Now is the clock; nil: the system's. Retention and now() follow it.
	Now func() time.Time
	// Elapsed is how long the lake has been open by a clock that cannot be set, which tells a clock that was set ahead
	// from time that passed; nil: the system's, or Now if that is set.
	Elapsed func() time.Duration
	// AfterFunc calls a function after some time, unless what it returns is called before; nil: time.AfterFunc. Time
	// limits of queries follow it.
	AfterFunc func(time.Duration, func()) (stop func() bool)
	// Prices is the price book; nil: DefaultPrices.
	Prices *Prices
	// Region and AccountID stand in the names (ARNs) of new stores; empty:
	// us-east-1 and 000000000000.
	Region, AccountID string
	// LakeMemoryBytes is what all queries may hold together; 0: half of what the machine, or the group of processes
	// that this one is in, may have, and at least 256 MiB. MemoryLimitBytes is what one query may hold, at most half
	// of that; 0: half of it.
	LakeMemoryBytes, MemoryLimitBytes int64
	// MaxResultBytes is how much one kept result may take on disk, MaxResultsBytes all of them; 0: 1 GiB, and 20 GiB or
	// a tenth of the free disk if that is less.
	MaxResultBytes, MaxResultsBytes int64
	// SpillLimitBytes is how much all queries together may write to disk of what they have no memory for, as sorts
	// do, into a folder of the lake, or of the system's for temporary files if the lake is read only; 0: 20 GiB, or
	// half of the free disk if that is less; less than 0: nothing.
	SpillLimitBytes int64
	// SpillFromBytes has queries spill as if each might hold no more, while it may hold MemoryLimitBytes: with 1, all
	// that can be spilled is, so that a test sees with few rows what becomes of many. 0: by what a query may hold.
	SpillFromBytes int64
	// SpillFiles is the file system that queries spill to; nil: the lake's. A test may take one in memory.
	SpillFiles vfs.FS
	// KeepHistory is how long queries are listed after they were submitted, and their results kept. The lake
	// remembers it, because the next process that opens it may not be told; 0: as the lake was told last, 7 days at
	// first.
	KeepHistory time.Duration
	// MaxRunning is how many queries are at work at once, MaxWaiting about how many wait for their turn, MaxOpen
	// about how many have not ended, answers included that nobody reads on; 0: 10, 100 and 200. A user, at all doors
	// and with all access keys, may have as many waiting and open as are left for others, so about half at most; one
	// more fails with QUERY_QUEUE_FULL. When MaxRunning are at work, up to half as many more run for users who have
	// nothing at work.
	MaxRunning, MaxWaiting, MaxOpen int
	// MaxValueBytes and MaxRowBytes are how long one value may be that a query makes, and one row of its
	// answer; 0: 32 MiB and 64 MiB.
	MaxValueBytes, MaxRowBytes int64
	// CacheBytes is how much is kept of what was decoded of segments, out of LakeMemoryBytes and only while no query
	// needs it; 0: a quarter of LakeMemoryBytes, less than 0: nothing.
	CacheBytes int64
	// OwnsProcess lets the lake set the soft limit of Go's heap while queries run, by their memory limits,
	// unless the environment has GOMEMLIMIT, and collect garbage sooner where much is live, unless it has GOGC.
	OwnsProcess bool
	// FlushBytes and FlushAge are how much of pushed events is kept outside of segments, and how long;
	// 0: 32 MiB, and a minute.
	FlushBytes int64
	FlushAge   time.Duration
	// EventHistoryAge is how far back lookups at the server's doors reach; 0: 90 days, as the service's; less than 0:
	// to the oldest event.
	EventHistoryAge time.Duration
	// Activity records in the store auditlake_activity who does what at the lake's doors, and every query. The store
	// is made with the first such Open.
	Activity bool
	// QueryEnded is told of each query that has ended, whichever way it came in and also if it never ran, before
	// others can see the end, and Flushed of each flush, with its error. They are called where that happens, and
	// return at once. Nil: nobody is told.
	QueryEnded func(*QueryInfo)
	Flushed    func(Flushed, error)
	// Maintenance is done in the background while the lake is open; the zero value: none.
	Maintenance Maintenance
	// Buckets are those that clients of the lake's doors may name: to import from, and to have answers delivered to.
	// None of their folders may be in the lake's, nor the other way round. Nil: no bucket.
	Buckets *Buckets
	// Log is told what was done in the background, and what failed there; nil: nobody.
	Log *slog.Logger
}

// Lake is an open lake.
type Lake struct {
	dir     string
	options Options
	storage *storage.Lake
	queries *query.Queries
	keys    *identity.Keys
	// warnings are those of opening, besides the storage's.
	warnings []string

	pushes      *pushChannels
	changing    *store.Changing // which stores are
	ingested    *ingestCounts
	stores      *Stores
	channels    *Channels
	imports     *Imports
	dashboards  *Dashboards
	saved       *SavedQuestions
	activity    *activity.Recorder // nil: nothing is recorded
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
	answerUnproven := options.ReadOnly && !options.isFull // asked for, not chosen because nothing can be written
	if err := options.find(dir); err != nil {
		return nil, err
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	go function.New() // lists all functions the first time, meanwhile
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

// openFull opens a lake for reading that cannot be opened otherwise, because of full. It proves itself as others do.
func openFull(ctx context.Context, dir string, options Options, full error) (*Lake, error) {
	options.ReadOnly, options.Maintenance, options.isFull = true, Maintenance{}, true
	l, err := Open(ctx, dir, options)
	if err != nil {
		return nil, errors.Join(full, err)
	}
	l.warnings = append(l.warnings, fmt.Sprintf("the disk of %s is full: the lake was opened for reading only, and queries are not recorded; free some space (%v)", dir, full))
	return l, nil
}

// cacheBytes is how much the lake's cache may take at most.
func (o *Options) cacheBytes() int64 {
	if o.CacheBytes != 0 {
		return o.CacheBytes
	}
	return memory.NewLakePool(o.LakeMemoryBytes).LimitBytes() / cacheShare
}

// cacheShare is the part of the lake's memory that is the cache's, if nobody says how much.
const cacheShare = 4

// find looks for a lake in dir, and chooses to read it only where it cannot be written to.
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

// WithPrices is the same open lake with another price book. Closing either
// closes both.
func (l *Lake) WithPrices(p *Prices) *Lake {
	other := *l
	other.options.Prices, other.queries, other.imports = p, l.queries.WithPrice(p.Query), l.imports.WithPrices(p)
	return &other
}

// Close ends the use of the lake, and waits for what it does in the background. Answers that are still
// being read end with an error.
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

// Dir is the lake's folder, absolute.
func (l *Lake) Dir() string { return l.dir }

// Region and AccountID are those of new stores' names (ARNs).
func (l *Lake) Region() string    { return l.options.Region }
func (l *Lake) AccountID() string { return l.options.AccountID }

// Warnings are what opening found of which the lake's owner should know, as
// sentences: files that other users could read, which now they cannot.
func (l *Lake) Warnings() []string { return append(l.warnings, l.storage.Warnings()...) }

// Prices is the price book in use.
func (l *Lake) Prices() *Prices { return l.options.Prices }

// Now is the lake's clock, in UTC: retention, keys and policies follow it.
func (l *Lake) Now() time.Time { return l.now() }

func (l *Lake) now() time.Time { return l.options.Now().UTC() }
