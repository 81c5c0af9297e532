package catalog

import (
	"sync"

	"github.com/dgraph-io/badger/v4"
)

// committed is the catalog as the last commit left it, in one transaction of Badger that all readers share. A
// separate transaction would wait until all commits in flight are on disk, for seconds if the disk is busy.
type committed struct {
	mu     sync.Mutex
	latest *sharedTxn // guarded by mu; nil when the catalog is closed
}

// sharedTxn is a read-only transaction. Badger lets several goroutines read from it.
type sharedTxn struct {
	*badger.Txn
	users  int // guarded by committed.mu; being the latest counts as one
	stores *kept[Store]
	tables *kept[Table]
}

// renew makes the current state the latest. No commit may be in flight. Cached stores and reference tables stay
// unless the last commit changed some.
func (c *committed) renew(db *badger.DB, changedStores, changedTables bool) {
	next := &sharedTxn{Txn: db.NewTransaction(false), users: 1, stores: &kept[Store]{}, tables: &kept[Table]{}}
	c.mu.Lock()
	before := c.latest
	if before != nil && !changedStores {
		next.stores = before.stores
	}
	if before != nil && !changedTables {
		next.tables = before.tables
	}
	c.latest = next
	c.mu.Unlock()
	c.giveBack(before)
}

// close gives up the latest transaction. Transactions that were begun stay valid.
func (c *committed) close() {
	c.mu.Lock()
	before := c.latest
	c.latest = nil
	c.mu.Unlock()
	c.giveBack(before)
}

// begin returns the latest transaction, nil after close; giveBack must be called with it.
func (c *committed) begin() *sharedTxn {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.latest != nil {
		c.latest.users++
	}
	return c.latest
}

func (c *committed) giveBack(txn *sharedTxn) {
	if txn == nil {
		return
	}
	c.mu.Lock()
	txn.users--
	isUnused := txn.users == 0
	c.mu.Unlock()
	if isUnused {
		txn.Discard()
	}
}
