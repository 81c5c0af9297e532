package expr

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// pieces collects the values of disjoint sets of rows into one column.
type pieces struct {
	arrays []arrow.Array
	idx    []int32 // position in the joined arrays by row; -1 is NULL
	joined int     // length of arrays
}

func newPieces(rows int) *pieces {
	p := &pieces{idx: make([]int32, rows)}
	for i := range p.idx {
		p.idx[i] = -1
	}
	return p
}

// add sets row to[i] to the value from[i] of v; a nil from means 0, 1, 2….
func (p *pieces) add(v batch.Vector, from, to []int32) {
	if v.Array.DataType().ID() == arrow.NULL {
		return // the rows are already NULL
	}
	for i, row := range to {
		switch {
		case v.Const:
			p.idx[row] = int32(p.joined)
		case from == nil:
			p.idx[row] = int32(p.joined + i)
		default:
			p.idx[row] = int32(p.joined) + from[i]
		}
	}
	p.arrays = append(p.arrays, v.Array)
	p.joined += v.Array.Len()
}

func (p *pieces) vector(f *frame, dt arrow.DataType) batch.Vector {
	if len(p.arrays) == 0 {
		return batch.Vector{Array: batch.Nulls(dt, 1), Const: true}
	}
	return batch.Vector{Array: f.env.Take(f.env.Concat(p.arrays), p.idx)}
}

// vectorOf is vector with a cache of joined dictionaries.
func (p *pieces) vectorOf(f *frame, dt arrow.DataType, known *dictionaries) (batch.Vector, error) {
	if len(p.arrays) > 1 {
		joined, err := known.join(f, p.arrays, p.joined)
		if err != nil {
			return batch.Vector{}, err
		}
		if joined != nil {
			return batch.Vector{Array: f.env.Take(joined, p.idx)}, nil
		}
	}
	return p.vector(f, dt), nil
}

// coalesce is the first argument that is not NULL.
type coalesce struct {
	args    []node
	returns arrow.DataType
	known   dictionaries
}

func (n *coalesce) eval(f *frame) (batch.Vector, error) {
	first, err := n.args[0].eval(f)
	if err != nil {
		return batch.Vector{}, err
	}
	if v, ok, err := n.orConstant(f, first); ok || err != nil {
		return v, err
	}
	return n.evalRest(f, first)
}

// orConstant is coalesce(first, constant) for values of fixed width. It returns false for any other n.
func (n *coalesce) orConstant(f *frame, first batch.Vector) (v batch.Vector, ok bool, err error) {
	if len(n.args) != 2 || first.Const || !batch.IsFixed(n.returns) || first.Array.DataType().ID() != n.returns.ID() {
		return v, false, nil
	}
	c, ok := n.args[1].(*constant)
	if !ok || arrowdata.IsNull(c.value.Array, 0) {
		return v, false, nil
	}
	if first.Array.NullN() == 0 {
		return first, true, nil
	}
	if err := f.env.Grow(batch.ArrayBytes(first.Array)); err != nil {
		return v, false, err
	}
	return batch.Vector{Array: batch.WithoutNulls(first.Array, c.value.Array)}, true, nil
}

// evalRest is eval after the first argument has been computed.
func (n *coalesce) evalRest(f *frame, v batch.Vector) (batch.Vector, error) {
	open, rows := f, allRows(f.rows)
	out := newPieces(f.rows)
	for i, arg := range n.args {
		err := f.env.Worked(f.rows)
		if err != nil {
			return batch.Vector{}, err
		}
		if i > 0 {
			if v, err = arg.eval(open); err != nil {
				return batch.Vector{}, err
			}
		}
		left := nullRows(v, rows)
		if len(left) == 0 && len(rows) == f.rows {
			return v, nil
		}
		if filled, ok := out.fill(v); ok {
			return filled, nil
		}
		if len(left) < len(rows) {
			out.add(v, nil, rows) // later arguments overwrite its NULLs
		}
		if len(left) == 0 {
			break
		}
		if len(left) < len(rows) {
			open, rows = f.narrow(left), left
		}
	}
	return out.vectorOf(f, n.returns, &n.known)
}

// fill sets the rows without a value to empty lists or maps. There must be a single piece with one value for each
// row, whose NULLs have no elements: then only its validity changes. fill returns false if v is not an empty list
// or map, or the pieces do not allow it.
func (p *pieces) fill(v batch.Vector) (batch.Vector, bool) {
	if !v.Const || len(p.arrays) != 1 || p.joined != len(p.idx) || v.Array.DataType().ID() != p.arrays[0].DataType().ID() {
		return batch.Vector{}, false
	}
	filled, ok := batch.NullsAsEmpty(p.arrays[0], v.Array)
	return batch.Vector{Array: filled}, ok
}

// nullRows returns the rows for which v is NULL. Value i of v belongs to rows[i].
func nullRows(v batch.Vector, rows []int32) []int32 {
	switch {
	case v.Array.DataType().ID() == arrow.NULL, v.Const && arrowdata.IsNull(v.Array, 0):
		return rows
	case v.Const:
		return nil
	}
	valid := arrowdata.Validity(v.Array)
	if valid == nil {
		return nil
	}
	left := make([]int32, 0, len(rows)-arrowdata.CountBits(valid, len(rows)))
	for i, row := range rows {
		if !arrowdata.IsSet(valid, i) {
			left = append(left, row)
		}
	}
	return left
}

// nullIf is a, or NULL where a = b.
type nullIf struct {
	a, b node
	t    *types.Type
}

func (n *nullIf) eval(f *frame) (batch.Vector, error) {
	a, err := n.a.eval(f)
	if err != nil {
		return batch.Vector{}, err
	}
	b, err := n.b.eval(f)
	if err != nil {
		b, err = evalBesideNulls(f, n.b, arrowtype.Of(n.t), []batch.Vector{a}, err)
	}
	if err != nil {
		return batch.Vector{}, err
	}
	equal := batch.Equality(n.t, a.Array, b.Array)
	if a.Const && b.Const {
		if equal(0, 0) == batch.True {
			return batch.Vector{Array: batch.Take(a.Array, []int32{-1}), Const: true}, nil
		}
		return a, nil
	}
	idx := make([]int32, f.rows)
	for i := range idx {
		idx[i] = int32(a.At(i))
		if equal(a.At(i), b.At(i)) == batch.True {
			idx[i] = -1
		}
	}
	return batch.Vector{Array: f.env.Take(a.Array, idx)}, nil
}
