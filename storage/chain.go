package storage

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"

	"github.com/auditlake/auditlake/storage/catalog"
)

// signatureContext prevents signatures of entries from being used as signatures of anything else.
const signatureContext = "auditlake chain entry 1\n"

// ChainHead returns the current end of the lake's chain of changes. Stored outside of the lake, its hash later
// proves that nothing before it was changed.
func (l *Lake) ChainHead() (catalog.ChainHead, error) {
	var head catalog.ChainHead
	err := l.catalog.View(func(tx *catalog.Tx) (err error) {
		head, err = tx.ChainHead()
		return err
	})
	return head, err
}

// changeManifest adds and removes segments of a store, and records that in the chain. It returns the manifest's new
// version.
func (l *Lake) changeManifest(tx *catalog.Tx, kind catalog.ChangeKind, storeID string, add, remove []*catalog.Segment) (uint64, error) {
	version, err := tx.ChangeSegments(add, remove)
	if err != nil {
		return 0, err
	}
	tx.Propose(&catalog.ChainEntry{Kind: kind, StoreID: storeID, Added: chainSegments(add), Removed: chainSegments(remove)})
	if kind != catalog.ChangeImport && kind != catalog.ChangeFlush {
		return version, l.NoteUse(tx)
	}
	return version, l.noteEvents(tx, add)
}

func chainSegments(segments []*catalog.Segment) []catalog.ChainSegment {
	list := make([]catalog.ChainSegment, len(segments))
	for i, s := range segments {
		list[i] = catalog.ChainSegmentOf(s)
	}
	return list
}

// sealChain makes the chain entries of what a transaction has changed so far.
func (l *Lake) sealChain(tx *catalog.Tx) error {
	if l.chainFailed != nil {
		return l.chainFailed
	}
	return tx.SealChain(catalog.Sealing{
		At: l.now(), Key: l.key.Public().(ed25519.PublicKey), WithState: l.head != nil,
		Sign: func(body []byte) []byte { return ed25519.Sign(l.key, append([]byte(signatureContext), body...)) },
	})
}

// sign signs with the lake's key.
func (l *Lake) sign(message []byte) ([]byte, error) {
	if err := errors.Join(l.checkChangeable(), l.chainFailed); err != nil {
		return nil, err
	}
	return ed25519.Sign(l.key, message), nil
}

// receiptContext is the signatureContext of receipts.
const receiptContext = "auditlake result receipt 1\n"

// SignReceipt signs the body of a result's receipt with the key of the chain, and also returns the public key.
func (l *Lake) SignReceipt(body []byte) (signature []byte, key ed25519.PublicKey, err error) {
	if signature, err = l.sign(append([]byte(receiptContext), body...)); err != nil {
		return nil, nil, err
	}
	return signature, l.key.Public().(ed25519.PublicKey), nil
}

// IsReceiptSigned reports whether key signed the body of a receipt.
func IsReceiptSigned(key ed25519.PublicKey, body, signature []byte) bool {
	return len(key) == ed25519.PublicKeySize && ed25519.Verify(key, append([]byte(receiptContext), body...), signature)
}

// HasSignedReceipt reports whether the lake's key, or an earlier key of its chain, signed the body of a receipt.
func (l *Lake) HasSignedReceipt(body, signature []byte) (isSigned bool, err error) {
	err = l.catalog.View(func(tx *catalog.Tx) error {
		isSigned, err = l.isLakeSigned(tx, append([]byte(receiptContext), body...), signature)
		return err
	})
	return isSigned, err
}

// HasChainHead reports whether the chain ended with the hash when it had the given number of entries.
func (l *Lake) HasChainHead(entries uint64, hash string) (has bool, err error) {
	if entries == 0 {
		return hash == "", nil
	}
	err = l.catalog.View(func(tx *catalog.Tx) error {
		entry, err := tx.ChainEntryAt(entries - 1)
		if errors.Is(err, catalog.ErrNotFound) {
			return nil
		}
		has = err == nil && entry.Hash() == hash
		return err
	})
	return has, err
}

// sealCommit is called before the commit of each transaction that changes what the chain covers. It makes the
// entries and writes them, with what they bind, to a file next to the catalog.
func (l *Lake) sealCommit(tx *catalog.Tx) error {
	if err := l.sealChain(tx); err != nil {
		return err
	}
	if l.head == nil {
		return nil
	}
	return l.putCommitFile(tx.Appended())
}

// sealedCommit is called after the commit of such a transaction. If it fails, the next commit or the next opening
// of the lake repeats its work; until then the commit file proves the entries.
func (l *Lake) sealedCommit(tx *catalog.Tx) {
	if l.head == nil {
		return
	}
	last := tx.Appended()[len(tx.Appended())-1]
	l.head.advance(headMark{entries: last.Stored.Number + 1, hash: sha256.Sum256(last.Stored.Body), flushed: last.Entry.Flushed})
	for _, a := range tx.Appended() {
		l.keepStoreFile(a.Stored, a.Entry)
	}
	l.packCommits()
}
