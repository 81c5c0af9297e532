// Package storage keeps a lake's events: immutable ORC segments under the UTC day of their
// eventtime, and a catalog whose manifest says which segments exist.
//
// A commit makes rows durable and visible at once; a snapshot sees one state of the manifest; a
// scan reads no more of it than a predicate, the columns asked for and the retention horizon need,
// and tells exactly how many stored bytes that were.
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
	// Elapsed is how long the lake has been open by a clock that cannot be set; nil: the system's, or Now if that is
	// set.
	Elapsed func() time.Duration
	// Decoder reads pushed events; nil: the lake must have none. It is called by several goroutines.
	Decoder Decoder
	// HotBytes is how much of pushed events lies outside of segments before a flush begins; 0: 32 MiB.
	// With twice as much a push waits for the flush. In memory they take as much, those that a query
	// has asked for three to four times as much.
	HotBytes int64
	// HotAge is how long they lie there; 0: a minute.
	HotAge time.Duration
	// ReadOnly opens the lake without writing a byte to it. Everything that would change it fails with ErrReadOnly.
	// Pushed events are read from their log and stay there.
	ReadOnly bool
	// CacheBytes is how much is kept of what was decoded of segments; 0: 64 MiB, less than 0: nothing.
	CacheBytes int64
	// OnFlush, if set, is told what each flush that had something to do did. It must not call the lake.
	OnFlush func(Flushed, error)
	// Log takes the stacks of panics in background work; nil: none. The work itself fails with the panic as its error.
	Log *slog.Logger
	// OrphanWait is how long a file that was set aside is kept; 0: 7 days.
	OrphanWait time.Duration
	// AnswerUnproven gives answers also from a lake that can be read only because nothing proves that its catalog is
	// current (Lake.Unproven): rows may be missing from them.
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
	cache    *decoded.Cache // nil: nothing is kept
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
	commitFiles sync.RWMutex // held to read the files of commits, or to pack them
	// singleCommits counts the files of single commits, up to packAfter. It belongs to the transaction that is under
	// way.
	singleCommits, packAfter int
	// unproven is why the lake can be read only. It is set while the lake is opened.
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

// Open opens the lake in dir, or makes a new one, and takes it for this process: ErrLocked if
// another has it. Segments that the manifest does not name, left by a killed process, are set aside (Orphans).
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
		opts.Elapsed = func() time.Duration { return now().Sub(opened) } // of time.Now this is monotonic
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

// openWithin opens what is beside the catalog. What lies there is changed only if the catalog is proven to be as
// current, and the log of pushed events continues what the catalog says is flushed.
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

// tidy puts right what a process that was killed has left.
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

// Warnings are what the lake's owner should know of its files since they were
// opened: which of them other users could read, and why the lake can be read only.
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

// Close ends the use of the lake. Pushed events stay in the log, which is sealed, until the lake is opened again.
// Snapshots and writers must have been closed before.
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

// Catalog gives the lake's records. The manifest is changed by storage only.
func (l *Lake) Catalog() *catalog.Catalog { return l.catalog }

// Cache is what is kept of what was decoded of segments; nil: nothing is.
func (l *Lake) Cache() *decoded.Cache { return l.cache }

// Log is where panics of background work are logged, nil if nowhere.
func (l *Lake) Log() *slog.Logger { return l.log }

// Dir is the lake's folder.
func (l *Lake) Dir() string { return l.dir }
