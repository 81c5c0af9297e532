package exec

import (
	"context"
	"sync"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
)

// joinTable is the build side of a join: its rows, found by the values of its
// key columns. Rows whose key matches nothing are not found.
type joinTable struct {
	rows     *table   // nil: keys alone
	ids      *grouper // key combinations
	matching matching
	// The rows with combination id are members[starts[id]:starts[id+1]].
	starts  []int32
	members []int32
	dropped bool // some rows have a key that matches nothing
	isEmpty bool // there is no row

	rowIDs []int32 // the combination of each row, batch.Absent for none

	coded [][]int32 // by key, see codedKey; nil when the combinations are found

	// by divides the work of building the table; parts is in how many parts the index is made.
	by    batch.Divide
	parts int

	mu   sync.Mutex
	idle []*joinFinder // guarded by mu
}

// joinFinder looks keys up in a joinTable, for one goroutine at a time.
type joinFinder struct {
	ids   *grouper // shares its tables with the joinTable's
	found []int32
}

// newJoinTable makes a table that finds rows by equal keys. NULL, NaN and values that hold them equal nothing.
func (g gathering) newJoinTable(ctx context.Context, rows *table, keys []int, memory *account) (*joinTable, error) {
	return g.newTable(ctx, rows, keys, memory, equalToSome)
}

// newTable makes a table that finds rows by their keys. It reserves memory for everything but the rows.
func (g gathering) newTable(ctx context.Context, rows *table, keys []int, memory *account, m matching) (*joinTable, error) {
	t := &joinTable{rows: rows, matching: m, isEmpty: rows.rows == 0}
	for _, c := range rows.columns {
		batch.CountNulls(c)
	}
	columns := make([]batch.Vector, len(keys))
	dataTypes := make([]arrow.DataType, len(keys))
	for i, at := range keys {
		columns[i] = batch.Vector{Array: rows.columns[at]}
		dataTypes[i] = rows.columns[at].DataType()
	}
	t.ids = newGrouper(dataTypes)
	t.ids.memory = memory
	t.ids.useNumbers(g.numbers)
	if err := memory.add(int64(rows.rows) * 12); err != nil { // row ids, starts and members
		return nil, err
	}
	t.by, t.parts = g.divide(ctx, rows.rows), 1
	if rows.rows >= manyRows && g.workers > 1 {
		t.parts = min(g.workers, maxTableParts)
	}
	if err := t.useKnown(ctx, columns, memory); err != nil {
		return nil, err
	}
	ids, err := t.idsOf(ctx, columns, memory)
	if err != nil {
		return nil, err
	}
	t.dropped = dropOthers(ids, m.ofAll(columns, rows.rows))
	t.rowIDs = ids
	return t, t.index(nil, memory)
}

// idsOf finds the key combination of each row.
func (t *joinTable) idsOf(ctx context.Context, keys []batch.Vector, memory *account) ([]int32, error) {
	defer t.endCoded(memory)
	ids := make([]int32, t.rows.rows)
	return ids, t.insertAll(ctx, keys, ids, memory)
}

// maxTableParts limits the parts: the worker that inserts one part of TextRows reads the rows of all.
const maxTableParts = 8

// index sorts the rows by their key combination, and those of one by order, which has all rows; nil: the order of
// the table. Each part of the rows is counted by itself, so that the positions of its rows are known.
func (t *joinTable) index(order []int32, memory *account) error {
	parts, done, err := t.indexParts(memory)
	if err != nil {
		return err
	}
	defer done()
	rows := len(t.rowIDs)
	// by part and combination: the number of rows, and then the position of the next of them
	next := make([][]int32, parts)
	t.by(parts, func(part int) {
		counts := make([]int32, t.ids.groups)
		for i := part * rows / parts; i < (part+1)*rows/parts; i++ {
			if id := t.rowIDs[rowAt(order, i)]; id >= 0 {
				counts[id]++
			}
		}
		next[part] = counts
	})
	t.starts = make([]int32, t.ids.groups+1)
	at := int32(0)
	for id := range t.ids.groups {
		t.starts[id] = at
		for _, places := range next {
			count := places[id]
			places[id] = at
			at += count
		}
	}
	t.starts[t.ids.groups] = at
	t.members = make([]int32, at)
	t.by(parts, func(part int) {
		places := next[part]
		for i := part * rows / parts; i < (part+1)*rows/parts; i++ {
			row := rowAt(order, i)
			if id := t.rowIDs[row]; id >= 0 {
				t.members[places[id]] = row
				places[id]++
			}
		}
	})
	return nil
}

// indexParts returns in how many parts rows are counted: no more than there is memory for, and fewer if the counts
// would take over 16 bytes a row. The counts are reserved until done is called.
func (t *joinTable) indexParts(held *account) (parts int, done func(), err error) {
	groups := t.ids.groups
	parts = max(1, min(t.parts, 4*len(t.rowIDs)/max(1, groups)))
	done, err = held.during(int64(parts) * int64(groups) * 4)
	if parts > 1 && memory.IsFull(err) {
		parts = 1
		done, err = held.during(int64(groups) * 4)
	}
	return parts, done, err
}

// rowAt returns the row at a position of an order; nil: the order of the table.
func rowAt(order []int32, place int) int32 {
	if order == nil {
		return int32(place)
	}
	return order[place]
}

// lookup finds the members with the keys of probe rows: those of a row are members[from[row]:to[row]]. It is safe
// for concurrent use.
func (t *joinTable) lookup(keys []batch.Vector, rows int) (from, to []int32, err error) {
	f := t.takeFinder()
	defer t.giveFinder(f)
	f.found = resized(f.found, rows)
	if err := f.ids.find(keys, rows, f.found); err != nil {
		return nil, nil, err
	}
	dropOthers(f.found, t.matching.ofAll(keys, rows))
	from, to = make([]int32, rows), make([]int32, rows)
	for row, id := range f.found {
		if id >= 0 {
			from[row], to[row] = t.starts[id], t.starts[id+1]
		}
	}
	return from, to, nil
}

func (t *joinTable) takeFinder() *joinFinder {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := len(t.idle); n > 0 {
		last := t.idle[n-1]
		t.idle = t.idle[:n-1]
		return last
	}
	return &joinFinder{ids: t.ids.finder()}
}

func (t *joinTable) giveFinder(f *joinFinder) {
	t.mu.Lock()
	t.idle = append(t.idle, f)
	t.mu.Unlock()
}

// matches lists the build rows with a key combination.
func (t *joinTable) matches(id int32) []int32 {
	if id < 0 {
		return nil
	}
	return t.members[t.starts[id]:t.starts[id+1]]
}
