package expr

import (
	"slices"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// in compiles x IN (items): a set if all items are constants, else one comparison after another.
func (c *compiler) in(e *plan.Special) (node, error) {
	if n, err := c.inRows(e); n != nil || err != nil {
		return n, err
	}
	x, err := c.compile(e.Args[0])
	if err != nil {
		return nil, err
	}
	t := e.Args[0].Type()
	values := make([]types.Value, 0, len(e.Args)-1)
	for _, item := range e.Args[1:] {
		constant, ok := item.(*plan.Const)
		if !ok {
			return c.inComputed(e, x)
		}
		values = append(values, constant.Value)
	}
	items, err := function.ArrayOf(t, values)
	if err != nil {
		return nil, err
	}
	return &call{
		fn:      &types.Resolved{Signature: inSignature, Args: []*types.Type{t}, Return: types.BooleanType},
		impl:    &function.Impl{Kernel: inKernel(t, items)},
		returns: arrowtype.Of(types.BooleanType),
		args:    []node{x},
		fixed:   make([]bool, 1),
	}, nil
}

// inComputed compiles x IN (items) if an item is not a constant. As in Trino, items that are the same for every row
// are computed even if another item would match. Constants are compared first, then the others from the last to the
// first. The order matters only if an item fails.
func (c *compiler) inComputed(e *plan.Special, x node) (node, error) {
	n := &in{x: x, t: e.Args[0].Type()}
	var others []node
	for _, arg := range e.Args[1:] {
		item, err := c.compile(arg)
		if err != nil {
			return nil, err
		}
		if !readsColumns(arg) {
			n.fixed = append(n.fixed, item)
		}
		if _, ok := item.(*constant); ok {
			n.items = append(n.items, item)
		} else {
			others = append(others, item)
		}
	}
	slices.Reverse(others)
	n.items = append(n.items, others...)
	return n, nil
}

var inSignature = &types.Signature{Name: "in"}

// in compares with items that are not all constants. An item is computed for the rows that no earlier item matched.
type in struct {
	x     node
	items []node
	fixed []node // the items that read no column
	t     *types.Type
}

func (n *in) eval(f *frame) (batch.Vector, error) {
	x, err := n.x.eval(f)
	if err != nil {
		return batch.Vector{}, err
	}
	found, null := make([]byte, (f.rows+7)/8), make([]byte, (f.rows+7)/8)
	open, rows := f, make([]int32, 0, f.rows) // no item is computed for rows in which x is NULL
	for i := range f.rows {
		if arrowdata.IsNull(x.Array, x.At(i)) {
			arrowdata.SetBit(null, i)
		} else {
			rows = append(rows, int32(i))
		}
	}
	if len(rows) < f.rows {
		open = f.narrow(rows)
	}
	for _, item := range n.fixed {
		if len(rows) == 0 {
			break
		}
		if err := f.env.Worked(f.rows); err != nil {
			return batch.Vector{}, err
		}
		if _, err := item.eval(open); err != nil {
			return batch.Vector{}, err
		}
	}
	for _, item := range n.items {
		if len(rows) == 0 {
			break
		}
		v, err := item.eval(open)
		if err == nil {
			err = f.env.Worked(f.rows)
		}
		if err != nil {
			return batch.Vector{}, err
		}
		equal := batch.Equality(n.t, x.Array, v.Array)
		var left []int32
		for i, r := range rows {
			switch equal(x.At(int(r)), v.At(i)) {
			case batch.True:
				arrowdata.SetBit(found, int(r))
				continue
			case batch.Unknown:
				arrowdata.SetBit(null, int(r))
			}
			left = append(left, r)
		}
		if len(left) < len(rows) {
			open, rows = f.narrow(left), left
		}
	}
	valid := make([]byte, len(found))
	for i := range valid {
		valid[i] = found[i] | ^null[i]
	}
	return batch.Vector{Array: batch.FromBits(found, f.rows, valid)}, nil
}

// readsColumns reports whether the value of e may differ from row to row.
func readsColumns(e plan.Expr) bool {
	switch e := e.(type) {
	case *plan.Const:
		return false
	case *plan.Call:
		return e.Fn.NonDeterministic || anyReads(e.Args)
	case *plan.Cast:
		return readsColumns(e.Arg)
	case *plan.Special:
		return anyReads(e.Args)
	case *plan.FieldOf:
		return readsColumns(e.Arg)
	}
	return true
}

func anyReads(list []plan.Expr) bool {
	for _, e := range list {
		if readsColumns(e) {
			return true
		}
	}
	return false
}
