package query

import "github.com/auditlake/auditlake/storage/decoded"

// numbersShare: the texts of numbered dictionaries may take 1/numbersShare of the cache.
const numbersShare = 4

// keeper caches dictionary ids in the cache of decoded segments, for as long as the dictionaries themselves.
type keeper struct{ *decoded.Cache }

// Put caches a value of the given size.
func (k keeper) Put(key, value any, bytes int64) { k.Cache.Put(key, value, bytes, decoded.Structure) }
