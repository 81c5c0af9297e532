package exec

import (
	"bytes"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

// list is an opened array or map column.
type list struct {
	array    arrow.Array
	valid    []byte // bitmap of rows that are not NULL; nil: all
	offsets  []int32
	constant bool // array's only row stands for every row
}

func openList(v batch.Vector) list {
	l := list{array: v.Array, valid: arrowdata.Validity(v.Array), constant: v.Const}
	if v.Array.DataType().ID() != arrow.NULL {
		l.offsets, _ = batch.Lists(v.Array)
	}
	return l
}

// length returns the number of elements of a row, 0 for NULL.
func (l list) length(row int) int32 {
	if l.constant {
		row = 0
	}
	if l.offsets == nil || !arrowdata.IsValid(l.valid, row) {
		return 0
	}
	return l.offsets[row+1] - l.offsets[row]
}

// hasLength reports whether a list that is not constant has length elements in each row.
func (l list) hasLength(length int32, rows int) bool {
	for row := range rows {
		if l.length(row) != length {
			return false
		}
	}
	return true
}

// cut returns a constant list's share of one of its columns, and the whole column for another list.
func (l list) cut(column arrow.Array) arrow.Array {
	if !l.constant || l.offsets == nil {
		return column
	}
	return array.NewSlice(column, int64(l.offsets[0]), int64(l.offsets[1]))
}

// areAligned reports whether all lists have the same number of elements in each of rows rows. Those that are not
// constant, at least one, must also have them at the same positions.
func areAligned(lists []list, rows int) bool {
	var first *list
	for i := range lists {
		switch l := &lists[i]; {
		case l.constant:
		case first == nil:
			first = l
		case !slices.Equal(l.offsets, first.offsets) || !bytes.Equal(l.valid, first.valid):
			return false
		}
	}
	if first == nil {
		return false
	}
	for _, l := range lists {
		if l.constant && !first.hasLength(l.length(0), rows) {
			return false
		}
	}
	return true
}

// element returns the position of element n of a row, -1 if there is none.
func (l list) element(row int, n int32) int32 {
	if n < 0 || n >= l.length(row) {
		return -1
	}
	if l.constant {
		row = 0
	}
	return l.offsets[row] + n
}

// columns returns the arrays that elements are taken from.
func (l list) columns(spread bool) []arrow.Array {
	if m, ok := l.array.(*array.Map); ok {
		return []arrow.Array{m.Keys(), m.Items()}
	}
	if l.offsets == nil {
		return []arrow.Array{array.NewNull(0)}
	}
	_, elements := batch.Lists(l.array)
	if !spread {
		return []arrow.Array{elements}
	}
	return rowFields(elements)
}

// rowFields returns the fields of an array of rows; those of a NULL row are NULL.
func rowFields(rows arrow.Array) []arrow.Array {
	fields := batch.Fields(rows)
	if rows.NullN() == 0 {
		return fields
	}
	index := iota32(rows.Len())
	for i := range index {
		if rows.IsNull(i) {
			index[i] = -1
		}
	}
	for i, f := range fields {
		fields[i] = batch.Take(f, index)
	}
	return fields
}
