package storage

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"

	"github.com/auditlake/auditlake/storage/catalog"
)

// ChainError is a fault in the chain of changes.
type ChainError struct {
	// Entry is the number of the faulty entry; -1: the chain as a whole.
	Entry  int64
	Reason string
}

func (e *ChainError) Error() string {
	if e.Entry < 0 {
		return "chain: " + e.Reason
	}
	return fmt.Sprintf("chain entry %d: %s", e.Entry, e.Reason)
}

// ChainTrust is what the chain is checked against, noted outside of the lake. All of it is optional.
type ChainTrust struct {
	// Keys may sign entries. Empty: the key that the first entry names.
	Keys []ed25519.PublicKey
	// Head is the hash of an entry, hex, that must be in the chain.
	Head string
}

// CheckedChain is the result of a check of the chain.
type CheckedChain struct {
	Head catalog.ChainHead
	// AfterHead is the number of entries after the one with the hash ChainTrust.Head; -1: that entry is not in the
	// chain.
	AfterHead int64
	// Problems are *ChainError values. Each names what was changed, removed or reordered.
	Problems []error
}

// CheckChain proves that each entry of the chain is signed and continues the one before. It also proves that the
// manifest, the records of stores and the import ledger are what the entries lead to.
func (s *Snapshot) CheckChain(ctx context.Context, trust ChainTrust) (*CheckedChain, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	c := &chainCheck{
		trust: trust, found: &CheckedChain{AfterHead: -1}, live: map[chainPlace]catalog.ChainSegment{}, stores: map[string]string{},
		ledger: newLedgerCheck(),
	}
	for stored, err := range s.tx.Chain() {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		c.entry(stored)
	}
	if err := c.end(s.tx); err != nil {
		return nil, err
	}
	if err := c.endState(s.tx); err != nil {
		return nil, err
	}
	if c.isSealed {
		if err := c.checkCommits(ctx, s); err != nil {
			return nil, err
		}
	}
	return c.found, nil
}

// chainCheck walks the entries of a chain.
type chainCheck struct {
	trust ChainTrust
	found *CheckedChain

	next     uint64 // number of the entry expected
	previous string // hash of the last entry
	excused  bool   // a problem of the last entry explains what the next one says of it
	key      []byte // the signing key, according to the chain
	live     map[chainPlace]catalog.ChainSegment
	stores   map[string]string // records by id, as JSON
	// wrongStores is the last reported hash of stores' records.
	wrongStores string
	isSealed    bool              // the chain covers stores, the ledger, and the flushed mark
	flushed     uint64            // of the last entry that holds it
	log         *catalog.ChainLog // of the last entry that holds it
	commits     []commitHash      // by number of the entry
	ledger      *ledgerCheck
}

// chainPlace names a segment of the lake.
type chainPlace struct {
	storeID string
	day     catalog.Day
	name    string
}

func (p chainPlace) String() string {
	return fmt.Sprintf("segment %s of store %s, day %s", p.name, p.storeID, p.day)
}

func (c *chainCheck) report(entry int64, format string, args ...any) {
	c.found.Problems = append(c.found.Problems, &ChainError{Entry: entry, Reason: fmt.Sprintf(format, args...)})
}

func (c *chainCheck) entry(stored *catalog.StoredChainEntry) {
	number := int64(stored.Number)
	if stored.Number > c.next {
		c.report(int64(c.next), "is missing (the next one is %d)", number)
		c.excused = true
	}
	hash := stored.Hash()
	if c.found.AfterHead >= 0 {
		c.found.AfterHead++
	}
	if hash == c.trust.Head {
		c.found.AfterHead = 0
	}
	entry, err := stored.Entry()
	if err != nil {
		c.report(number, "cannot be read: %v", err)
		entry = &catalog.ChainEntry{Number: stored.Number, Previous: c.previous}
	}
	isSound := err == nil && c.checkSignature(stored, entry)
	switch {
	case isSound && entry.Number != stored.Number:
		c.report(number, "was entry %d before: entries were reordered", entry.Number)
		isSound = false
	case isSound && !c.excused && entry.Previous != c.previous:
		c.report(number, "does not continue the entry before it: that one was replaced")
	}
	c.replay(entry)
	c.replayState(entry)
	c.commits = append(c.commits, commitHash{number: stored.Number, value: sha256.Sum256(stored.Value()), ledger: entry.Ledger, isSound: isSound})
	c.next, c.previous, c.excused = stored.Number+1, hash, !isSound
}

// checkSignature reports whether a trusted key has signed an entry.
func (c *chainCheck) checkSignature(stored *catalog.StoredChainEntry, entry *catalog.ChainEntry) bool {
	if len(entry.Key) == ed25519.PublicKeySize {
		if c.key != nil && len(c.trust.Keys) == 0 {
			c.report(int64(stored.Number), "begins to sign with another key, %s", base64.StdEncoding.EncodeToString(entry.Key))
		}
		c.key = entry.Key
	}
	signed := append([]byte(signatureContext), stored.Body...)
	if len(c.key) != ed25519.PublicKeySize || !ed25519.Verify(c.key, signed, stored.Signature) {
		c.report(int64(stored.Number), "was changed: its signature does not match")
		return false
	}
	isTrusted := func(key ed25519.PublicKey) bool { return bytes.Equal(key, c.key) }
	if len(c.trust.Keys) > 0 && !slices.ContainsFunc(c.trust.Keys, isTrusted) {
		c.report(int64(stored.Number), "is signed with another key, %s", base64.StdEncoding.EncodeToString(c.key))
	}
	return true
}

// replay applies an entry's changes of the manifest.
func (c *chainCheck) replay(entry *catalog.ChainEntry) {
	for _, s := range entry.Removed {
		place := chainPlace{entry.StoreID, s.Day, s.Name}
		switch added, ok := c.live[place]; {
		case !ok:
			c.report(int64(entry.Number), "removes %s, which no entry added", place)
		case added != s:
			// Without the key, an attacker can change a segment and its record, and wait until a compaction signs
			// the result.
			c.report(int64(entry.Number), "removes %s, which differs from what was added: its record was changed", place)
		}
		delete(c.live, place)
	}
	for _, s := range entry.Added {
		c.live[chainPlace{entry.StoreID, s.Day, s.Name}] = s
	}
}

// end compares the chain's end and outcome with the catalog.
func (c *chainCheck) end(tx *catalog.Tx) error {
	head, err := tx.ChainHead()
	if err != nil {
		return err
	}
	c.found.Head = catalog.ChainHead{Entries: c.next, Hash: c.previous, Key: c.key}
	switch {
	case c.next == 0:
		c.report(-1, "there is none")
	case head.Entries != c.next:
		c.report(-1, "the catalog says that it has %d entries, but it has %d: entries at its end were removed or added", head.Entries, c.next)
	case head.Hash != c.previous && !c.excused:
		c.report(-1, "the catalog says that it ends with %s, but it ends with %s: its last entry was replaced", head.Hash, c.previous)
	case !bytes.Equal(head.Key, c.key) && !c.excused:
		c.report(-1, "the catalog says that the key %s signs it, but %s does", base64.StdEncoding.EncodeToString(head.Key), base64.StdEncoding.EncodeToString(c.key))
	}
	if c.trust.Head != "" && c.found.AfterHead < 0 {
		c.report(-1, "no entry has the hash %s: the end was cut off, or the chain was rewritten", c.trust.Head)
	}
	for s, err := range tx.AllSegments() {
		if err != nil {
			return err
		}
		place := chainPlace{s.StoreID, s.Day, s.Name}
		said, ok := c.live[place]
		switch {
		case !ok:
			c.report(-1, "%s is in the manifest, but no entry added it", place)
		case said != catalog.ChainSegmentOf(s):
			c.report(-1, "the manifest's record of %s was changed", place)
		}
		delete(c.live, place)
	}
	for _, place := range c.lost() {
		c.report(-1, "%s was removed from the manifest without an entry", place)
	}
	return nil
}

// lost lists the segments that the manifest should have but lacks.
func (c *chainCheck) lost() []chainPlace {
	var places []chainPlace
	for place := range c.live {
		places = append(places, place)
	}
	slices.SortFunc(places, func(a, b chainPlace) int {
		return cmp.Or(cmp.Compare(a.storeID, b.storeID), cmp.Compare(a.day, b.day), cmp.Compare(a.name, b.name))
	})
	return places
}
