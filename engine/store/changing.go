package store

import (
	"sync"

	"github.com/auditlake/auditlake/storage/catalog"
)

// Changing knows which stores are between two states. Records only have lasting states, so after any end of the
// process a store is ENABLED or STOPPED_INGESTION. It is safe for concurrent use.
type Changing struct {
	mu     sync.Mutex
	starts map[string]int // mu: by the store's id, those under way
	pushes map[string]int // mu: by the store's id, those under way
}

// NewChanging returns what knows of no change.
func NewChanging() *Changing {
	return &Changing{starts: map[string]int{}, pushes: map[string]int{}}
}

// BeginPush notes a push into a store until end. A stopped store is STOPPING_INGESTION until every push has ended
// that began before. The pusher checks after BeginPush, not before, whether the store takes events.
func (c *Changing) BeginPush(storeID string) (end func()) { return c.begin(c.pushes, storeID) }

// HasPush reports whether a push into a store is under way.
func (c *Changing) HasPush(storeID string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pushes[storeID] > 0
}

// beginStart makes a stopped store STARTING_INGESTION until end.
func (c *Changing) beginStart(storeID string) (end func()) { return c.begin(c.starts, storeID) }

func (c *Changing) begin(counts map[string]int, storeID string) (end func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	counts[storeID]++
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if counts[storeID]--; counts[storeID] == 0 {
			delete(counts, storeID)
		}
	}
}

// statusOf is the state of a record's store now.
func (c *Changing) statusOf(r *catalog.Store) Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case r.Status == catalog.StoreStoppedIngestion && c.starts[r.ID] > 0:
		return StartingIngestion
	case r.Status == catalog.StoreStoppedIngestion && c.pushes[r.ID] > 0:
		return StoppingIngestion
	}
	return Status(r.Status)
}
