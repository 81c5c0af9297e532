package expr

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// try is TRY: rows whose computation raises one of the four errors that TRY
// hides are NULL.
type try struct {
	arg     node
	returns arrow.DataType
}

func (n *try) eval(f *frame) (batch.Vector, error) {
	v, err := n.arg.eval(f)
	if err == nil || !hidden(err) {
		return v, err
	}
	out := newPieces(f.rows)
	if err := n.halves(f, allRows(f.rows), out); err != nil {
		return batch.Vector{}, err
	}
	return out.vector(f, n.returns), nil
}

// halves computes the two halves of rows apart, down to the single rows that fail.
func (n *try) halves(f *frame, rows []int32, out *pieces) error {
	if len(rows) < 2 {
		return nil
	}
	for _, half := range [][]int32{rows[:len(rows)/2], rows[len(rows)/2:]} {
		v, err := n.arg.eval(f.narrow(half))
		switch {
		case err == nil:
			out.add(v, nil, half)
		case !hidden(err):
			return err
		default:
			if err := n.halves(f, half, out); err != nil {
				return err
			}
		}
	}
	return nil
}

func hidden(err error) bool {
	switch types.ErrorName(err) {
	case types.DivisionByZero, types.InvalidCastArgument, types.InvalidFunctionArgument, types.NumericValueOutOfRange:
		return true
	}
	return false
}
