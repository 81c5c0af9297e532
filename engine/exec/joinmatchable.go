package exec

import "github.com/auditlake/auditlake/engine/batch"

// matchable leaves of a dense batch the rows that are read: mostly all, but of a key that few events have, few.
func (r *buildRows) matchable(b *batch.Batch) *batch.Batch {
	if !r.matchableOnly {
		return b
	}
	keys, anyDropped := pickColumns(b, r.keys), false
	for _, key := range keys {
		r.unmatchable(key, b.Len, func(int) { anyDropped = true })
	}
	if !anyDropped {
		return b
	}
	rows := matchableRows(keys, b.Len, r.unmatchable)
	return &batch.Batch{Columns: takeAll(b.Columns, rows), Len: len(rows)}
}

// matchableRows lists the rows whose keys may match others.
func matchableRows(keys []batch.Vector, rows int, unmatchable func(batch.Vector, int, func(int))) []int32 {
	isDropped := make([]bool, rows)
	for _, key := range keys {
		unmatchable(key, rows, func(row int) { isDropped[row] = true })
	}
	return falseRows(isDropped)
}
