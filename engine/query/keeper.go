package query

import "github.com/auditlake/auditlake/storage/decoded"

// numbersShare is which part of the cache the texts of numbered dictionaries may take.
const numbersShare = 4

// keeper keeps numbers of dictionaries in the cache of what was decoded, as long as dictionaries themselves.
type keeper struct{ *decoded.Cache }

// Put keeps a value of so many bytes.
func (k keeper) Put(key, value any, bytes int64) { k.Cache.Put(key, value, bytes, decoded.Structure) }
