package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// joinTable is the build side of a join: its rows, found by the values of its
// key columns. Rows whose key matches nothing are not found.
type joinTable struct {
	rows *table
	keys []arrow.Array // the key columns
	ids  *grouper      // key combinations
	// unmatchable calls drop for each row whose value matches nothing.
	unmatchable func(v batch.Vector, rows int, drop func(row int))
	// The rows with combination id are members[starts[id]:starts[id+1]].
	starts  []int32
	members []int32
	dropped bool // whether there are rows whose key matches nothing

	rowIDs []int32 // the combination of each row, batch.Absent for none
	probe  []int32 // reused
}

// newJoinTable finds rows whose keys are equal: never so for NULL, NaN and what holds them.
func newJoinTable(rows *table, keys []int, memory *account) (*joinTable, error) {
	return newTable(rows, keys, memory, equalToNothing)
}

// newIdentityTable finds rows whose keys are not distinct, but for NULL.
func newIdentityTable(rows *table, keys []int, memory *account) (*joinTable, error) {
	return newTable(rows, keys, memory, nulls)
}

func newTable(rows *table, keys []int, memory *account, unmatchable func(batch.Vector, int, func(int))) (*joinTable, error) {
	t := &joinTable{rows: rows, unmatchable: unmatchable}
	columns := make([]batch.Vector, len(keys))
	dataTypes := make([]arrow.DataType, len(keys))
	for i, at := range keys {
		t.keys = append(t.keys, rows.columns[at])
		columns[i] = batch.Vector{Array: rows.columns[at]}
		dataTypes[i] = rows.columns[at].DataType()
	}
	t.ids = newGrouper(dataTypes)
	t.ids.memory = memory
	if err := memory.add(int64(rows.rows) * 12); err != nil { // row ids, starts and members
		return nil, err
	}
	ids := make([]int32, rows.rows)
	if err := t.ids.insert(columns, rows.rows, ids); err != nil {
		return nil, err
	}
	for _, key := range columns {
		t.unmatchable(key, rows.rows, func(row int) { ids[row], t.dropped = batch.Absent, true })
	}
	t.rowIDs = ids
	t.index(nil)
	return t, nil
}

// index sorts the rows by their key combination, those of one by order, which has
// all rows; nil: as they stand in the table.
func (t *joinTable) index(order []int32) {
	t.starts = make([]int32, t.ids.groups+1)
	for _, id := range t.rowIDs {
		if id >= 0 {
			t.starts[id+1]++
		}
	}
	for i := 1; i < len(t.starts); i++ {
		t.starts[i] += t.starts[i-1]
	}
	t.members = make([]int32, t.starts[len(t.starts)-1])
	next := append([]int32{}, t.starts...)
	for i := range t.rowIDs {
		row := int32(i)
		if order != nil {
			row = order[i]
		}
		if id := t.rowIDs[row]; id >= 0 {
			t.members[next[id]] = row
			next[id]++
		}
	}
}

// orderBy orders the rows with one key by values, one for each row. Rows without a
// value are not found any more.
func (t *joinTable) orderBy(ctx context.Context, valueType *types.Type, values arrow.Array, memory *account) error {
	compare, missing := batch.Ordering(valueType, values, values), missingIn(values)
	last, inOrder, anyMissing := -1, true, false
	for row := range t.rowIDs {
		switch {
		case missing(row):
			t.rowIDs[row], anyMissing = batch.Absent, true
			continue
		case last >= 0 && inOrder:
			inOrder = compare(last, row) <= 0
		}
		last = row
	}
	if inOrder { // as events mostly are by their time
		if anyMissing {
			t.index(nil)
		}
		return nil
	}
	done, err := memory.during(int64(len(t.rowIDs)) * 16)
	if err != nil {
		return err
	}
	defer done()
	order, err := sortedRows(ctx, &table{columns: []arrow.Array{values}, rows: len(t.rowIDs)}, []sortKey{{valueType: valueType}}, 1, memory)
	if err != nil {
		return err
	}
	t.index(order)
	return nil
}

// lookup returns the key combination of each probe row, batch.Absent for rows
// that match none. The result is reused by the next call.
func (t *joinTable) lookup(keys []batch.Vector, rows int) ([]int32, error) {
	t.probe = resized(t.probe, rows)
	if err := t.ids.find(keys, rows, t.probe); err != nil {
		return nil, err
	}
	for _, key := range keys {
		t.unmatchable(key, rows, func(row int) { t.probe[row] = batch.Absent })
	}
	return t.probe, nil
}

// spans returns which members have the key combinations of probe rows: those of a
// row are members[from[row]:to[row]].
func (t *joinTable) spans(ids []int32) (from, to []int32) {
	from, to = make([]int32, len(ids)), make([]int32, len(ids))
	for row, id := range ids {
		if id >= 0 {
			from[row], to[row] = t.starts[id], t.starts[id+1]
		}
	}
	return from, to
}

// matches lists the build rows with a key combination.
func (t *joinTable) matches(id int32) []int32 {
	if id < 0 {
		return nil
	}
	return t.members[t.starts[id]:t.starts[id+1]]
}

// sizeBytes is what the keys hold; newTable has accounted for the rest.
func (t *joinTable) sizeBytes() int64 { return t.ids.sizeBytes() }

// equalToNothing drops rows whose value equals nothing: NULL, NaN, and nested
// values that hold one of them.
func equalToNothing(v batch.Vector, rows int, drop func(row int)) {
	a := v.Array
	if a.NullN() == 0 && !isFloat(a) && !isNested(a) && a.DataType().ID() != arrow.NULL {
		return
	}
	for row := range rows {
		if holdsUnequal(a, v.At(row)) {
			drop(row)
		}
	}
}

func nulls(v batch.Vector, rows int, drop func(row int)) {
	if v.Array.NullN() == 0 && v.Array.DataType().ID() != arrow.NULL {
		return
	}
	for row := range rows {
		if arrowdata.IsNull(v.Array, v.At(row)) {
			drop(row)
		}
	}
}

func isFloat(a arrow.Array) bool {
	return a.DataType().ID() == arrow.FLOAT64 || a.DataType().ID() == arrow.FLOAT32
}

func isNaN(a arrow.Array, i int) bool {
	if f, ok := a.(*array.Float64); ok {
		return f.Value(i) != f.Value(i)
	}
	f := a.(*array.Float32)
	return f.Value(i) != f.Value(i)
}

// isNested reports whether a's values are lists, maps or rows.
func isNested(a arrow.Array) bool {
	switch a.(type) {
	case *array.List, *array.Map:
		return true
	case *array.Struct:
		_, zoned := batch.Instants(a)
		return !zoned
	}
	return false
}

// holdsUnequal reports whether value i of a is NULL or NaN, or holds one.
func holdsUnequal(a arrow.Array, i int) bool {
	switch x := a.(type) {
	case *array.Struct:
		if isNested(a) && !a.IsNull(i) {
			for f := range x.NumField() {
				if holdsUnequal(x.Field(f), i) {
					return true
				}
			}
			return false
		}
	case *array.Map:
		return a.IsNull(i) || anyUnequal(x, x.Keys(), i) || anyUnequal(x, x.Items(), i)
	case *array.List:
		return a.IsNull(i) || anyUnequal(x, x.ListValues(), i)
	}
	return arrowdata.IsNull(a, i) || isFloat(a) && isNaN(a, i)
}

func anyUnequal(list array.ListLike, values arrow.Array, i int) bool {
	start, end := list.ValueOffsets(i)
	for j := start; j < end; j++ {
		if holdsUnequal(values, int(j)) {
			return true
		}
	}
	return false
}
