package decoded

import "sync"

// Hold returns a cache for readers that read the same parts within a while: it has what under has, and keeps what
// they read besides from the first time on, up to limitBytes. Under may be nil. End hands over to under what was
// asked for again, and the rest where it has room.
func Hold(under *Cache, limitBytes int64) *Cache {
	c := New(limitBytes)
	if c != nil {
		c.under, c.holds, c.loading = under, true, map[any]*loading{}
	}
	return c
}

// Holds reports whether everything that is read is kept, because others are about to read it, too.
func (c *Cache) Holds() bool { return c != nil && c.holds }

// loading is a value that somebody reads now.
type loading struct {
	sync.Mutex
	users int // Cache.mu: who reads it, and who waits
}

// Lock waits while somebody else reads what a key stands for, so that the caller finds it in the cache, or else is
// the one who reads it, until it calls unlock. Of a cache that does not hold what is read it does nothing.
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

// End empties a cache that Hold has returned. The cache under it gets what was asked for more than once, lately or
// now, and lets others go for it; the rest as far as there is room: the same readers come again.
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
