// Package catalog stores a lake's records in Badger: stores, the manifest of segments, the import ledger, imports
// and their failures, queries and usage. Records are plain data; the callers that write them decide what they mean.
// docs/formats/manifest.md describes keys and values byte by byte.
package catalog

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// FormatVersion is the version of keys, values and files that this program knows. It grows when an older program
// could misread a lake, or must not change it. Version 2 adds the chain, version 3 stores that rebuild eventjson.
// Since version 4 the chain holds stores and the import ledger, and commits leave files beside the catalog.
const FormatVersion = SealedFormatVersion

const (
	// ChainFormatVersion is the version of a new catalog.
	ChainFormatVersion = 2
	// SealedFormatVersion is the version of lakes whose chain holds the records of stores and the import ledger.
	SealedFormatVersion = 4
)

// FilesPerCommit is how many files' ledger entries and locations surely fit one transaction, as long as their
// admissions are a few hundred bytes each.
const FilesPerCommit = 1000

// Sizes of Badger. They bound its memory: it builds tables of a memtable's size, and keeps the buffers for a while.
// A transaction holds 15 % of a memtable: see FilesPerCommit. The value log holds values above a megabyte. There
// are none, so it is as small as possible: each opening makes one, maps twice its size, and writes its header, for
// which the kernel may read megabytes ahead.
const (
	memTables         = 2
	maxTreeValueBytes = 1 << 20
	valueLogFileBytes = 1 << 20
	compactors        = 2
	tableBlockBytes   = 16 << 10
	blockCacheBytes   = 8 << 20
)

// memTableBytes is the size of a memtable, which each opening clears whole: see ShrinkMemTables.
var memTableBytes int64 = 16 << 20

// ShrinkMemTables makes the memtables of catalogs small that this process opens later. TestMain calls it in
// packages whose tests open small lakes hundreds of times.
func ShrinkMemTables() { memTableBytes = 2 << 20 }

// Options sets how a catalog is opened.
type Options struct {
	// FreeBytes returns the free space of the catalog's file system. Badger writes through memory maps, where a
	// full disk ends the process, so Update refuses to begin if less than MinFreeBytes is left. Nil: not checked.
	FreeBytes func() (int64, error)
	// ReadOnly opens a temporary copy: not a byte is written to the folder, and Update fails with ErrReadOnly.
	// Other readers may open it at the same time; a process that changes the catalog excludes them all.
	ReadOnly bool
	// ChainEntries is how many entries the chain is known to have had: an incomplete transaction in a log that
	// added one of them is damage.
	ChainEntries uint64
	// New is called before a new or empty catalog is used; its error ends Open. Nil: always allowed.
	New func() error
	// MayChange is called before each transaction of Update; its error refuses the change. Nil: always allowed.
	MayChange func() error
	// Seal is called with each transaction of Update that changes what the chain holds, after all its other changes and
	// before its commit; its error ends the transaction without a change. Nil: such a transaction has no chain entry.
	Seal func(*Tx) error
	// Sealed is called after the commit of a transaction that Seal was called with, before the next one begins.
	Sealed func(*Tx)

	// acceptsLogs opens a catalog with damaged logs: everything after the damage is cut off.
	acceptsLogs bool
}

// MinFreeBytes is the free space that Update requires.
const MinFreeBytes = 64 << 20

// Catalog is an open catalog. It is safe for concurrent use; one process holds it at a time.
type Catalog struct {
	db         *badger.DB
	opts       Options
	committed  committed
	ended      *badger.Txn // already discarded
	writing    sync.Mutex  // held by Update: transactions never conflict
	failed     error       // writing: a commit that failed; every later Update fails with it
	stores     atomic.Uint64
	accessKeys atomic.Uint64 // as for stores, see AccessKeysVersion

	readOnly bool
	damage   error        // see Damage
	release  func() error // releases what openReadOnly took; nil: nothing
}

// Open opens the catalog in dir, or makes a new one. Errors: ErrLocked if another process has it open,
// *VersionError if a newer program wrote it, *DamagedError. A catalog with a damaged log is opened for reading
// only, see Damage.
func Open(dir string, opts Options) (*Catalog, error) {
	if opts.ReadOnly {
		return openReadOnly(dir, opts)
	}
	c, err := openFolder(dir, opts)
	if isLogDamage(err) {
		return openDamaged(dir, opts, err)
	}
	return c, err
}

// Damage is the damage of a log of the catalog; nil: none. A damaged catalog is a temporary copy without the
// records after the damage, and cannot be changed.
func (c *Catalog) Damage() error { return c.damage }

func openFolder(dir string, opts Options) (*Catalog, error) {
	if err := checkFolder(dir, opts); err != nil {
		return nil, err
	}
	forChanges, err := opts.room(dir)
	if err != nil {
		return nil, err
	}
	settings := badgerOptions(dir)
	if !forChanges { // nor for what table compactions write
		settings = settings.WithNumCompactors(0)
	}
	if err := removeUnbornLogs(dir); err != nil {
		return nil, fmt.Errorf("open catalog %s: %w", dir, err)
	}
	db, err := badger.Open(settings)
	if err != nil {
		if isHeld(err) {
			return nil, fmt.Errorf("%w: %s", ErrLocked, dir)
		}
		return nil, fmt.Errorf("open catalog %s: %w", dir, err)
	}
	c := &Catalog{db: db, opts: opts, ended: db.NewTransaction(true)}
	c.ended.Discard()
	c.committed.renew(db, true, true)
	if err := c.checkFormat(); err != nil {
		c.committed.close()
		return nil, errors.Join(err, db.Close())
	}
	return c, nil
}

// isHeld reports whether an error of Badger means that another process has the catalog, not that the file system
// cannot lock. Badger does not wrap the cause.
func isHeld(err error) bool {
	return strings.Contains(err.Error(), "Cannot acquire directory lock") && strings.Contains(err.Error(), heldText)
}

// checkFolder checks what Badger would take for granted.
func checkFolder(dir string, opts Options) error {
	_, err := os.Stat(filepath.Join(dir, badger.ManifestFilename))
	switch {
	case errors.Is(err, fs.ErrNotExist): // Badger would delete all tables
		return opts.mayBeNew()
	case err != nil:
		return err
	}
	return checkTables(dir, opts)
}

// mayBeNew asks whether a new catalog is allowed.
func (o *Options) mayBeNew() error {
	if o.New == nil {
		return nil
	}
	return o.New()
}

func badgerOptions(dir string) badger.Options {
	return badger.DefaultOptions(dir).
		WithLogger(nil).
		WithSyncWrites(true).
		WithVerifyValueChecksum(true).
		WithMetricsEnabled(false).
		WithDetectConflicts(false).
		WithMemTableSize(memTableBytes).
		WithValueThreshold(min(maxTreeValueBytes, memTableBytes*15/100)). // Badger allows what fits a transaction
		WithNumMemtables(memTables).
		WithValueLogFileSize(valueLogFileBytes).
		WithNumCompactors(compactors).
		WithBlockSize(tableBlockBytes).
		WithBlockCacheSize(blockCacheBytes).
		WithCompression(options.Snappy)
}

// checkFormat reads the format version, or writes it to a new catalog.
func (c *Catalog) checkFormat() error {
	var found uint32
	err := c.View(func(tx *Tx) (err error) {
		found, err = tx.FormatVersion()
		return err
	})
	if errors.Is(err, badger.ErrKeyNotFound) {
		if err := c.opts.mayBeNew(); err != nil {
			return err
		}
		return c.Update(context.Background(), func(tx *Tx) error { return tx.RaiseFormatVersion(ChainFormatVersion) })
	}
	if err == nil && found > FormatVersion {
		err = &VersionError{Found: found, Known: FormatVersion}
	}
	return err
}

// FormatVersion reads the catalog's version, which may be an earlier one.
func (tx *Tx) FormatVersion() (uint32, error) {
	value, err := tx.getRaw(formatKey)
	if err != nil {
		return 0, err
	}
	if len(value) != 4 {
		return 0, fmt.Errorf("catalog format version has %d bytes instead of 4", len(value))
	}
	return binary.BigEndian.Uint32(value), nil
}

// RaiseFormatVersion sets the catalog's format version, unless it has a later one.
func (tx *Tx) RaiseFormatVersion(version uint32) error {
	found, err := tx.FormatVersion()
	if err != nil && !errors.Is(err, badger.ErrKeyNotFound) || err == nil && found >= version {
		return err
	}
	return tx.setRaw(formatKey, binary.BigEndian.AppendUint32(nil, version))
}

// Close ends the use of the catalog and lets other processes open it.
func (c *Catalog) Close() error {
	c.committed.close()
	err := errors.Join(c.mergeTables(), c.db.Close())
	c.stores.Add(1) // a caller that asks for them again learns that the catalog is closed
	c.accessKeys.Add(1)
	if err != nil {
		err = fmt.Errorf("close catalog: %w", err)
	}
	if c.release != nil {
		err = errors.Join(err, c.release())
	}
	return err
}

// Begin starts a read-only transaction. Until Discard it sees the catalog as the last returned Update left it. It
// waits for no Update in flight.
func (c *Catalog) Begin() *Tx {
	shared := c.committed.begin()
	if shared == nil { // the catalog is closed
		return &Tx{txn: c.db.NewTransaction(false)}
	}
	return &Tx{txn: shared.Txn, stores: shared.stores, tables: shared.tables, giveBack: func() *badger.Txn {
		c.committed.giveBack(shared)
		return c.ended
	}}
}

// View runs fn in a read-only transaction.
func (c *Catalog) View(fn func(*Tx) error) error {
	if c.db.IsClosed() {
		return ErrClosed
	}
	tx := c.Begin()
	defer tx.Discard()
	return fn(tx)
}

// Update runs fn in a transaction and commits what it wrote. A nil error promises that all of it is on disk and
// visible to later transactions; after an error of fn nothing is. ErrTooLarge: the changes do not fit one
// transaction. A *CommitError leaves open whether the changes are on disk until the catalog is opened again. Every
// further Update then fails with that error, because its changes might not survive either.
func (c *Catalog) Update(ctx context.Context, fn func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if c.opts.MayChange != nil {
		if err := c.opts.MayChange(); err != nil {
			return err
		}
	}
	if c.readOnly {
		return ErrReadOnly
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	if c.failed != nil {
		return c.failed
	}
	if c.db.IsClosed() {
		return ErrClosed
	}
	if err := c.checkSpace(); err != nil {
		return err
	}
	tx := &Tx{txn: c.db.NewTransaction(true)}
	defer tx.Discard()
	if err := fn(tx); err != nil {
		return err
	}
	changesChain := c.opts.Seal != nil && (tx.ChangesChain() || len(tx.appended) > 0)
	if changesChain {
		if err := c.opts.Seal(tx); err != nil {
			return err
		}
	}
	if err := tx.txn.Commit(); err != nil {
		c.failed = &CommitError{Err: err}
	} else {
		c.committed.renew(c.db, tx.changesStores, tx.changesTables)
		if changesChain && c.opts.Sealed != nil {
			c.opts.Sealed(tx)
		}
	}
	if tx.changesStores {
		c.stores.Add(1)
	}
	if tx.changesAccessKeys {
		c.accessKeys.Add(1)
	}
	return c.failed
}

// StoresVersion changes with every change of a store's or channel's record. Records that a caller read after
// StoresVersion are valid while it stays the same.
func (c *Catalog) StoresVersion() uint64 { return c.stores.Load() }

// AccessKeysVersion does for access keys what StoresVersion does for stores.
func (c *Catalog) AccessKeysVersion() uint64 { return c.accessKeys.Load() }

func (c *Catalog) checkSpace() error {
	if c.opts.FreeBytes == nil {
		return nil
	}
	free, err := c.opts.FreeBytes()
	if err != nil {
		return fmt.Errorf("free space of the catalog: %w", err)
	}
	if free < MinFreeBytes {
		return fmt.Errorf("the catalog needs %d bytes of free disk space, but only %d are free: %w", MinFreeBytes, free, errNoSpace)
	}
	return nil
}
