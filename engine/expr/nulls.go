package expr

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
)

// evalBesideNulls evaluates an argument of type dt, which failed with err, again without the rows in which an
// earlier argument is NULL. For those the result is NULL whatever the argument is, so its error must not surface.
func evalBesideNulls(f *frame, argument node, dt arrow.DataType, before []batch.Vector, err error) (batch.Vector, error) {
	var rows []int32
	for i := range f.rows {
		if !anyNull(before, i) {
			rows = append(rows, int32(i))
		}
	}
	if len(rows) == f.rows || function.EndsStatement(err) {
		return batch.Vector{}, err
	}
	if len(rows) == 0 {
		return batch.Vector{Array: batch.Nulls(dt, 1), Const: true}, nil
	}
	v, err := argument.eval(f.narrow(rows))
	if err != nil {
		return batch.Vector{}, err
	}
	out := newPieces(f.rows)
	out.add(v, nil, rows)
	return out.vector(f, dt), nil
}

func anyNull(vectors []batch.Vector, row int) bool {
	for _, v := range vectors {
		if v.Array != nil && arrowdata.IsNull(v.Array, v.At(row)) {
			return true
		}
	}
	return false
}
