package storage

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/storage/catalog"
)

// UnprovenError says why a lake can only be read: its catalog cannot be proven to belong to the files next to it. A
// change to such a catalog could lose data that it does not know.
type UnprovenError struct {
	Dir    string
	Reason string
	// StoreIDs are the stores whose records differ from the chain: they cannot be queried.
	StoreIDs []string
}

func (e *UnprovenError) Error() string {
	return fmt.Sprintf("the lake is read-only: %s. Nothing was changed or removed. Restore the catalog that belongs to these files, "+
		"or rebuild it from them: auditlake --lake %s rebuild", e.Reason, e.Dir)
}

func (l *Lake) notProven(format string, args ...any) *UnprovenError {
	return &UnprovenError{Dir: l.dir, Reason: fmt.Sprintf(format, args...)}
}

// Unproven returns why the lake can only be read, or nil if it can be changed.
func (l *Lake) Unproven() *UnprovenError { return l.unproven }

// mayAnswer returns why the rows of a store cannot be queried; nil: they can. Without proof, rows may be missing
// from the catalog, so queries need consent (Options.AnswerUnproven). A store whose record differs from the chain
// can never be queried.
func (l *Lake) mayAnswer(storeID string) error {
	if l.unproven == nil || l.answerUnproven && !slices.Contains(l.unproven.StoreIDs, storeID) {
		return nil
	}
	return l.unproven
}

// proveCurrent compares the catalog with the head file and the commit files next to it.
//
// A nil *UnprovenError means that no acknowledged change is missing, of the manifest, of a store's record or of the
// flushed mark, and that the head file agrees. The file of a transaction that did not commit is set aside.
func (l *Lake) proveCurrent(format uint32) (*UnprovenError, error) {
	if err := l.catalog.Damage(); err != nil {
		return l.notProven("%v", err), nil
	}
	p := &proof{lake: l, format: format}
	err := l.catalog.View(func(tx *catalog.Tx) error {
		p.tx = tx
		return p.readCatalog()
	})
	if err != nil {
		return nil, err
	}
	return p.unproven, nil
}

// proof compares a catalog with the files next to it.
type proof struct {
	lake   *Lake
	format uint32
	tx     *catalog.Tx

	mark     headMark // of the catalog
	unproven *UnprovenError
}

func (p *proof) fail(format string, args ...any) error {
	p.unproven = p.lake.notProven(format, args...)
	return nil
}

func (p *proof) readCatalog() (err error) {
	l := p.lake
	if p.mark, err = markOf(p.tx); err != nil {
		return err
	}
	last, err := p.lastEntry()
	if err != nil {
		return err
	}
	isSealed := p.format >= catalog.SealedFormatVersion
	switch {
	case p.unproven != nil:
		return nil
	case l.head == nil && (isSealed || last.Stores != ""):
		return p.fail("the file %s, which says how far the catalog must reach, is missing", l.headPath())
	case l.headDamaged:
		return p.fail("the file %s, which says how far the catalog must reach, is damaged", l.headPath())
	case !isSealed && last.Stores != "":
		return p.fail("the catalog has format version %d, but its chain has version %d", p.format, catalog.SealedFormatVersion)
	case l.head == nil:
		return nil
	case l.head.mark.entries > p.mark.entries:
		return p.fail("the catalog is older than the files beside it: its chain has %d entries, %s says %d", p.mark.entries, l.headPath(), l.head.mark.entries)
	case !isSealed:
		return nil // sealLake was interrupted, and starts over
	}
	if err := p.checkHead(); err != nil || p.unproven != nil {
		return err
	}
	if err := p.checkState(last); err != nil || p.unproven != nil {
		return err
	}
	if err := p.checkBeyond(); err != nil || p.unproven != nil {
		return err
	}
	if l.head.mark != p.mark && !l.readOnly {
		l.head.advance(p.mark)
	}
	return nil
}

// lastEntry returns the last entry of the chain, after checking that the catalog's head names it and that it is
// signed.
func (p *proof) lastEntry() (*catalog.ChainEntry, error) {
	if p.mark.entries == 0 {
		return &catalog.ChainEntry{}, nil
	}
	if p.format == 1 && p.lake.head == nil {
		return &catalog.ChainEntry{}, nil // an interrupted adoption, which starts over
	}
	number := p.mark.entries - 1
	stored, err := p.tx.ChainEntryAt(number)
	if isNotFound(err) {
		return nil, p.fail("the catalog's chain should have %d entries, but the last one is missing", p.mark.entries)
	}
	if err != nil {
		return nil, err
	}
	head, err := p.tx.ChainHead()
	if err != nil {
		return nil, err
	}
	entry, err := stored.Entry()
	switch {
	case err != nil || sha256.Sum256(stored.Body) != p.mark.hash:
		return nil, p.fail("chain entry %d is not the one that the catalog's head names", number)
	case !ed25519.Verify(head.Key, append([]byte(signatureContext), stored.Body...), stored.Signature):
		return nil, p.fail("chain entry %d was changed: its signature does not match", number)
	}
	return entry, nil
}

// checkHead compares the catalog's chain with the head file. If the catalog is ahead, because a process ended
// between a transaction and the write of its head, the commit file of each further entry must prove it.
func (p *proof) checkHead() error {
	head := p.lake.head.mark
	if head.entries == p.mark.entries {
		if head.hash != p.mark.hash {
			return p.fail("entry %d, the last of the catalog's chain, is not the one that %s names", head.entries-1, p.lake.headPath())
		}
		return nil
	}
	if head.entries > 0 {
		stored, err := p.tx.ChainEntryAt(head.entries - 1)
		if err != nil && !isNotFound(err) {
			return err
		}
		if err != nil || sha256.Sum256(stored.Body) != head.hash {
			return p.fail("entry %d of the catalog's chain is not the one that %s names", head.entries-1, p.lake.headPath())
		}
	}
	next := head.entries
	err := p.lake.eachCommit(head.entries, nil, func(c *commitRecord) error {
		for _, e := range c.entries {
			if e.stored.Number != next || next >= p.mark.entries {
				continue
			}
			stored, err := p.tx.ChainEntryAt(next)
			if err != nil || string(stored.Value()) != string(e.stored.Value()) {
				return errors.Join(errNotSame, err)
			}
			next++
		}
		return nil
	})
	switch {
	case errors.Is(err, errNotSame):
		return p.fail("entry %d of the catalog's chain differs from its commit file", next)
	case errors.As(err, new(*DamagedError)):
		return p.fail("the catalog's chain is longer than %s says, and %v", p.lake.headPath(), err)
	case err != nil:
		return err
	case next < p.mark.entries:
		return p.fail("entry %d of the catalog's chain is neither in %s nor in a commit file", next, p.lake.headPath())
	}
	return nil
}

var errNotSame = errors.New("not the same entry")

// checkState compares the stores' records, and the flushed mark, with the last entry of the chain.
func (p *proof) checkState(last *catalog.ChainEntry) error {
	hash, err := p.tx.StoresHash()
	if err != nil {
		return err
	}
	if hash != last.Stores {
		return p.nameStore()
	}
	if p.mark.flushed != last.Flushed {
		return p.fail("the catalog says that pushes up to %d are in segments, the chain says up to %d: another program changed the catalog",
			p.mark.flushed, last.Flushed)
	}
	log, err := p.tx.Log()
	if err != nil {
		return err
	}
	if !isSameLog(log, last.Log) {
		return p.fail("the catalog's seal of the log of pushed events is not the one of the chain: another program changed the catalog")
	}
	return nil
}

func isSameLog(a, b *catalog.ChainLog) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

// nameStore finds the stores whose records differ from the chain.
func (p *proof) nameStore() error {
	chained, err := chainedStores(p.tx)
	if err != nil {
		return err
	}
	found, err := p.tx.StoreBodies()
	if err != nil {
		return err
	}
	reasons, ids := []string{}, []string{}
	for _, d := range storeDifferences(chained, found) {
		reasons, ids = append(reasons, d.reason), append(ids, d.storeID)
	}
	if len(ids) == 0 {
		reasons, ids = []string{"the records of stores are not those that the chain's last entry names"}, slices.Collect(maps.Keys(found))
	}
	p.unproven = p.lake.notProven("%s", strings.Join(reasons, "; "))
	p.unproven.StoreIDs = ids
	return nil
}

// checkBeyond treats the commit files after the catalog's end. A process that ended before its transaction leaves
// one such file, which is set aside. More than one, or one that does not continue the chain, proves changes that
// the catalog has lost.
func (p *proof) checkBeyond() error {
	l := p.lake
	files, err := l.listCommitFiles()
	if err != nil {
		return err
	}
	var beyond []commitFileName
	for _, f := range files {
		if f.last >= p.mark.entries {
			beyond = append(beyond, f)
		}
	}
	// The last commit within the chain may have several entries, and its file is named after the first of them.
	for _, f := range beyond {
		if f.first < p.mark.entries || f.isPacked || len(beyond) > 1 {
			return p.fail("the catalog's chain ends with entry %d, and the file %s holds a later one: the catalog is older than it",
				int64(p.mark.entries)-1, filepath.Join(l.commitsPath(), f.name))
		}
		if l.readOnly {
			continue
		}
		if err := l.setAside(filepath.Join(l.commitsPath(), f.name), l.commitsPath(), reasonUncommitted, l.orphanWait); err != nil {
			return err
		}
	}
	return nil
}

const reasonUncommitted = "the catalog has no such commit: the process ended before it was made"
