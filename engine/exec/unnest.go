package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/plan"
)

// manyElements in a row fill batches of their own.
const manyElements = batch.Rows / 16

// unnest gives, for each input row, one row per element of the longest of its
// arrays and maps; shorter ones are filled up with NULLs.
type unnest struct {
	input      Operator
	items      []unnestItem
	ordinality bool
	outer      bool   // keep an input row without elements
	gives      []bool // by column of the input, the items and the ordinality: whether it is given out; nil: all are
	memory     *account

	current *batch.Batch // dense, nil: the next one is to be read
	lists   []list       // of current
	row     int          // the row of current to go on with
	element int32        // its next element
	// rows and ordinals are output rows found and not given out: the input row
	// and element number of each, -1 for no element.
	rows, ordinals []int32
}

// unnestItem is an array or map column. A map gives two columns, an array of
// rows one per field when spread is set, else an array gives one.
type unnestItem struct {
	position int
	spread   bool
}

func (u *unnest) Next(ctx context.Context) (*batch.Batch, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if len(u.rows) > 0 {
			return u.emit()
		}
		if u.current == nil {
			b, err := u.input.Next(ctx)
			if b == nil || err != nil {
				return nil, err
			}
			u.open(compact(b))
		}
		if u.expand(); len(u.rows) == 0 {
			u.current = nil
		}
	}
}

func (u *unnest) Close() {
	u.memory.close()
	u.input.Close()
}

func (u *unnest) open(b *batch.Batch) {
	u.current, u.row, u.element = b, 0, 0
	u.lists = make([]list, len(u.items))
	for i, item := range u.items {
		u.lists[i] = openList(b.Columns[item.position])
	}
}

// expand finds the next rows of the current batch, none at its end.
func (u *unnest) expand() {
	var rows, ordinals []int32
	for ; u.row < u.current.Len; u.row, u.element = u.row+1, 0 {
		longest := int32(0)
		for _, l := range u.lists {
			longest = max(longest, l.length(u.row))
		}
		if longest == 0 && u.outer {
			rows, ordinals = append(rows, int32(u.row)), append(ordinals, -1)
		}
		if longest > manyElements && len(rows) > 0 && u.element == 0 {
			break // a batch of its own
		}
		for ; u.element < longest && len(rows) < batch.Rows; u.element++ {
			rows, ordinals = append(rows, int32(u.row)), append(ordinals, u.element)
		}
		if len(rows) == batch.Rows || longest > manyElements {
			if u.element >= longest {
				u.row, u.element = u.row+1, 0
			}
			break
		}
	}
	u.rows, u.ordinals = rows, ordinals
}

// emit gives out the rows found, as many as make a batch.
func (u *unnest) emit() (*batch.Batch, error) {
	n := fitting(u.sources(), u.rows)
	rows, ordinals := u.rows[:n], u.ordinals[:n]
	u.rows, u.ordinals = u.rows[n:], u.ordinals[n:]
	out := &batch.Batch{Columns: u.beside(rows), Len: len(rows)}
	at := len(u.current.Columns)
	for i, l := range u.lists {
		elements := make([]int32, len(rows))
		for o, row := range rows {
			elements[o] = l.element(int(row), ordinals[o])
		}
		for _, a := range l.columns(u.items[i].spread) {
			if u.givesColumn(at) {
				out.Columns = append(out.Columns, batch.Vector{Array: batch.Take(a, elements)})
			}
			at++
		}
	}
	if u.ordinality && u.givesColumn(at) {
		out.Columns = append(out.Columns, batch.Vector{Array: ordinalColumn(ordinals)})
	}
	return out, u.memory.set(batchBytes(out))
}

// sources are the input's columns that are copied for each row found, none where
// all rows are of one input row.
func (u *unnest) sources() []batch.Vector {
	if u.rows[0] == u.rows[len(u.rows)-1] {
		return nil
	}
	var copied []batch.Vector
	for i, v := range u.current.Columns {
		if u.givesColumn(i) {
			copied = append(copied, v)
		}
	}
	return copied
}

// beside gives the input's columns for the output rows. Those of a single input
// row stand once, so that a long array is not copied for each of its elements.
func (u *unnest) beside(rows []int32) []batch.Vector {
	isOneRow := rows[0] == rows[len(rows)-1]
	if isOneRow {
		rows = rows[:1]
	}
	var columns []batch.Vector
	for i, v := range u.current.Columns {
		if u.givesColumn(i) {
			v = batch.TakeVector(v, rows)
			v.Const = v.Const || isOneRow
			columns = append(columns, v)
		}
	}
	return columns
}

func (u *unnest) givesColumn(at int) bool { return u.gives == nil || u.gives[at] }

func ordinalColumn(ordinals []int32) arrow.Array {
	numbers := make([]int64, len(ordinals))
	valid := arrowdata.FullValidity(len(ordinals))
	for i, n := range ordinals {
		numbers[i] = int64(n) + 1
		if n < 0 {
			arrowdata.ClearBit(valid, i)
		}
	}
	return batch.FromValues(arrow.PrimitiveTypes.Int64, numbers, valid)
}

// list is an opened array or map column.
type list struct {
	array    arrow.Array
	offsets  []int32
	constant bool // array's only row stands for every row
}

func openList(v batch.Vector) list {
	l := list{array: v.Array, constant: v.Const}
	if v.Array.DataType().ID() != arrow.NULL {
		l.offsets, _ = batch.Lists(v.Array)
	}
	return l
}

// length is the number of elements; none for NULL.
func (l list) length(row int) int32 {
	if l.constant {
		row = 0
	}
	if l.offsets == nil || l.array.IsNull(row) {
		return 0
	}
	return l.offsets[row+1] - l.offsets[row]
}

// element returns where element n of a row is, -1 when there is none.
func (l list) element(row int, n int32) int32 {
	if n < 0 || n >= l.length(row) {
		return -1
	}
	if l.constant {
		row = 0
	}
	return l.offsets[row] + n
}

// columns are the arrays that elements are taken from.
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

// rowFields are the fields of an array of rows; those of a NULL row are NULL.
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

// unnestItems finds the columns of a node's items.
func unnestItems(n *plan.Unnest, input []*plan.Column) ([]unnestItem, error) {
	var items []unnestItem
	for _, item := range n.Items {
		at, err := positionOf(input, item.Column)
		if err != nil {
			return nil, err
		}
		items = append(items, unnestItem{position: at, spread: spreads(item)})
	}
	return items, nil
}
