package expr

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

// andOr is AND (stopAt False) or OR (stopAt True): an argument is computed only
// for the rows that no argument before it decided.
type andOr struct {
	args   []node
	stopAt batch.Truth
}

func (n *andOr) eval(f *frame) (batch.Vector, error) {
	stopped, null := arrowdata.NewBitmap(f.rows), arrowdata.NewBitmap(f.rows)
	open := openAll(f)
	constant := true
	for i, arg := range n.args {
		v, err := arg.eval(open.frame)
		if err != nil {
			return batch.Vector{}, err
		}
		constant = constant && v.Const
		stops, unknown := n.truths(v, open.frame.rows)
		if unknown != nil {
			open.mark(null, unknown)
		}
		open.mark(stopped, stops)
		if i == len(n.args)-1 {
			break
		}
		if invert(stops); !open.keep(stops) {
			break
		}
	}
	return n.result(f.rows, stopped, null, constant), nil
}

// truths returns which of rows rows v decides, and in which it is NULL, nil for none.
func (n *andOr) truths(v batch.Vector, rows int) (stops, unknown []byte) {
	if v.Const {
		v = batch.Vector{Array: batch.Take(v.Array, make([]int32, rows))}
	}
	stops = batch.TrueBits(v)
	valid := arrowdata.Validity(v.Array)
	if n.stopAt == batch.False {
		for i := range stops {
			stops[i] = ^stops[i]
			if valid != nil {
				stops[i] &= valid[i]
			}
		}
	}
	if valid != nil {
		unknown = slices.Clone(valid[:len(stops)])
		invert(unknown)
	}
	return stops, unknown
}

func (n *andOr) result(rows int, stopped, null []byte, constant bool) batch.Vector {
	if constant {
		rows = 1
	}
	bits := make([]byte, (rows+7)/8)
	valid := make([]byte, len(bits))
	for i := range bits {
		valid[i] = stopped[i] | ^null[i]
		bits[i] = stopped[i]
		if n.stopAt == batch.False {
			bits[i] = ^(stopped[i] | null[i])
		}
	}
	return batch.Vector{Array: batch.FromBits(bits, rows, valid), Const: constant}
}

// not negates; NULL stays NULL.
type not struct{ arg node }

func (n *not) eval(f *frame) (batch.Vector, error) {
	v, err := n.arg.eval(f)
	if err != nil {
		return batch.Vector{}, err
	}
	b, ok := v.Array.(*array.Boolean)
	if !ok {
		return v, nil
	}
	bits := batch.TrueBits(v)
	invert(bits)
	return batch.Vector{Array: batch.FromBits(bits, b.Len(), arrowdata.Validity(b)), Const: v.Const}, nil
}

// isNull is IS NULL.
type isNull struct{ arg node }

func (n *isNull) eval(f *frame) (batch.Vector, error) {
	v, err := n.arg.eval(f)
	if err != nil {
		return batch.Vector{}, err
	}
	rows := v.Array.Len()
	bits := make([]byte, (rows+7)/8)
	if valid := arrowdata.Validity(v.Array); valid != nil {
		for i := range bits {
			bits[i] = ^valid[i]
		}
	}
	return batch.Vector{Array: batch.FromBits(bits, rows, nil), Const: v.Const}, nil
}
