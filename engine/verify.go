package engine

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine/store"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
)

// VerifyOptions says what to verify.
type VerifyOptions struct {
	// Store is the store whose segments are hashed; "": all stores, and the reference tables.
	Store string
	// Keys are the public keys, base64, that may sign the chain of the lake's changes; none: the first key that the
	// chain itself names.
	Keys []string
	// Head is a head of the chain noted earlier outside of the lake, 64 hex digits; "": none.
	Head string
	// Progress is called with the bytes hashed so far and their total.
	Progress func(done, total int64)
}

// Verification is the result of a verification.
type Verification struct {
	Segments int64
	Bytes    int64
	Chain    Chain
	// AfterHead is the number of changes after the one with the given head.
	AfterHead int64
	// Problems are signs of damage or tampering, each with its location; none: everything is as it was committed.
	Problems []error
	// SetAside are files that nothing referenced when the lake was opened. They are kept for a while; if there is
	// no problem, they hold nothing that is missing.
	SetAside []SetAsideFile
	// Foreign are paths of files that are not the lake's, in places where other programs would take them for
	// segments.
	Foreign []string
}

// SetAsideFile is a file that was set aside because nothing referenced it when the lake was opened.
type SetAsideFile struct {
	StoreID string // empty: a reference table's file
	Path    string // its current path
	Bytes   int64
	From    string // its former path, relative to the lake's folder
	Reason  string
	At      time.Time // when it was set aside
	Until   time.Time // when it is removed
}

// SetAside lists the files that were set aside, of the store with the given id or, for "", of all stores and of the
// reference tables.
func (l *Lake) SetAside(_ context.Context, storeID string) ([]SetAsideFile, error) {
	orphans, err := l.storage.Orphans()
	var files []SetAsideFile
	for _, o := range orphans {
		if storeID == "" || storeID == o.StoreID {
			files = append(files, SetAsideFile(o))
		}
	}
	return files, err
}

// Chain is the end of the lake's list of changes, each signed and bound to the one before.
type Chain struct {
	Entries uint64
	// Head is the hash of the last entry, hex. Stored outside of the lake, it proves everything before it.
	Head string
	// PublicKey is the Ed25519 key, base64, that signs the entries.
	PublicKey string
}

// Chain returns the current end of the lake's chain of changes.
func (l *Lake) Chain(context.Context) (Chain, error) {
	head, err := l.storage.ChainHead()
	if err != nil {
		return Chain{}, err
	}
	return Chain{head.Entries, head.Hash, base64.StdEncoding.EncodeToString(head.Key)}, nil
}

// Verify hashes the segments again, and proves that the chain of changes leads to them. Damage is not an error of
// Verify but a problem that it reports.
func (l *Lake) Verify(ctx context.Context, options VerifyOptions) (*Verification, error) {
	trust, err := options.trust()
	if err != nil {
		return nil, err
	}
	snapshot, err := l.storage.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer snapshot.Close()
	segments, err := l.segmentsToVerify(ctx, snapshot, options.Store)
	if err != nil {
		return nil, err
	}
	chain, err := snapshot.CheckChain(ctx, trust)
	if err != nil {
		return nil, err
	}
	v := &Verification{AfterHead: chain.AfterHead, Problems: chain.Problems, Chain: Chain{
		chain.Head.Entries, chain.Head.Hash, base64.StdEncoding.EncodeToString(chain.Head.Key)}}
	var total int64
	for _, s := range segments {
		total += s.Bytes
	}
	for _, s := range segments {
		err := snapshot.Verify(ctx, s)
		var damaged *storage.DamagedError
		if err != nil && !errors.As(err, &damaged) {
			return nil, err
		}
		if err != nil {
			v.Problems = append(v.Problems, err)
		}
		v.Segments++
		v.Bytes += s.Bytes
		if options.Progress != nil {
			options.Progress(v.Bytes, total)
		}
	}
	if options.Store == "" {
		if err := l.verifyTables(ctx, v); err != nil {
			return nil, err
		}
	}
	if err := l.verifyPlace(ctx, v); err != nil {
		return nil, err
	}
	if options.Store == "" && !l.IsReadOnly() {
		err = l.storage.Catalog().Update(ctx, func(tx *catalog.Tx) error {
			return tx.SetLastVerify(catalog.LastVerify{At: l.now(), Problems: len(v.Problems)})
		})
		if err != nil { // what was proved stands
			l.options.Log.Warn("the catalog cannot note that the lake was verified", "error", err)
		}
	}
	return v, nil
}

// verifyPlace adds the findings about the lake's folder.
func (l *Lake) verifyPlace(ctx context.Context, v *Verification) (err error) {
	if unproven := l.storage.Unproven(); unproven != nil {
		v.Problems = append(v.Problems, unproven)
	}
	if v.SetAside, err = l.SetAside(ctx, ""); err != nil {
		return err
	}
	v.Foreign, err = l.storage.ForeignFiles()
	return err
}

func (l *Lake) verifyTables(ctx context.Context, v *Verification) error {
	tables, err := l.storage.Tables()
	if err != nil {
		return err
	}
	for _, t := range tables {
		err := l.storage.VerifyTable(ctx, t)
		if damaged := (*storage.DamagedError)(nil); err != nil && !errors.As(err, &damaged) {
			return err
		}
		if err != nil {
			v.Problems = append(v.Problems, err)
		}
	}
	return nil
}

func (l *Lake) segmentsToVerify(ctx context.Context, snapshot *storage.Snapshot, name string) ([]*catalog.Segment, error) {
	if name == "" {
		return snapshot.AllSegments()
	}
	s, err := store.Record(ctx, l.storage, name)
	if err != nil {
		return nil, err
	}
	return snapshot.Segments(s.ID)
}

func (o *VerifyOptions) trust() (storage.ChainTrust, error) {
	trust := storage.ChainTrust{Head: strings.ToLower(o.Head)}
	if digest, err := hex.DecodeString(o.Head); o.Head != "" && (err != nil || len(digest) != 32) {
		return trust, fmt.Errorf("%w: head %q is not 64 hex digits", ErrInvalidParameter, o.Head)
	}
	for _, text := range o.Keys {
		key, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(key) != ed25519.PublicKeySize {
			return trust, fmt.Errorf("%w: key %q is not an Ed25519 public key in base64", ErrInvalidParameter, text)
		}
		trust.Keys = append(trust.Keys, key)
	}
	return trust, nil
}
