// Package decoded keeps what was decoded of segments, by its bytes in memory. Segments never change, so what is kept
// never goes stale; what is kept is shared, so nobody may change it.
package decoded

import (
	"hash/maphash"
	"math/rand/v2"
	"sync"
	"sync/atomic"
)

// Worth says what the cache lets go first.
type Worth int

const (
	// Data are values of rows, which it lets go first.
	Data Worth = iota
	// Structure says where values are: footers, indexes, filters, dictionaries. It has up to half of the
	// cache before data have to go, and is let go for data only above that.
	Structure
	worths
)

const (
	// candidates are how many entries are looked at to find the one that is let go.
	candidates = 6
	// maxUses bounds how often an entry counts as used, so that what was asked often once goes after a while.
	maxUses = 15
	// entryBytes is about what an entry takes besides its value.
	entryBytes = 200
	// rememberedAsks is how many keys AskedBefore knows at least.
	rememberedAsks = 1 << 16
)

// Cache keeps values by comparable keys, up to a number of bytes. A nil Cache keeps nothing. It is safe for
// concurrent use.
type Cache struct {
	// under is what a cache of Hold stands on; nil: nothing. holds: it is one of Hold.
	under *Cache
	holds bool

	mu         sync.RWMutex
	loading    map[any]*loading // mu, see Lock
	limitBytes int64            // mu
	room       func() int64     // mu; how much of limitBytes there is room for now; nil: all
	byKey      map[any]*entry   // mu
	entries    [worths][]*entry // mu
	bytes      [worths]int64    // mu
	// askedLately has the hashes of keys that AskedBefore was asked for, askedEarlier as many before these.
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

// New returns a cache of at most limitBytes; nil, which keeps nothing, where that is 0 or less.
func New(limitBytes int64) *Cache {
	if limitBytes <= 0 {
		return nil
	}
	return &Cache{limitBytes: limitBytes, byKey: map[any]*entry{}, askedLately: map[uint64]struct{}{}, seed: maphash.MakeSeed()}
}

// SetRoom makes the cache ask how many bytes it may take at most before it takes more. room must not call the cache.
func (c *Cache) SetRoom(room func() int64) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.room = room
}

// Get returns what is kept for a key.
func (c *Cache) Get(key any) (value any, ok bool) {
	if c == nil {
		return nil, false
	}
	if value, ok := c.ownValue(key); ok {
		return value, true
	}
	return c.under.Get(key)
}

// Has reports whether a key's value is kept, and counts neither as a use nor in Stats.
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

// AskedBefore reports whether it was asked the same lately: what is asked for once only is not worth its memory.
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

// Put keeps a value of so many bytes, which must not change any more, unless there is one or no room for it.
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

// roomLocked is how many bytes may be kept now.
func (c *Cache) roomLocked() int64 {
	if c.room == nil {
		return c.limitBytes
	}
	return min(c.limitBytes, c.room())
}

// HasRoom reports whether so many bytes more can be kept without letting others go.
func (c *Cache) HasRoom(bytes int64) bool {
	if c == nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bytes[Data]+c.bytes[Structure]+bytes <= c.roomLocked()
}

// Forget lets the value of a key go.
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

// ShrinkTo lets values go until at most so many bytes are kept.
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

// leastUsedLocked picks the least used of some entries. A scan that is larger than the cache, and asked again and
// again, so finds a part of it there each time, where the order of use would let go just what comes next.
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

// Stats are what a cache holds and how often it was of use.
type Stats struct {
	LimitBytes, UsedBytes int64
	Entries               int
	// Hits and Misses count what was asked for and kept, and asked for and not kept.
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

// UsedBytes is how much is kept.
func (c *Cache) UsedBytes() int64 { return c.Stats().UsedBytes }
