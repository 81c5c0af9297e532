package exec

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
)

// joinTable is the build side of a join: its rows, found by the values of its
// key columns. Rows whose key can equal nothing (NULL, NaN) are not found.
type joinTable struct {
	rows *table
	keys []arrow.Array // the key columns
	ids  *grouper      // key combinations
	// The rows with combination id are members[starts[id]:starts[id+1]].
	starts  []int32
	members []int32
	// nullRows are the rows with a NULL in their key.
	nullRows []int32

	probe []int32 // reused
}

func newJoinTable(rows *table, keys []int) (*joinTable, error) {
	t := &joinTable{rows: rows}
	columns := make([]batch.Vector, len(keys))
	dataTypes := make([]arrow.DataType, len(keys))
	for i, at := range keys {
		t.keys = append(t.keys, rows.columns[at])
		columns[i] = batch.Vector{Array: rows.columns[at]}
		dataTypes[i] = rows.columns[at].DataType()
	}
	t.ids = newGrouper(dataTypes)
	ids := make([]int32, rows.rows)
	if err := t.ids.insert(columns, rows.rows, ids); err != nil {
		return nil, err
	}
	t.dropUnmatchable(columns, ids)
	t.index(ids)
	return t, nil
}

// dropUnmatchable marks rows whose key equals nothing with batch.Absent.
func (t *joinTable) dropUnmatchable(keys []batch.Vector, ids []int32) {
	for _, key := range keys {
		matchable(key, len(ids), func(row int, null bool) {
			if null && ids[row] != batch.Absent {
				t.nullRows = append(t.nullRows, int32(row))
			}
			ids[row] = batch.Absent
		})
	}
}

// index sorts the rows by their key combination.
func (t *joinTable) index(ids []int32) {
	t.starts = make([]int32, t.ids.groups+1)
	for _, id := range ids {
		if id >= 0 {
			t.starts[id+1]++
		}
	}
	for i := 1; i < len(t.starts); i++ {
		t.starts[i] += t.starts[i-1]
	}
	t.members = make([]int32, t.starts[len(t.starts)-1])
	next := append([]int32{}, t.starts...)
	for row, id := range ids {
		if id >= 0 {
			t.members[next[id]] = int32(row)
			next[id]++
		}
	}
}

// lookup returns the key combination of each probe row, batch.Absent for rows
// that match none. The result is reused by the next call.
func (t *joinTable) lookup(keys []batch.Vector, rows int) ([]int32, error) {
	t.probe = resized(t.probe, rows)
	if err := t.ids.find(keys, rows, t.probe); err != nil {
		return nil, err
	}
	for _, key := range keys {
		matchable(key, rows, func(row int, null bool) { t.probe[row] = batch.Absent })
	}
	return t.probe, nil
}

// matches lists the build rows with a key combination.
func (t *joinTable) matches(id int32) []int32 {
	if id < 0 {
		return nil
	}
	return t.members[t.starts[id]:t.starts[id+1]]
}

func (t *joinTable) sizeBytes() int64 {
	return t.ids.sizeBytes() + int64(len(t.starts)+2*len(t.members))*4
}

// matchable calls drop for each row whose value equals nothing: NULL, NaN, and
// nested values with a NULL inside (whose comparison is never true).
func matchable(v batch.Vector, rows int, drop func(row int, null bool)) {
	a := v.Array
	floats := a.DataType().ID() == arrow.FLOAT64 || a.DataType().ID() == arrow.FLOAT32
	nested := isNested(a)
	if a.NullN() == 0 && !floats && !nested && a.DataType().ID() != arrow.NULL {
		return
	}
	for row := range rows {
		at := v.At(row)
		switch {
		case a.IsNull(at) || a.DataType().ID() == arrow.NULL:
			drop(row, true)
		case floats && isNaN(a, at):
			drop(row, false)
		case nested && holdsNull(a, at):
			drop(row, true)
		}
	}
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

// holdsNull reports whether value i of a is NULL or has a NULL inside.
func holdsNull(a arrow.Array, i int) bool {
	if a.IsNull(i) || a.DataType().ID() == arrow.NULL {
		return true
	}
	if !isNested(a) {
		return false
	}
	switch x := a.(type) {
	case *array.Struct:
		for f := range x.NumField() {
			if holdsNull(x.Field(f), i) {
				return true
			}
		}
	case array.ListLike:
		start, end := x.ValueOffsets(i)
		for j := start; j < end; j++ {
			if m, ok := a.(*array.Map); ok && holdsNull(m.Items(), int(j)) {
				return true
			} else if !ok && holdsNull(x.ListValues(), int(j)) {
				return true
			}
		}
	}
	return false
}
