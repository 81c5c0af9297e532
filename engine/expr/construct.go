package expr

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// fieldOf reads a field of a row; a field of a NULL row is NULL.
type fieldOf struct {
	arg   node
	index int
}

func (n *fieldOf) eval(f *frame) (batch.Vector, error) {
	v, err := n.arg.eval(f)
	if err != nil {
		return batch.Vector{}, err
	}
	return batch.Vector{Array: batch.Field(v.Array, n.index), Const: v.Const}, nil
}

// evalAll computes several nodes; constant reports whether all results are Const.
func evalAll(f *frame, nodes []node) (out []batch.Vector, constant bool, err error) {
	out = make([]batch.Vector, len(nodes))
	constant = true
	for i, n := range nodes {
		if out[i], err = n.eval(f); err == nil {
			err = f.env.Worked(f.rows)
		}
		if err != nil {
			return nil, false, err
		}
		constant = constant && out[i].Const
	}
	return out, constant, nil
}

// makeRow is ROW(…).
type makeRow struct {
	args    []node
	returns *arrow.StructType
}

func (n *makeRow) eval(f *frame) (batch.Vector, error) {
	values, constant, err := evalAll(f, n.args)
	if err != nil {
		return batch.Vector{}, err
	}
	rows := f.rows
	if constant {
		rows = 1
	}
	fields := make([]arrow.Array, len(values))
	for i, v := range values {
		f.env.LookAfter(rows)
		fields[i] = f.env.Expand(v, rows)
	}
	return batch.Vector{Array: batch.FromFields(n.returns, rows, nil, fields), Const: constant}, nil
}

// makeArray is ARRAY[…].
type makeArray struct {
	args []node
	elem arrow.DataType
}

func (n *makeArray) eval(f *frame) (batch.Vector, error) {
	values, constant, err := evalAll(f, n.args)
	if err != nil {
		return batch.Vector{}, err
	}
	rows := f.rows
	if constant {
		rows = 1
	}
	if len(values) == 0 {
		return batch.Vector{Array: batch.FromLists([]int32{0, 0}, nil, batch.Nulls(n.elem, 0)), Const: true}, nil
	}
	if rows*len(values) > math.MaxInt32 {
		return batch.Vector{}, types.Errorf(types.ExceededMemoryLimit, types.Pos{}, "an array of %d elements is too long", len(values))
	}
	return batch.Vector{Array: interleave(f.env, values, rows), Const: constant}, nil
}
