package storage

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"syscall"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/hotlog"
)

// logProof reads what the catalog knows of the log of pushed events. Lakes from before the log was signed have no
// proof.
func (l *Lake) logProof(tx *catalog.Tx) (hotlog.Proof, error) {
	proof := hotlog.Proof{MayWrite: l.checkChangeable() == nil}
	flushed, err := tx.Flushed()
	if err != nil {
		return proof, err
	}
	proof.Flushed = flushed
	version, err := tx.FormatVersion()
	if err != nil || version < catalog.SealedFormatVersion {
		return proof, err
	}
	log, err := tx.Log()
	if err != nil || log != nil && log.IsUnsigned {
		return proof, err
	}
	proof.IsSigned = func(message, signature []byte) (bool, error) { return l.isLakeSigned(tx, message, signature) }
	if log != nil {
		hash, err := hex.DecodeString(log.SHA256)
		if err != nil || len(hash) != len(proof.Hash) {
			return proof, fmt.Errorf("the seal of the log of pushed events has the hash %q", log.SHA256)
		}
		proof.Sealed = log.Sealed
		copy(proof.Hash[:], hash)
	}
	return proof, nil
}

// isLakeSigned reports whether the lake's key, or one that signed earlier entries of the chain before it was lost,
// has signed a message. verify checks whether the keys are the right ones.
func (l *Lake) isLakeSigned(tx *catalog.Tx, message, signature []byte) (bool, error) {
	if len(signature) != ed25519.SignatureSize {
		return false, nil
	}
	if l.key != nil && ed25519.Verify(l.key.Public().(ed25519.PublicKey), message, signature) {
		return true, nil
	}
	for stored, err := range tx.Chain() {
		if err != nil {
			return false, err
		}
		entry, err := stored.Entry()
		if err == nil && len(entry.Key) == ed25519.PublicKeySize && ed25519.Verify(entry.Key, message, signature) {
			return true, nil
		}
	}
	return false, nil
}

// adoptLog records in the chain whether the log is of an earlier version, which openLog seals after reading it. A
// lake without a log gets the end file of an empty one. The caller's transaction is the one that makes the lake one
// of format version 4.
func (l *Lake) adoptLog(tx *catalog.Tx) error {
	flushed, err := tx.Flushed()
	if err != nil {
		return err
	}
	log := hotlog.New(hotlog.Options{FS: l.fs, Dir: filepath.Join(l.dir, hotFolder)})
	files, err := log.ListFiles()
	if err != nil {
		return err
	}
	if len(files) > 0 {
		return tx.SetLog(catalog.ChainLog{IsUnsigned: true})
	}
	return log.MakeEnd(flushed+1, hotlog.Hash{})
}

// openLog seals a log of an earlier version, and makes its end file.
func (l *Lake) openLog(ctx context.Context) error {
	if l.chainFailed != nil {
		return nil
	}
	var log *catalog.ChainLog
	err := l.catalog.View(func(tx *catalog.Tx) (err error) {
		log, err = tx.Log()
		return err
	})
	if err != nil || log == nil || !log.IsUnsigned {
		return err
	}
	g := l.hot.log
	if err = g.MakeEnd(g.Next(), g.Hash()); err == nil {
		err = l.catalog.Update(ctx, l.appendSeal)
	}
	if errors.Is(err, syscall.ENOSPC) {
		l.chainFailed = fmt.Errorf("seal the log of pushed events: %w", err)
		return nil
	}
	return err
}

// closeLog closes the log and seals it.
func (l *Lake) closeLog() error {
	if l.readOnly {
		return nil
	}
	err := l.hot.log.Close()
	if errors.Is(err, hotlog.ErrClosed) {
		return ErrClosed
	}
	return errors.Join(err, l.sealLog(context.Background()))
}

// sealLog records the end of the log of pushed events in the chain, unless the chain has it. The caller keeps
// pushes away. After a panic of the log's writer, the log is left as a killed process leaves it.
func (l *Lake) sealLog(ctx context.Context) error {
	if l.key == nil || l.chainFailed != nil || l.checkChangeable() != nil || l.hot.log.Failure() != nil {
		return nil
	}
	isSealed := false
	err := l.catalog.View(func(tx *catalog.Tx) error {
		flushed, err := tx.Flushed()
		if err != nil {
			return err
		}
		log, err := tx.Log()
		last := l.hot.log.Next() - 1
		isSealed = last <= flushed || log != nil && log.Sealed == last
		return err
	})
	if err != nil || isSealed {
		return err
	}
	return l.catalog.Update(ctx, l.appendSeal)
}

func (l *Lake) appendSeal(tx *catalog.Tx) error {
	g := l.hot.log
	flushed, err := tx.Flushed()
	if err != nil {
		return err
	}
	log := catalog.ChainLog{}
	if last := g.Next() - 1; last > flushed {
		hash := g.Hash()
		log.Sealed, log.SHA256 = last, hex.EncodeToString(hash[:])
	}
	tx.Propose(&catalog.ChainEntry{Kind: catalog.ChangeSeal})
	return tx.SetLog(log)
}
