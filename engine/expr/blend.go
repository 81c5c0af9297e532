package expr

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// blend is a CASE whose values can be computed of any row, which costs little: columns and constants of eight bytes, and sums, differences,
// products and quotients of doubles, which never fail. They are computed of all rows, each of which then takes one. That is quicker than to
// gather the rows of each value first.
type blend struct {
	conditions []node
	values     []node // number 0 is the one without a condition
	returns    arrow.DataType
}

// maxBlended is how many values are computed of all rows.
const maxBlended = 4

// newBlend returns nil where n is no such CASE.
func newBlend(n *caseWhen) *blend {
	fixed, ok := n.returns.(arrow.FixedWidthDataType)
	if !ok || fixed.BitWidth() != 64 || len(n.values) >= maxBlended {
		return nil
	}
	out := &blend{conditions: n.conditions, values: []node{n.otherwise}, returns: n.returns}
	if n.otherwise == nil {
		out.values[0] = &constant{batch.Vector{Array: batch.Nulls(n.returns, 1), Const: true}}
	}
	out.values = append(out.values, n.values...)
	for _, value := range out.values {
		if !isOfAnyRow(value) {
			return nil
		}
	}
	return out
}

// isOfAnyRow reports whether a value can be computed of every row, at little cost.
func isOfAnyRow(value node) bool {
	switch n := value.(type) {
	case *ref, *constant:
		return true
	case settled:
		return isOfAnyRow(n.node)
	case *call:
		switch n.fn.Name {
		case types.OpAdd, types.OpSubtract, types.OpMultiply, types.OpDivide:
		default:
			return false
		}
		for _, arg := range n.args {
			if !isOfAnyRow(arg) {
				return false
			}
		}
		return n.returns.ID() == arrow.FLOAT64
	}
	return false
}

func (n *blend) eval(f *frame) (batch.Vector, error) {
	if err := f.env.Grow(int64(f.rows) * int64(2+8*(1+len(n.values)))); err != nil {
		return batch.Vector{}, err
	}
	numbers, of, err := valueNumbers(f, n.conditions)
	if err != nil {
		return batch.Vector{}, err
	}
	if numbers == nil {
		return n.values[of].eval(f)
	}
	values, valid, hasNulls := make([][]uint64, len(n.values)), make([][]byte, len(n.values)), false
	for i, value := range n.values {
		v, err := value.eval(f)
		if err != nil {
			return batch.Vector{}, err
		}
		a := batch.Decode(batch.Expand(v, f.rows))
		values[i], valid[i] = batch.Values[uint64](a), arrowdata.Validity(a)
		hasNulls = hasNulls || valid[i] != nil
	}
	out := make([]uint64, f.rows)
	for row, number := range numbers {
		out[row] = values[number][row]
	}
	if !hasNulls {
		return batch.Vector{Array: batch.FromValues(n.returns, out, nil)}, nil
	}
	return batch.Vector{Array: batch.FromValues(n.returns, out, blendValid(numbers, valid))}, nil
}

// blendValid returns which rows take a value that is not NULL. valid has those of each value, nil for all.
func blendValid(numbers []uint8, valid [][]byte) []byte {
	out := arrowdata.NewBitmap(len(numbers))
	for row, number := range numbers {
		if of := valid[number]; of == nil || arrowdata.IsSet(of, row) {
			out[row>>3] |= 1 << (row & 7)
		}
	}
	return out
}
