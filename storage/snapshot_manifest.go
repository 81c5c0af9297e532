package storage

import (
	"sync"

	"github.com/auditlake/auditlake/storage/catalog"
)

// manifestCache caches the segment lists of the newest manifest version, so that snapshots between two commits
// decode them once. It is safe for concurrent use.
type manifestCache struct {
	mu      sync.Mutex
	version uint64                        // mu
	stores  map[string][]*catalog.Segment // mu: in scan order
}

func (c *manifestCache) manifestOf(version uint64, storeID string) ([]*catalog.Segment, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if version != c.version {
		return nil, false
	}
	list, ok := c.stores[storeID]
	return list, ok
}

func (c *manifestCache) keepManifest(version uint64, storeID string, list []*catalog.Segment) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if version < c.version {
		return
	}
	if version > c.version || c.stores == nil {
		c.version, c.stores = version, map[string][]*catalog.Segment{}
	}
	c.stores[storeID] = list
}
