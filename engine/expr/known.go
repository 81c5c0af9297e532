package expr

import (
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
)

// knownFor returns a boolean node's value for all rows of a frame if it cannot fail and costs little more than one
// read per row. That holds for a column, for a function's cached answers for a dictionary, and for NOT, AND, OR and
// IS NULL of these.
func knownFor(n node, f *frame) (batch.Vector, bool) {
	switch n := n.(type) {
	case *ref:
		return f.column(n.depth, n.index), true
	case *not:
		v, ok := knownFor(n.arg, f)
		if !ok {
			return v, false
		}
		return negated(v), true
	case *part:
		if v, ok := n.kept(f); ok {
			return v, true
		}
		v, ok := knownFor(n.node, f)
		return v, ok && n.keep(f, v) == nil
	case *isNull:
		if column, ok := n.arg.(*ref); ok {
			return nullsOf(f.column(column.depth, column.index)), true
		}
	case *andOr:
		return n.knownFor(f)
	case *search:
		return n.plain.knownFor(f)
	case *call:
		return n.knownFor(f)
	}
	return batch.Vector{}, false
}

// knownFor is eval if all arguments are known.
func (n *andOr) knownFor(f *frame) (batch.Vector, bool) {
	stopped, null := arrowdata.NewBitmap(f.rows), arrowdata.NewBitmap(f.rows)
	for _, arg := range n.args {
		v, ok := knownFor(arg, f)
		if !ok {
			return v, false
		}
		stops, unknown := n.truths(v, f.rows)
		mark(stopped, nil, stops)
		if unknown != nil {
			mark(null, nil, unknown)
		}
	}
	return n.result(f.rows, stopped, null, false), true
}

// knownFor is overDictionary for a column and constants.
func (n *call) knownFor(f *frame) (batch.Vector, bool) {
	args := make([]batch.Vector, len(n.args))
	for i, a := range n.args {
		switch a := a.(type) {
		case *constant:
			if args[i] = a.value; arrowdata.IsNull(a.value.Array, 0) {
				return batch.Vector{}, false
			}
		case *ref:
			args[i] = f.column(a.depth, a.index)
			if _, ok := args[i].Array.(*array.Dictionary); !ok || args[i].Const {
				return batch.Vector{}, false
			}
		default:
			return batch.Vector{}, false
		}
	}
	if n.impl.Dictionary {
		return batch.Vector{}, false
	}
	held := f.env.Held()
	v, ok, err := n.overDictionary(f, args, make([]function.Lambda, len(args)), false)
	if !ok || err != nil {
		return v, false
	}
	return v, f.env.SettleResult(held, v) == nil
}
