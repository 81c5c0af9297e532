// Package decoded caches what was decoded of segments, limited by bytes of memory. Segments never change, so cached
// values never go stale. They are shared, so callers must not change them.
package decoded

import (
	"hash/maphash"
	"math/rand/v2"
	"sync"
	"sync/atomic"
)

// Worth says which values the cache drops first.
type Worth int

const (
	// Data are values of rows. They are dropped first.
	Data Worth = iota
	// Structure says where values are: footers, indexes, filters, dictionaries. While it takes up to half of
	// the cache, data are dropped instead; above that, it is dropped first.
	Structure
	worths
)

const (
	// candidates are how many entries are compared to find the one to drop.
	candidates = 6
	// maxUses bounds the uses that are counted of an entry, so that an entry that was popular once is dropped in
	// time.
	maxUses = 15
	// entryBytes is about the memory of an entry besides its value.
	entryBytes = 200
	// rememberedAsks is how many keys AskedBefore knows at least.
	rememberedAsks = 1 << 16
)

// Cache caches values by comparable keys, up to a number of bytes. A nil Cache caches nothing. It is safe for
// concurrent use.
type Cache struct {
	// under is the cache below one that Hold returned; nil: none. holds: Hold returned this cache.
	under *Cache
	holds bool

	mu         sync.RWMutex
	loading    map[any]*loading // mu, see Lock
	limitBytes int64            // mu
	room       func() int64     // mu; how much of limitBytes may be used now; nil: all
	byKey      map[any]*entry   // mu
	entries    [worths][]*entry // mu
	bytes      [worths]int64    // mu
	// askedLately has the hashes of the latest keys of AskedBefore, askedEarlier as many before these.
	askedLately, askedEarlier map[uint64]struct{} // mu
	seed                      maphash.Seed
	hits, misses              atomic.Int64
}

type entry struct {
	key   any
	value any
	bytes int64
	worth Worth
	at    int          // in Cache.entries
	uses  atomic.Int32 // up to about maxUses
}

// New returns a cache of at most limitBytes. If limitBytes is 0 or less it returns nil, which caches nothing.
func New(limitBytes int64) *Cache {
	if limitBytes <= 0 {
		return nil
	}
	return &Cache{limitBytes: limitBytes, byKey: map[any]*entry{}, askedLately: map[uint64]struct{}{}, seed: maphash.MakeSeed()}
}

// SetRoom sets the function that the cache asks, before it grows, how many bytes it may take. room must not call
// the cache.
func (c *Cache) SetRoom(room func() int64) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.room = room
}

// Get returns the cached value of a key.
func (c *Cache) Get(key any) (value any, ok bool) {
	if c == nil {
		return nil, false
	}
	if value, ok := c.ownValue(key); ok {
		return value, true
	}
	return c.under.Get(key)
}

// Has reports whether a key's value is cached. It counts neither as a use nor in Stats.
func (c *Cache) Has(key any) bool {
	if c == nil {
		return false
	}
	c.mu.RLock()
	_, ok := c.byKey[key]
	c.mu.RUnlock()
	return ok || c.under.Has(key)
}

func (c *Cache) ownValue(key any) (value any, ok bool) {
	c.mu.RLock()
	e, ok := c.byKey[key]
	c.mu.RUnlock()
	if !ok {
		c.misses.Add(1)
		return nil, false
	}
	c.hits.Add(1)
	if e.uses.Load() < maxUses {
		e.uses.Add(1)
	}
	return e.value, true
}

// AskedBefore reports whether it was called with the same key lately: a value that is asked for once is not worth
// its memory.
func (c *Cache) AskedBefore(key any) bool {
	if c == nil {
		return false
	}
	hash := maphash.Comparable(c.seed, key)
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.askedLately[hash]; ok {
		return true
	}
	_, ok := c.askedEarlier[hash]
	if len(c.askedLately) >= rememberedAsks {
		c.askedEarlier, c.askedLately = c.askedLately, map[uint64]struct{}{}
	}
	c.askedLately[hash] = struct{}{}
	return ok
}

// Put caches a value of the given size, and drops others for it, unless the key has one or it takes over half of the
// room. The value must not change any more.
func (c *Cache) Put(key, value any, bytes int64, worth Worth) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	limit := c.roomLocked()
	bytes += entryBytes
	if _, ok := c.byKey[key]; ok || bytes > limit/2 {
		return
	}
	c.shrinkLocked(limit - bytes)
	e := &entry{key: key, value: value, bytes: bytes, worth: worth, at: len(c.entries[worth])}
	c.byKey[key] = e
	c.entries[worth] = append(c.entries[worth], e)
	c.bytes[worth] += bytes
}

// roomLocked is how many bytes may be cached now.
func (c *Cache) roomLocked() int64 {
	if c.room == nil {
		return c.limitBytes
	}
	return min(c.limitBytes, c.room())
}

// HasRoom reports whether the cache can take bytes more without dropping other values.
func (c *Cache) HasRoom(bytes int64) bool {
	if c == nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bytes[Data]+c.bytes[Structure]+bytes <= c.roomLocked()
}

// Forget drops the value of a key.
func (c *Cache) Forget(key any) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.byKey[key]; ok {
		c.removeLocked(e)
	}
}

// ShrinkTo drops values until the cache holds at most bytes.
func (c *Cache) ShrinkTo(bytes int64) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shrinkLocked(bytes)
}

func (c *Cache) shrinkLocked(bytes int64) {
	for len(c.byKey) > 0 && c.bytes[Data]+c.bytes[Structure] > bytes {
		worth := Data
		if len(c.entries[Data]) == 0 || c.bytes[Structure] > c.limitBytes/2 {
			worth = Structure
		}
		c.removeLocked(c.leastUsedLocked(worth))
	}
}

// leastUsedLocked returns the least used of some random entries. A repeated scan that is larger than the cache thus
// finds a part of its data there each time. The least recently used entries would be just those that the scan reads
// next.
func (c *Cache) leastUsedLocked(worth Worth) *entry {
	var least *entry
	for range candidates {
		e := c.entries[worth][rand.IntN(len(c.entries[worth]))]
		if least == nil || e.uses.Load() < least.uses.Load() {
			least = e
		} else if e.uses.Load() > 0 {
			e.uses.Add(-1)
		}
	}
	return least
}

func (c *Cache) removeLocked(e *entry) {
	list := c.entries[e.worth]
	last := list[len(list)-1]
	list[e.at], last.at = last, e.at
	list[len(list)-1] = nil
	c.entries[e.worth] = list[:len(list)-1]
	c.bytes[e.worth] -= e.bytes
	delete(c.byKey, e.key)
}

// Stats are what a cache holds and how often it had what was asked for.
type Stats struct {
	LimitBytes, UsedBytes int64
	Entries               int
	// Hits and Misses count the values asked for that were cached, and those that were not.
	Hits, Misses int64
}

// Stats returns what the cache holds now.
func (c *Cache) Stats() Stats {
	if c == nil {
		return Stats{}
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	return Stats{
		LimitBytes: c.limitBytes, UsedBytes: c.bytes[Data] + c.bytes[Structure], Entries: len(c.byKey),
		Hits: c.hits.Load(), Misses: c.misses.Load(),
	}
}

// UsedBytes is the size of all cached values.
func (c *Cache) UsedBytes() int64 { return c.Stats().UsedBytes }
