package storage

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"path/filepath"
	"syscall"

	"github.com/auditlake/auditlake/storage/catalog"
)

// signatureContext keeps signatures of entries from being taken for signatures of anything else.
const signatureContext = "auditlake chain entry 1\n"

// ChainHead tells where the lake's chain of manifest changes ends. Noted outside of the lake, its
// hash proves later that nothing before it was changed.
func (l *Lake) ChainHead() (catalog.ChainHead, error) {
	var head catalog.ChainHead
	err := l.catalog.View(func(tx *catalog.Tx) (err error) {
		head, err = tx.ChainHead()
		return err
	})
	return head, err
}

// changeManifest adds and removes segments of a store, and says so in the chain. It returns the
// manifest's new version.
func (l *Lake) changeManifest(tx *catalog.Tx, kind catalog.ChangeKind, storeID string, add, remove []*catalog.Segment) (uint64, error) {
	return l.enterChange(tx, &catalog.ChainEntry{Kind: kind, StoreID: storeID}, add, remove)
}

// enterChange is changeManifest with an entry that says more than its kind and store.
func (l *Lake) enterChange(tx *catalog.Tx, entry *catalog.ChainEntry, add, remove []*catalog.Segment) (uint64, error) {
	if l.chainFailed != nil {
		return 0, l.chainFailed
	}
	version, err := tx.ChangeSegments(add, remove)
	if err != nil {
		return 0, err
	}
	if entry.Kind != catalog.ChangeImport && entry.Kind != catalog.ChangeFlush {
		err = l.NoteUse(tx)
	} else {
		err = l.noteEvents(tx, add)
	}
	if err != nil {
		return 0, err
	}
	entry.Added, entry.Removed = chainSegments(add), chainSegments(remove)
	return version, l.appendChain(tx, entry)
}

func chainSegments(segments []*catalog.Segment) []catalog.ChainSegment {
	list := make([]catalog.ChainSegment, len(segments))
	for i, s := range segments {
		list[i] = catalog.ChainSegmentOf(s)
	}
	return list
}

func (l *Lake) appendChain(tx *catalog.Tx, entry *catalog.ChainEntry) error {
	entry.At = l.now().UTC()
	return tx.AppendChain(entry, l.key.Public().(ed25519.PublicKey), func(body []byte) []byte {
		return ed25519.Sign(l.key, append([]byte(signatureContext), body...))
	})
}

// sign signs with the lake's key.
func (l *Lake) sign(message []byte) ([]byte, error) {
	if l.chainFailed != nil {
		return nil, l.chainFailed
	}
	return ed25519.Sign(l.key, message), nil
}

// openChain reads the key and begins the chain of a new lake, or of one of format version 1. A lake
// on a full disk without a chain can be read, but not changed.
func (l *Lake) openChain(ctx context.Context) error {
	format, err := l.formatVersion()
	if err != nil {
		return err
	}
	if format == 1 {
		err = l.adoptLake(ctx)
	} else if l.key, err = l.openKey(); err == nil {
		err = l.beginChain(ctx)
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

// beginChain begins the chain of a new lake.
func (l *Lake) beginChain(ctx context.Context) error {
	var manifest uint64
	var head catalog.ChainHead
	err := l.catalog.View(func(tx *catalog.Tx) (err error) {
		if manifest, err = tx.ManifestVersion(); err != nil {
			return err
		}
		head, err = tx.ChainHead()
		return err
	})
	if err != nil || head.Entries > 0 || manifest > 0 {
		return err
	}
	return l.appendBegin(ctx)
}

func (l *Lake) appendBegin(ctx context.Context) error {
	return l.catalog.Update(ctx, func(tx *catalog.Tx) error {
		return l.appendChain(tx, &catalog.ChainEntry{Kind: catalog.ChangeBegin})
	})
}

// adoptLake makes a chain of the segments of a lake of format version 1, in transactions of bounded size. It
// vouches for them as they are, and does so with a key of its own: a lake that was made to look like version 1 is
// not signed with the key that its chain had. One that was interrupted starts over.
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
	if err := l.appendBegin(ctx); err != nil {
		return err
	}
	return l.adoptSegments(ctx)
}

// adoptSegments puts the segments into the chain, and makes the lake one of version 2.
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
			return l.appendChain(tx, &catalog.ChainEntry{Kind: catalog.ChangeAdopt, StoreID: rest[0].StoreID, Added: chainSegments(rest)})
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
