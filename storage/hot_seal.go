package storage

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"syscall"

	"github.com/auditlake/auditlake/storage/catalog"
)

// logProof reads what the catalog knows of the log of pushed events: *DamagedError if its mark of what is flushed is not
// the one that the chain has. Lakes from before the log was signed have no proof.
func (l *Lake) logProof(tx *catalog.Tx) (hotProof, error) {
	flushed, err := tx.Flushed()
	proof := hotProof{flushed: flushed}
	if err != nil {
		return proof, err
	}
	version, err := tx.FormatVersion()
	if err != nil || version < catalog.SignedLogFormatVersion {
		return proof, err
	}
	proof.isSigned = func(message, signature []byte) (bool, error) { return isChainSigned(tx, message, signature) }
	stored, err := tx.LogEntry()
	if err != nil {
		return proof, err
	}
	if stored == nil {
		if flushed > 0 {
			return proof, l.damagedCatalog("it says that pushes up to %d are in segments, the chain has no entry of it", flushed)
		}
		return proof, nil
	}
	return proof, l.addLogEntry(&proof, stored)
}

// addLogEntry adds what a chain entry says of the log.
func (l *Lake) addLogEntry(proof *hotProof, stored *catalog.StoredChainEntry) error {
	entry, err := stored.Entry()
	if err != nil || entry.Log == nil || entry.Number != stored.Number {
		return l.damagedCatalog("chain entry %d does not say how the log of pushed events stands", stored.Number)
	}
	ok, err := proof.isSigned(append([]byte(signatureContext), stored.Body...), stored.Signature)
	if err != nil {
		return err
	}
	if !ok {
		return l.damagedCatalog("chain entry %d was changed: its signature does not fit", stored.Number)
	}
	if entry.Log.Flushed != proof.flushed {
		return l.damagedCatalog("it says that pushes up to %d are in segments, chain entry %d says up to %d", proof.flushed, stored.Number, entry.Log.Flushed)
	}
	if entry.Log.Sealed > entry.Log.Flushed {
		hash, err := hex.DecodeString(entry.Log.SHA256)
		if err != nil || len(hash) != len(proof.hash) {
			return l.damagedCatalog("chain entry %d has no hash of the log of pushed events", stored.Number)
		}
		proof.sealed = entry.Log.Sealed
		copy(proof.hash[:], hash)
	}
	return nil
}

func (l *Lake) damagedCatalog(format string, args ...any) error {
	return &DamagedError{Path: filepath.Join(l.dir, catalogFolder), Err: fmt.Errorf(format, args...)}
}

// isChainSigned reports whether a key that signed entries of the chain has signed a message, the last one most likely.
// verify looks at whether the keys are the right ones.
func isChainSigned(tx *catalog.Tx, message, signature []byte) (bool, error) {
	head, err := tx.ChainHead()
	if err != nil {
		return false, err
	}
	isOf := func(key []byte) bool {
		return len(key) == ed25519.PublicKeySize && ed25519.Verify(key, message, signature)
	}
	if isOf(head.Key) {
		return true, nil
	}
	for stored, err := range tx.Chain() {
		if err != nil {
			return false, err
		}
		if entry, err := stored.Entry(); err == nil && isOf(entry.Key) {
			return true, nil
		}
	}
	return false, nil
}

// openLog makes a lake one whose log is signed and has an end file, if it is not, and seals what lies in the log if
// the lake's key has not signed it.
func (l *Lake) openLog(ctx context.Context) error {
	if l.chainFailed != nil {
		return nil
	}
	err := l.adoptLog(ctx)
	if errors.Is(err, syscall.ENOSPC) {
		l.chainFailed = fmt.Errorf("sign the log of pushed events: %w", err)
		return nil
	}
	return err
}

func (l *Lake) adoptLog(ctx context.Context) error {
	version, err := l.formatVersion()
	if err != nil {
		return err
	}
	head, err := l.ChainHead()
	if err != nil {
		return err
	}
	isNew := version < catalog.SignedLogFormatVersion
	if !isNew && bytes.Equal(head.Key, l.key.Public().(ed25519.PublicKey)) {
		return nil
	}
	g := l.hot.log
	if isNew {
		if err := g.end.makeEnd(g.next, g.hash); err != nil {
			return err
		}
	}
	return l.catalog.Update(ctx, func(tx *catalog.Tx) error {
		if err := tx.RaiseFormatVersion(catalog.SignedLogFormatVersion); err != nil || g.next == 1 {
			return err
		}
		return l.appendSeal(tx)
	})
}

// sealLog says in the chain how far the log of pushed events goes, if it holds pushes that no entry knows of. Nobody
// pushes meanwhile.
func (l *Lake) sealLog(ctx context.Context) error {
	g := l.hot.log
	if g.next-1 <= l.hot.sealed.Sealed || l.chainFailed != nil {
		return nil
	}
	return l.catalog.Update(ctx, func(tx *catalog.Tx) error {
		flushed, err := tx.Flushed()
		if err != nil || g.next-1 <= flushed {
			return err
		}
		return l.appendSeal(tx)
	})
}

func (l *Lake) appendSeal(tx *catalog.Tx) error {
	g := l.hot.log
	flushed, err := tx.Flushed()
	if err != nil {
		return err
	}
	log := catalog.ChainLog{Flushed: flushed}
	if g.next-1 > flushed {
		log.Sealed, log.SHA256 = g.next-1, hex.EncodeToString(g.hash[:])
	}
	l.hot.sealed = log
	return l.appendChain(tx, &catalog.ChainEntry{Kind: catalog.ChangeSeal, Log: &log})
}
