// Package storage keeps a lake's events: immutable ORC segments under the UTC day of their eventtime, and a catalog
// whose manifest says which segments exist.
//
// A commit makes rows durable and visible at once. A snapshot sees one state of the manifest. A scan reads only
// what a predicate, the requested columns and the retention horizon need, and reports exactly how many stored bytes
// that were.
package storage

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/decoded"
	"github.com/auditlake/auditlake/storage/receipt"
	"github.com/auditlake/auditlake/storage/vfs"
)

// Options sets how a lake is opened.
type Options struct {
	FS  vfs.FS           // for segment files; nil: the real file system
	Now func() time.Time // nil: time.Now
	// Elapsed returns how long the lake has been open, by a clock that cannot be set; nil: the system's, or Now if
	// that is set.
	Elapsed func() time.Duration
	// Decoder decodes pushed events; nil: the lake must have none. It must be safe for concurrent use.
	Decoder Decoder
	// HotBytes is the size of pushed events outside of segments at which a flush begins; 0: 32 MiB. At twice that,
	// a push waits for the flush. In memory they take as much, and three to four times as much once a query has
	// read them.
	HotBytes int64
	// HotAge is the age of pushed events at which a flush begins; 0: a minute.
	HotAge time.Duration
	// ReadOnly opens the lake without writing a byte to it. All changes fail with ErrReadOnly. Pushed events are
	// read from their log and stay there.
	ReadOnly bool
	// CacheBytes limits the cache of decoded segments; 0: 64 MiB; negative: no cache.
	CacheBytes int64
	// OnFlush, if set, is called after each flush that had something to do. It must not call the lake.
	OnFlush func(Flushed, error)
	// Log receives the stacks of panics in background work; nil: no log. The work itself fails with the panic as
	// its error.
	Log *slog.Logger
	// OrphanWait is how long a file that was set aside is kept; 0: 7 days.
	OrphanWait time.Duration
	// AnswerUnproven also allows queries of a lake that can only be read because its catalog is not proven to be
	// current (Lake.Unproven): rows may be missing.
	AnswerUnproven bool
}

// Lake is an open lake. It is safe for concurrent use; one process holds it at a time.
type Lake struct {
	dir      string
	readOnly bool
	fs       vfs.FS
	now      func() time.Time
	log      *slog.Logger // nil: panics are not logged
	catalog  *catalog.Catalog
	files    *filePool
	cache    *decoded.Cache // nil: no cache
	// manifest is shared by the snapshots of the newest version.
	manifest manifestCache
	key      ed25519.PrivateKey // signs the chain
	// orphanWait is how long files that were set aside are kept.
	orphanWait time.Duration
	warnings   []string // see Warnings
	// chainFailed: the chain could not be begun, so the manifest cannot change.
	chainFailed error
	// head is the head file; nil: the lake is not of version 4 yet, or unproven.
	head        *chainHeadFile
	headDamaged bool
	commitFiles sync.RWMutex // held while commit files are read or packed
	// singleCommits counts the single-commit files, up to packAfter. The running transaction owns it.
	singleCommits, packAfter int
	// unproven is why the lake can only be read. It is set while the lake is opened.
	unproven       *UnprovenError
	answerUnproven bool
	// Sizes at which segments and their stripes end; tests lower them.
	segmentBytes int64
	stripeBytes  int
	mergeBytes   int64
	// repeatWindowRows is about how many rows are compared at once to find repeated events.
	repeatWindowRows int64
	clock            trustedClock
	compacting       sync.Mutex // held by a compaction: one at a time
	// checkedTables has the ids of the reference tables whose files were compared with their hashes.
	checkedTables sync.Map

	hot      hotTier
	receipts *receipt.Memory

	mu        sync.Mutex
	snapshots map[*Snapshot]struct{} // mu
	garbage   []garbage              // mu
	closed    bool                   // mu
}

// Open opens the lake in dir, or creates one, and locks it for this process: ErrLocked if another process holds it.
// It sets aside segments that the manifest does not name, left by a killed process (Orphans).
func Open(ctx context.Context, dir string, opts Options) (*Lake, error) {
	if opts.FS == nil {
		opts.FS = vfs.OS
	}
	if opts.ReadOnly {
		opts.FS = vfs.ReadOnly(opts.FS, ErrReadOnly)
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Elapsed == nil {
		opened, now := opts.Now(), opts.Now
		opts.Elapsed = func() time.Duration { return now().Sub(opened) } // monotonic if now is time.Now
	}
	l := &Lake{
		dir:              dir,
		readOnly:         opts.ReadOnly,
		fs:               opts.FS,
		now:              opts.Now,
		log:              opts.Log,
		clock:            trustedClock{elapsed: opts.Elapsed},
		files:            newFilePool(opts.FS, maxOpenSegments),
		cache:            decoded.New(cmp.Or(opts.CacheBytes, defaultCacheBytes)),
		segmentBytes:     maxSegmentBytes,
		stripeBytes:      maxStripeBytes,
		mergeBytes:       maxMergeBytes / compactWorkers,
		repeatWindowRows: maxRepeatWindowRows,
		snapshots:        map[*Snapshot]struct{}{},
		answerUnproven:   opts.AnswerUnproven,
		packAfter:        packAfterCommits,
		orphanWait:       cmp.Or(opts.OrphanWait, defaultOrphanWait),
	}
	if err := l.open(ctx, opts); err != nil {
		return nil, fmt.Errorf("open lake %s: %w", dir, err)
	}
	return l, nil
}

func (l *Lake) open(ctx context.Context, opts Options) error {
	folder := filepath.Join(l.dir, catalogFolder)
	var err error
	if !l.readOnly {
		if err := l.makeFolders(folder, l.storesPath(), filepath.Join(l.dir, hotFolder), l.tablesPath(), l.commitsPath()); err != nil {
			return err
		}
		if l.warnings, err = makePrivate(l.dir); err != nil {
			return err
		}
	}
	if err := l.openHead(); err != nil {
		return err
	}
	known := uint64(0)
	if l.head != nil {
		known = l.head.mark.entries
	}
	l.catalog, err = catalog.Open(folder, catalog.Options{
		ReadOnly: l.readOnly,
		// The head file is older than the newest entries, never newer.
		ChainEntries: known,
		FreeBytes:    func() (int64, error) { return l.fs.FreeBytes(folder) },
		New:          l.mayBeNew,
		MayChange:    l.checkChangeable,
		Seal:         l.sealCommit,
		Sealed:       l.sealedCommit,
	})
	if err != nil {
		return err
	}
	if !l.readOnly {
		err = narrowCatalogFiles(folder)
	}
	if err == nil {
		err = l.openWithin(ctx, opts)
	}
	if err != nil {
		return errors.Join(err, l.catalog.Close())
	}
	return nil
}

// openWithin opens what is next to the catalog. It changes files there only if the catalog is proven to be as
// current, and the log of pushed events continues from the catalog's flushed mark.
func (l *Lake) openWithin(ctx context.Context, opts Options) error {
	if err := l.openChain(ctx); err != nil {
		return err
	}
	channelIDs, err := l.openReceipts()
	if err != nil {
		return err
	}
	pushes, err := l.openHot(ctx, opts, channelIDs)
	if err != nil {
		if l.unproven != nil {
			err = errors.Join(l.unproven, err)
		}
		return err
	}
	if err := l.openClock(); err != nil {
		return err
	}
	if l.checkChangeable() == nil {
		if err := l.openLog(ctx); err != nil {
			return err
		}
		if err := l.tidy(ctx); err != nil {
			return err
		}
	}
	if len(pushes) > 0 {
		l.publishHot(pushes)
	}
	return nil
}

// tidy cleans up after a killed process.
func (l *Lake) tidy(ctx context.Context) error {
	if err := l.countCommitFiles(); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{l.sweepOrphans, l.sweepTableOrphans, l.RemoveOrphans} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Warnings returns what the lake's owner should know of its files since they were opened: which of them other users
// could read, and why the lake can only be read.
func (l *Lake) Warnings() []string { return l.warnings }

// makeFolders makes the lake's folders, and makes new ones durable.
func (l *Lake) makeFolders(paths ...string) error {
	var missing []string
	for path := l.dir; ; path = filepath.Dir(path) {
		_, err := l.fs.Stat(path)
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) || path == filepath.Dir(path) {
			return err
		}
		missing = append(missing, path)
	}
	for _, path := range paths {
		if err := l.fs.MkdirAll(path); err != nil {
			return err
		}
	}
	for _, path := range missing {
		if err := l.fs.SyncDir(filepath.Dir(path)); err != nil {
			return err
		}
	}
	return l.fs.SyncDir(l.dir)
}

// Close closes the lake. Pushed events stay in the log, which is sealed, until the lake is opened again. Snapshots
// and writers must have been closed before.
func (l *Lake) Close() error {
	l.hot.flushing.Lock()
	defer l.hot.flushing.Unlock()
	logErr := l.closeLog()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return ErrClosed
	}
	l.closed = true
	if l.hot.flusher != nil {
		l.hot.flusher.Stop()
	}
	for s := range l.snapshots {
		s.end()
	}
	defer l.head.close()
	return errors.Join(logErr, l.files.close(), l.catalog.Close())
}

// Catalog returns the lake's records. Only storage changes the manifest.
func (l *Lake) Catalog() *catalog.Catalog { return l.catalog }

// Cache returns the cache of decoded segments; nil: there is none.
func (l *Lake) Cache() *decoded.Cache { return l.cache }

// Log returns the log for panics of background work; nil: they are not logged.
func (l *Lake) Log() *slog.Logger { return l.log }

// Dir returns the lake's folder.
func (l *Lake) Dir() string { return l.dir }
