package storage

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/auditlake/auditlake/storage/catalog"
)

// maxNamedRecords limits how many differing records of the ledger are named one by one.
const maxNamedRecords = 10

// commitHash is what the check remembers of an entry until it reads the entry's commit file.
type commitHash struct {
	number uint64
	value  [sha256.Size]byte // of the entry as stored
	ledger string
	// isSound: no problem of the entry itself was reported.
	isSound bool
}

// replayState applies an entry's changes of stores' records, and compares the outcome with the entry's hash of
// them.
func (c *chainCheck) replayState(entry *catalog.ChainEntry) {
	replayStore(c.stores, entry)
	if entry.Stores == "" {
		return
	}
	c.isSealed, c.flushed, c.log = true, entry.Flushed, entry.Log
	if entry.Stores != catalog.StoresHashOf(c.stores) && entry.Stores != c.wrongStores {
		c.wrongStores = entry.Stores // later entries with the same hash are not reported again
		c.report(int64(entry.Number), "the records of stores were other ones than the chain holds when it was signed: one was changed before")
	}
}

// endState compares the records of stores, and the flushed mark, with what the chain leads to.
func (c *chainCheck) endState(tx *catalog.Tx) error {
	if !c.isSealed {
		return nil
	}
	found, err := tx.StoreBodies()
	if err != nil {
		return err
	}
	for _, d := range storeDifferences(c.stores, found) {
		c.report(-1, "%s", d.reason)
	}
	flushed, err := tx.Flushed()
	if err != nil {
		return err
	}
	if flushed != c.flushed {
		c.report(-1, "the catalog says that pushes up to %d are in segments, the last entry says up to %d", flushed, c.flushed)
	}
	log, err := tx.Log()
	if err != nil {
		return err
	}
	if !isSameLog(log, c.log) {
		c.report(-1, "the catalog's seal of the log of pushed events is not the one of the last entry")
	}
	return nil
}

// checkCommits compares the commit files with the chain, and the import ledger with what they lead to.
func (c *chainCheck) checkCommits(ctx context.Context, s *Snapshot) error {
	missing := c.commits
	damaged := func(err error) { c.found.Problems = append(c.found.Problems, err) }
	err := s.lake.eachCommit(0, damaged, func(commit *commitRecord) error {
		for _, e := range commit.entries {
			missing = c.checkCommit(missing, e)
		}
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	c.reportMissing(missing)
	return c.ledger.compare(s.tx, c)
}

// checkCommit compares an entry of a commit file with the chain's next ones, and returns those that follow it.
func (c *chainCheck) checkCommit(next []commitHash, e commitEntry) []commitHash {
	at, found := slices.BinarySearchFunc(next, e.stored.Number, func(h commitHash, number uint64) int { return cmp.Compare(h.number, number) })
	if !found { // after the snapshot, or its loss is reported already
		return next
	}
	c.reportMissing(next[:at])
	number := int64(e.stored.Number)
	switch {
	case !next[at].isSound:
		c.ledger.replay(number, e.ledger, c)
	case sha256.Sum256(e.stored.Value()) != next[at].value:
		c.report(number, "its commit file holds another entry")
	case catalog.LedgerHash(e.ledger) != next[at].ledger:
		c.report(number, "its commit file holds other changes of the import ledger than were signed")
	default:
		c.ledger.replay(number, e.ledger, c)
	}
	return next[at+1:]
}

// reportMissing reports entries without a commit file, adjacent ones together.
func (c *chainCheck) reportMissing(missing []commitHash) {
	for len(missing) > 0 {
		n := 1
		for n < len(missing) && missing[n].number == missing[0].number+uint64(n) {
			n++
		}
		last := ""
		if n > 1 {
			last = fmt.Sprintf(" to %d", missing[n-1].number)
		}
		c.report(int64(missing[0].number), "its commit file is missing (entries %d%s)", missing[0].number, last)
		c.ledger.isIncomplete = true
		missing = missing[n:]
	}
}

// ledgerCheck replays the changes of the import ledger.
type ledgerCheck struct {
	// records maps the SHA-256 of each record's key to that of the record.
	records      map[[sha256.Size]byte][sha256.Size]byte
	isIncomplete bool // commit files are missing, so the ledger cannot be compared
}

func newLedgerCheck() *ledgerCheck {
	return &ledgerCheck{records: map[[sha256.Size]byte][sha256.Size]byte{}}
}

// replay applies the ledger changes of an entry. Each change names what it replaces.
func (k *ledgerCheck) replay(number int64, ledger []byte, c *chainCheck) {
	changes, err := catalog.DecodeLedger(ledger)
	if err != nil {
		c.report(number, "the changes of the import ledger in its commit file cannot be read: %v", err)
		return
	}
	named := 0
	for _, change := range changes {
		key := sha256.Sum256([]byte(change.Key))
		before := k.records[key]
		value := sha256.Sum256(change.Value)
		isSame := change.Previous == before || change.Op == catalog.LedgerAdopt && (before == [sha256.Size]byte{} || before == value)
		if !isSame && !k.isIncomplete {
			if named++; named <= maxNamedRecords {
				c.report(number, "it changes the import ledger's record %s, which was not as the chain had left it: it was changed or removed before", change.Key)
			}
		}
		if change.Op == catalog.LedgerDelete {
			delete(k.records, key)
		} else {
			k.records[key] = value
		}
	}
	if named > maxNamedRecords {
		c.report(number, "%d more records of the import ledger that it changes were not as the chain had left them", named-maxNamedRecords)
	}
}

// compare compares the ledger in the catalog with the outcome of the replay, and consumes that.
func (k *ledgerCheck) compare(tx *catalog.Tx, c *chainCheck) error {
	if k.isIncomplete {
		c.report(-1, "the import ledger cannot be compared: commit files are missing")
		return nil
	}
	from, underWay, err := tx.Adopting()
	if err != nil {
		return err
	}
	differ := 0
	for key, value := range tx.LedgerRecords("", &err) {
		hash := sha256.Sum256([]byte(key))
		want, known := k.records[hash]
		delete(k.records, hash)
		if known && want == sha256.Sum256(value) || !known && underWay && key >= from {
			continue
		}
		if differ++; differ > maxNamedRecords {
			continue
		}
		if known {
			c.report(-1, "the import ledger's record %s is not the one that the chain holds", key)
		} else {
			c.report(-1, "no entry of the chain made the import ledger's record %s", key)
		}
	}
	if err != nil {
		return err
	}
	if differ > maxNamedRecords {
		c.report(-1, "%d more records of the import ledger are not those that the chain holds", differ-maxNamedRecords)
	}
	if n := len(k.records); n > 0 {
		c.report(-1, "%d records of the import ledger were removed without an entry: what was imported may be imported again", n)
	}
	return nil
}
