package expr

import (
	"slices"
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/types"
)

// try is TRY: rows whose computation raises one of the four errors that TRY hides become NULL.
type try struct {
	arg     node
	returns arrow.DataType
	hiding  *call       // arg, if it can return NULL for rows that fail; else nil
	failed  atomic.Bool // a row has failed before
}

// newTry returns TRY of a node that belongs to it alone.
func newTry(arg node, returns arrow.DataType) *try {
	n := &try{arg: arg, returns: returns}
	if c, ok := arg.(*call); ok && c.canHide() {
		n.hiding = c
	}
	return n
}

func (n *try) eval(f *frame) (batch.Vector, error) {
	v, err := n.evalOnce(f)
	if err != nil && function.IsHidden(err) && n.hiding != nil && !n.failed.Swap(true) {
		v, err = n.evalOnce(f)
	}
	if err == nil || !function.IsHidden(err) {
		return v, err
	}
	out := newPieces(f.rows)
	if err := n.halves(f, allRows(f.rows), out); err != nil {
		return batch.Vector{}, err
	}
	return out.vector(f, n.returns), nil
}

// evalOnce computes all rows together. Once a row has failed, it uses hiding if possible.
func (n *try) evalOnce(f *frame) (batch.Vector, error) {
	if n.hiding != nil && n.failed.Load() {
		return n.hiding.evalHiding(f)
	}
	return n.arg.eval(f)
}

// halves computes the two halves of rows separately, down to the single rows that fail.
func (n *try) halves(f *frame, rows []int32, out *pieces) error {
	if len(rows) < 2 {
		return nil
	}
	for _, half := range [][]int32{rows[:len(rows)/2], rows[len(rows)/2:]} {
		v, err := n.evalOnce(f.narrow(half))
		switch {
		case err == nil:
			out.add(v, nil, half)
		case !function.IsHidden(err):
			return err
		default:
			if err := n.halves(f, half, out); err != nil {
				return err
			}
		}
	}
	return nil
}

// canHide reports whether an error of the function concerns a whole row and makes it NULL.
func (n *call) canHide() bool {
	isNested := func(t *types.Type) bool { return t.Kind >= types.Array }
	return len(n.lambdas) == 0 && !n.fn.NonDeterministic && !n.fn.NullCalled && !isNested(n.fn.Return) && !slices.ContainsFunc(n.fn.Args, isNested)
}

// evalHiding is eval with NULL for rows for which the function itself raises an error that TRY hides.
func (n *call) evalHiding(f *frame) (batch.Vector, error) {
	held := f.env.Held()
	args, isNull, err := n.evalArgs(f)
	if err != nil || isNull {
		return batch.Vector{Array: batch.Nulls(n.returns, 1), Const: true}, err
	}
	hiding := *f
	hiding.env = f.env.Hiding()
	v, err := n.apply(&hiding, args)
	if err != nil {
		return v, err
	}
	return v, f.env.SettleResult(held, v)
}
