package decoded

import "sync"

// Hold returns a cache for readers that soon read the same parts again. It serves what under has, and caches all
// other parts when they are first read, up to limitBytes. Under may be nil. End moves parts that were asked for
// again to under, and the rest if there is room.
func Hold(under *Cache, limitBytes int64) *Cache {
	c := New(limitBytes)
	if c != nil {
		c.under, c.holds, c.loading = under, true, map[any]*loading{}
	}
	return c
}

// Holds reports whether the cache takes everything that is read, because other readers soon need it.
func (c *Cache) Holds() bool { return c != nil && c.holds }

// loading is a value that one reader is reading.
type loading struct {
	sync.Mutex
	users int // Cache.mu: the reader and those that wait
}

// Lock makes the caller the only reader of a key's value until it calls unlock. While another reader has the key,
// Lock waits; that reader's value is then in the cache. For a cache that Hold did not return, it does nothing.
func (c *Cache) Lock(key any) (unlock func()) {
	if !c.Holds() {
		return func() {}
	}
	c.mu.Lock()
	l := c.loading[key]
	if l == nil {
		l = &loading{}
		c.loading[key] = l
	}
	l.users++
	c.mu.Unlock()
	l.Lock()
	return func() {
		l.Unlock()
		c.mu.Lock()
		defer c.mu.Unlock()
		if l.users--; l.users == 0 {
			delete(c.loading, key)
		}
	}
}

// End empties a cache that Hold returned. The cache under it takes values that were asked for more than once,
// lately or now, and drops others for them. It takes the rest if there is room, because the same readers come
// again.
func (c *Cache) End() {
	if c == nil {
		return
	}
	c.mu.Lock()
	held := c.entries
	c.entries, c.bytes, c.byKey = [worths][]*entry{}, [worths]int64{}, map[any]*entry{}
	c.limitBytes = 0
	c.mu.Unlock()
	for _, worth := range []Worth{Structure, Data} {
		for _, e := range held[worth] {
			if e.uses.Load() > 0 || c.under.AskedBefore(e.key) || c.under.HasRoom(e.bytes) {
				c.under.Put(e.key, e.value, e.bytes-entryBytes, e.worth)
			}
		}
	}
}
