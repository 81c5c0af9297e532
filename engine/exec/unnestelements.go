package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
)

// elementsAlone are the elements of a batch's lists, which are given out as they stand one after another.
type elementsAlone struct {
	columns  []arrow.Array
	from, to int
}

// givesElementsAlone reports whether elements of one list, or of parts of one, are all that is given out, and none has to be left out.
func (x *unnesting) givesElementsAlone() bool {
	if !x.givesEveryElement() || x.ordinality && x.givesColumn(len(x.gives)-1) {
		return false
	}
	for at := range x.batch.Columns {
		if x.givesColumn(at) {
			return false
		}
	}
	l := x.lists[0]
	return l.offsets == nil || batch.NullsAreEmpty(l.offsets, l.valid)
}

func (x *unnesting) elementsAlone() *elementsAlone {
	l := x.lists[0]
	e := &elementsAlone{}
	if l.offsets != nil {
		e.from, e.to = int(l.offsets[0]), int(l.offsets[x.batch.Len])
	}
	at := len(x.batch.Columns)
	for i, l := range x.lists {
		for _, a := range l.columns(x.items[i].spread) {
			if x.givesColumn(at) {
				e.columns = append(e.columns, a)
			}
			at++
		}
	}
	return e
}

func (e *elementsAlone) next(ctx context.Context) (*batch.Batch, error) {
	if err := ctx.Err(); err != nil || e.from == e.to {
		return nil, err
	}
	to := min(e.to, e.from+batch.Rows)
	out := &batch.Batch{Len: to - e.from}
	for _, a := range e.columns {
		out.Columns = append(out.Columns, batch.Vector{Array: array.NewSlice(a, int64(e.from), int64(to))})
	}
	e.from = to
	return out, nil
}
