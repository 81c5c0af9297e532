package storage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"syscall"

	"github.com/auditlake/auditlake/storage/catalog"
)

// openChain reads the key and proves that the catalog is as current as the files next to it. It converts a lake of
// an earlier format version, or a new one, to the current version. A lake without a chain on a full disk can be
// read, but not changed.
func (l *Lake) openChain(ctx context.Context) error {
	format, err := l.formatVersion()
	if err != nil {
		return err
	}
	if l.unproven, err = l.proveCurrent(format); err != nil {
		return err
	}
	if l.unproven != nil {
		l.warnings = append(l.warnings, l.unproven.Error())
	}
	if l.checkChangeable() != nil {
		l.head.close()
		l.head = nil
		return nil
	}
	switch format {
	case 1:
		err = l.adoptLake(ctx)
	default:
		l.key, err = l.openKey()
	}
	if err == nil && format < catalog.SealedFormatVersion {
		err = l.sealLake(ctx)
	}
	if err == nil {
		err = l.adoptLedger(ctx)
	}
	if errors.Is(err, syscall.ENOSPC) {
		l.chainFailed = fmt.Errorf("begin the lake's chain: %w", err)
		return nil
	}
	return err
}

func (l *Lake) formatVersion() (version uint32, err error) {
	err = l.catalog.View(func(tx *catalog.Tx) error {
		version, err = tx.FormatVersion()
		return err
	})
	return version, err
}

// adoptLake makes a chain of the segments of a lake of format version 1, in transactions of bounded size. It
// accepts the segments as they are, and signs with a new key: a lake that was made to look like version 1 is not
// signed with the key of its former chain. An interrupted adoption starts over.
func (l *Lake) adoptLake(ctx context.Context) (err error) {
	if l.key, err = l.newKey(filepath.Join(l.dir, keyFile)); err != nil {
		return err
	}
	for left := true; left; {
		err := l.catalog.Update(ctx, func(tx *catalog.Tx) (err error) {
			left, err = tx.DeleteChain(recordsPerTransaction)
			return err
		})
		if err != nil {
			return err
		}
	}
	err = l.catalog.Update(ctx, func(tx *catalog.Tx) error {
		tx.Propose(&catalog.ChainEntry{Kind: catalog.ChangeBegin})
		return nil
	})
	if err != nil {
		return err
	}
	return l.adoptSegments(ctx)
}

// adoptSegments adds the segments to the chain, and sets the lake's format version to 2.
func (l *Lake) adoptSegments(ctx context.Context) error {
	for {
		var rest []*catalog.Segment
		err := l.catalog.View(func(tx *catalog.Tx) (err error) {
			rest, err = unchained(tx)
			return err
		})
		if err != nil {
			return err
		}
		err = l.catalog.Update(ctx, func(tx *catalog.Tx) error {
			if len(rest) == 0 {
				return tx.RaiseFormatVersion(catalog.ChainFormatVersion)
			}
			tx.Propose(&catalog.ChainEntry{Kind: catalog.ChangeAdopt, StoreID: rest[0].StoreID, Added: chainSegments(rest)})
			return nil
		})
		if err != nil || len(rest) == 0 {
			return err
		}
	}
}

// unchained lists segments of one store that no entry of the chain names.
func unchained(tx *catalog.Tx) ([]*catalog.Segment, error) {
	known := map[string]bool{}
	for stored, err := range tx.Chain() {
		if err != nil {
			return nil, err
		}
		entry, err := stored.Entry()
		if err != nil {
			return nil, err
		}
		for _, s := range entry.Added {
			known[entry.StoreID+s.Name] = true
		}
	}
	var rest []*catalog.Segment
	for s, err := range tx.AllSegments() {
		if err != nil {
			return nil, err
		}
		if known[s.StoreID+s.Name] {
			continue
		}
		if len(rest) == segmentsPerTransaction || len(rest) > 0 && s.StoreID != rest[0].StoreID {
			break
		}
		rest = append(rest, s)
	}
	return rest, nil
}

// sealLake converts a lake of format version 2 or 3, or a new one, to version 4. It writes the existing chain to a
// commit file, records the head next to the catalog, and adds the stores' records to the chain in one transaction.
// If it is interrupted before that transaction, it starts over.
func (l *Lake) sealLake(ctx context.Context) error {
	var mark headMark
	err := l.catalog.View(func(tx *catalog.Tx) (err error) {
		if mark, err = markOf(tx); err != nil || mark.entries == 0 {
			return err
		}
		return l.putEarlierCommits(tx)
	})
	if err != nil {
		return err
	}
	if err := l.makeHead(mark); err != nil {
		return err
	}
	return l.catalog.Update(ctx, func(tx *catalog.Tx) error {
		stores, err := tx.Stores()
		if err != nil {
			return err
		}
		if mark.entries == 0 {
			tx.Propose(&catalog.ChainEntry{Kind: catalog.ChangeBegin})
		}
		for _, s := range stores {
			if err := tx.AdoptStore(s.ID); err != nil {
				return err
			}
		}
		if mark.entries > 0 && len(stores) == 0 {
			tx.Propose(&catalog.ChainEntry{Kind: catalog.ChangeAdopt})
		}
		if err := tx.SetAdopting(catalog.FirstLedgerKey()); err != nil {
			return err
		}
		if err := l.adoptLog(tx); err != nil {
			return err
		}
		return tx.RaiseFormatVersion(catalog.SealedFormatVersion)
	})
}

// adoptLedger adds the records of the import ledger to the chain as they are, after sealLake, in transactions of
// bounded size. If it is interrupted, the next opening continues it.
func (l *Lake) adoptLedger(ctx context.Context) error {
	for {
		var from string
		var underWay bool
		err := l.catalog.View(func(tx *catalog.Tx) (err error) {
			from, underWay, err = tx.Adopting()
			return err
		})
		if err != nil || !underWay {
			return err
		}
		err = l.catalog.Update(ctx, func(tx *catalog.Tx) error {
			next, err := tx.AdoptLedger(from, recordsPerTransaction)
			if err != nil {
				return err
			}
			return tx.SetAdopting(next)
		})
		if err != nil {
			return err
		}
	}
}

// markOf returns the mark that the head file of a catalog should hold.
func markOf(tx *catalog.Tx) (m headMark, err error) {
	head, err := tx.ChainHead()
	if err != nil {
		return m, err
	}
	m.entries = head.Entries
	if head.Entries > 0 {
		if _, err := hex.Decode(m.hash[:], []byte(head.Hash)); err != nil || len(head.Hash) != 2*sha256.Size {
			return m, fmt.Errorf("the chain's head has the hash %q", head.Hash)
		}
	}
	m.flushed, err = tx.Flushed()
	return m, err
}
