package exec

import "github.com/auditlake/auditlake/planner/types"

// scanBudget is the limit on the bytes that all scans of a statement may read.
type scanBudget struct {
	maxBytes int64  // 0: no limit
	name     string // of the limit's owner; "": the query itself
	stats    *Stats
}

// check fails if the row groups consumed so far exceed the limit. What workers have read ahead does not count.
func (b *scanBudget) check() error {
	if b.maxBytes <= 0 || b.stats.readBytes() <= b.maxBytes || b.stats.Total().BytesScanned <= b.maxBytes {
		return nil
	}
	if b.name != "" {
		return types.Errorf(types.ExceededScanLimit, types.Pos{}, "Query has scanned the %d bytes that %s allows; a narrower range of eventtime, or fewer columns, would help", b.maxBytes, b.name)
	}
	return types.Errorf(types.ExceededScanLimit, types.Pos{}, "Query exceeded the limit of %d bytes scanned", b.maxBytes)
}
