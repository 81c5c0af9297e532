package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
)

// elementsAlone returns the elements of a batch's lists and their ordinals, but no input columns. It copies only
// the elements of constant lists.
type elementsAlone struct {
	columns  []elementColumn
	from, to int
	// offsets say where each row's elements begin and end, and row is the row of the next element. They are for
	// ordinals.
	offsets []int32
	row     int
}

// elementColumn is an output column of elementsAlone.
type elementColumn struct {
	elements   arrow.Array // nil: the ordinals
	isConstant bool        // every row has these elements
}

// givesElementsAlone reports whether the output is only elements of one list, or of parts of one, and their
// ordinals, and whether all elements belong to it.
func (x *unnesting) givesElementsAlone() bool {
	if !x.givesEveryElement() {
		return false
	}
	for at := range x.batch.Columns {
		if x.givesColumn(at) {
			return false
		}
	}
	l := x.varying()
	return l.offsets == nil || batch.NullsAreEmpty(l.offsets, l.valid)
}

func (x *unnesting) elementsAlone() *elementsAlone {
	l := x.varying()
	e := &elementsAlone{offsets: l.offsets}
	if l.offsets != nil {
		e.from, e.to = int(l.offsets[0]), int(l.offsets[x.batch.Len])
	}
	at := len(x.batch.Columns)
	for i, l := range x.lists {
		for _, a := range l.columns(x.items[i].spread) {
			if x.givesColumn(at) {
				e.columns = append(e.columns, elementColumn{elements: l.cut(a), isConstant: l.constant})
			}
			at++
		}
	}
	if x.ordinality && x.givesColumn(at) {
		e.columns = append(e.columns, elementColumn{})
	}
	return e
}

func (e *elementsAlone) next(ctx context.Context) (*batch.Batch, error) {
	if err := ctx.Err(); err != nil || e.from == e.to {
		return nil, err
	}
	to := min(e.to, e.from+batch.Rows)
	out := &batch.Batch{Len: to - e.from}
	for _, c := range e.columns {
		var column arrow.Array
		switch {
		case c.elements == nil:
			column = batch.FromValues(arrow.PrimitiveTypes.Int64, ordinals[int64](e, to, 1), nil)
		case c.isConstant:
			column = takeOften(c.elements, ordinals[int32](e, to, 0))
		default:
			column = array.NewSlice(c.elements, int64(e.from), int64(to))
		}
		out.Columns = append(out.Columns, batch.Vector{Array: column})
	}
	for e.from = to; e.from < e.to && int(e.offsets[e.row+1]) <= to; {
		e.row++
	}
	return out, nil
}

// ordinals returns the positions within their rows of the elements before to, counted from first.
func ordinals[T int32 | int64](e *elementsAlone, to int, first T) []T {
	places := make([]T, to-e.from)
	for at, row := e.from, e.row; at < to; row++ {
		start, end := int(e.offsets[row]), min(int(e.offsets[row+1]), to)
		for ; at < end; at++ {
			places[at-e.from] = first + T(at-start)
		}
	}
	return places
}

// takeOften takes rows of few values that are repeated often; it codes texts.
func takeOften(few arrow.Array, rows []int32) arrow.Array {
	if few.DataType().ID() == arrow.STRING && few.NullN() == 0 && few.Len() < len(rows) {
		return batch.FromCodes(rows, nil, few)
	}
	return batch.Take(few, rows)
}
