package exec

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/plan"
)

// A row of more than manyElements elements gets batches of its own.
const manyElements = batch.Rows / 16

// unnest returns, for each input row, one row per element of the longest of its arrays and maps; shorter ones are
// padded with NULLs. On a scan, the scan's workers do the work.
type unnest struct {
	input      Operator // nil in a scan
	items      []unnestItem
	ordinality bool
	outer      bool     // keep an input row without elements
	gives      []bool   // by column of the input, the items and the ordinality: whether it is returned; nil: all
	memory     *account // holds the last batch; nil in a scan, which holds it itself

	current expansion // of the current batch; nil: the next one must be read
}

// unnesting is the work on one batch of an unnest.
type unnesting struct {
	*unnest
	batch *batch.Batch // dense
	lists []list
	// isAligned: in each row all lists have the same number of elements, and those that are not constant have them
	// at the same positions, as the parts of one list do.
	isAligned bool
	row       int   // the row to continue with
	element   int32 // its next element
	// rows and ordinals are output rows found and not returned yet: the input row and the element number of each,
	// -1 for no element.
	rows, ordinals []int32
}

// unnestItem is an array or map column. A map yields two columns. An array of rows yields one per field when spread
// is set; any other array yields one.
type unnestItem struct {
	position int
	spread   bool
}

func (u *unnest) Next(ctx context.Context) (*batch.Batch, error) {
	for {
		if u.current == nil {
			b, err := u.input.Next(ctx)
			if b == nil || err != nil {
				return nil, err
			}
			if u.current, err = u.expand(ctx, b); err != nil {
				return nil, err
			}
		}
		b, err := u.current.next(ctx)
		if err != nil {
			return nil, err
		}
		if b != nil {
			return b, u.memory.set(batchBytes(b))
		}
		u.current = nil
	}
}

func (u *unnest) Close() {
	u.memory.close()
	u.input.Close()
}

// expand implements expander.
func (u *unnest) expand(_ context.Context, b *batch.Batch) (expansion, error) {
	x := &unnesting{unnest: u, batch: compact(b), lists: make([]list, len(u.items))}
	for i, item := range u.items {
		x.lists[i] = openList(x.batch.Columns[item.position])
	}
	x.isAligned = areAligned(x.lists, x.batch.Len)
	if x.givesElementsAlone() {
		return x.elementsAlone(), nil
	}
	return x, nil
}

func (x *unnesting) next(ctx context.Context) (*batch.Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(x.rows) == 0 {
		x.findRows()
	}
	if len(x.rows) == 0 {
		return nil, nil
	}
	return x.emit(), nil
}

// findRows finds the next rows of the batch, none at its end.
func (x *unnesting) findRows() {
	room := x.mostRows()
	rows, ordinals := make([]int32, 0, room), make([]int32, 0, room)
	for ; x.row < x.batch.Len; x.row, x.element = x.row+1, 0 {
		longest := int32(0)
		for _, l := range x.lists {
			longest = max(longest, l.length(x.row))
		}
		if longest == 0 && x.outer {
			rows, ordinals = append(rows, int32(x.row)), append(ordinals, -1)
		}
		if longest > manyElements && len(rows) > 0 && x.element == 0 {
			break // it gets a batch of its own
		}
		from := len(rows)
		to := min(batch.Rows, from+int(longest-x.element))
		rows, ordinals = slices.Grow(rows, to-from)[:to], slices.Grow(ordinals, to-from)[:to]
		for at := from; at < to; at++ {
			rows[at], ordinals[at] = int32(x.row), x.element
			x.element++
		}
		if len(rows) == batch.Rows || longest > manyElements {
			if x.element >= longest {
				x.row, x.element = x.row+1, 0
			}
			break
		}
	}
	x.rows, x.ordinals = rows, ordinals
}

// mostRows returns an upper bound of the rows that the next findRows finds.
func (x *unnesting) mostRows() int {
	left, most := x.batch.Len-x.row, 0
	if x.outer {
		most = left
	}
	for _, l := range x.lists {
		switch {
		case left == 0 || l.offsets == nil:
		case l.constant:
			most += left * int(l.length(0))
		default:
			most += int(l.offsets[x.batch.Len] - l.offsets[x.row])
		}
	}
	return min(most, batch.Rows)
}

// emit returns a batch of the first rows found; rows that do not fit into it are left for the next call.
func (x *unnesting) emit() *batch.Batch {
	n := fitting(x.sources(), x.rows)
	rows, ordinals := x.rows[:n], x.ordinals[:n]
	x.rows, x.ordinals = x.rows[n:], x.ordinals[n:]
	out := &batch.Batch{Columns: x.beside(rows), Len: len(rows)}
	at := len(x.batch.Columns)
	for i, l := range x.lists {
		elements := x.elementsOf(l, rows, ordinals)
		for _, a := range l.columns(x.items[i].spread) {
			if x.givesColumn(at) {
				out.Columns = append(out.Columns, batch.Vector{Array: x.take(l, a, elements)})
			}
			at++
		}
	}
	if x.ordinality && x.givesColumn(at) {
		out.Columns = append(out.Columns, batch.Vector{Array: ordinalColumn(ordinals)})
	}
	return out
}

// elementsOf returns the positions in a list's elements of the output rows.
func (x *unnesting) elementsOf(l list, rows, ordinals []int32) []int32 {
	elements := make([]int32, len(rows))
	if x.givesEveryElement() && !l.constant {
		for o, row := range rows {
			elements[o] = l.offsets[row] + ordinals[o]
		}
		return elements
	}
	for o, row := range rows {
		elements[o] = l.element(int(row), ordinals[o])
	}
	return elements
}

// givesEveryElement reports whether each output row is an element of each list, in their order.
func (x *unnesting) givesEveryElement() bool { return x.isAligned && !x.outer }

// varying returns one of aligned lists that is not constant.
func (x *unnesting) varying() list {
	for _, l := range x.lists {
		if !l.constant {
			return l
		}
	}
	return x.lists[0]
}

// take returns elements of one of a list's columns. It does not copy them if they are consecutive, as most are.
func (x *unnesting) take(l list, from arrow.Array, elements []int32) arrow.Array {
	first, last := elements[0], elements[len(elements)-1]
	switch {
	case !x.givesEveryElement():
	case l.constant:
		return takeOften(from, elements)
	case int(last-first) == len(elements)-1:
		return array.NewSlice(from, int64(first), int64(last)+1)
	}
	return batch.Take(from, elements)
}

// sources returns the input's columns that are copied for each row found, none if all rows belong to one input row.
func (x *unnesting) sources() []batch.Vector {
	if x.rows[0] == x.rows[len(x.rows)-1] {
		return nil
	}
	var copied []batch.Vector
	for i, v := range x.batch.Columns {
		if x.givesColumn(i) {
			copied = append(copied, v)
		}
	}
	return copied
}

// beside returns the input's columns for the output rows. Those of a single input row become constants, so that a
// long array is not copied for each of its elements.
func (x *unnesting) beside(rows []int32) []batch.Vector {
	isOneRow := rows[0] == rows[len(rows)-1]
	if isOneRow {
		rows = rows[:1]
	}
	var columns []batch.Vector
	for i, v := range x.batch.Columns {
		if x.givesColumn(i) {
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

// unnestItems returns the items of a node with the positions of their columns.
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
