package exec

import (
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
)

// uniqueKey is one of several keys of texts, which is another in each row: it tells which row may have all keys of a left row, and the others
// are compared with that row's.
type uniqueKey struct {
	at   int
	rows *batch.TextRows
	keys []*array.String
}

// useUnique has rows found by one of the keys alone.
func (t *joinTable) useUnique(keys []batch.Vector, at int, memory *account) {
	t.unique = &uniqueKey{at: at, rows: t.ids.known[at].(*batch.TextRows)}
	for i, key := range keys {
		t.unique.keys = append(t.unique.keys, key.Array.(*array.String))
		if other, isKnown := t.ids.known[i].(*batch.TextRows); isKnown && i != at {
			memory.release(other.SizeBytes())
		}
	}
	t.ids.groups, t.ids.known = t.rows.rows, nil
}

// find writes the row with the keys of each left row to found, batch.Absent where there is none.
func (u *uniqueKey) find(keys []batch.Vector, found []int32) {
	u.rows.Codes(keys[u.at], found)
	for row, code := range found {
		found[row] = max(batch.Absent, code-1)
	}
	for i, key := range keys {
		if i != u.at {
			batch.KeepEqual(found, u.keys[i], key)
		}
	}
}
