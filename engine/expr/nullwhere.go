package expr

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

// nullWhere is IF(condition, NULL, value), which NULLIF may be, of a value of fixed width that cannot fail once the condition is computed for
// all rows: it is the column of values with NULLs besides its own.
type nullWhere struct {
	condition, value node
	returns          arrow.DataType
}

// newNullWhere returns nil where n is no such CASE.
func newNullWhere(n *caseWhen) *nullWhere {
	if len(n.values) != 1 || n.otherwise == nil || !batch.IsFixed(n.returns) {
		return nil
	}
	c, ok := n.values[0].(*constant)
	if !ok || !arrowdata.IsNull(c.value.Array, 0) || !isOfAnyRow(n.otherwise) && !isComputedBy(n.conditions[0], n.otherwise) {
		return nil
	}
	return &nullWhere{condition: n.conditions[0], value: n.otherwise, returns: n.returns}
}

// isComputedBy reports whether a value that several places have is an argument of n, a call that is NULL where another argument keeps the value
// from being computed.
func isComputedBy(n, value node) bool {
	of, ok := n.(*call)
	if !ok || of.fn.NullCalled {
		return false
	}
	if _, isShared := value.(*part); !isShared {
		return false
	}
	return slices.ContainsFunc(of.args, func(arg node) bool { return arg == value || isComputedBy(arg, value) })
}

func (n *nullWhere) eval(f *frame) (batch.Vector, error) {
	condition, err := n.condition.eval(f)
	if err != nil {
		return batch.Vector{}, err
	}
	isTrue := batch.TrueBits(condition)
	if condition.Const && arrowdata.IsSet(isTrue, 0) {
		return batch.Vector{Array: batch.Nulls(n.returns, 1), Const: true}, nil
	}
	v, err := n.value.eval(f)
	if err != nil || condition.Const {
		return v, err
	}
	return nullsWhere(f, v, isTrue), nil
}

// nullsWhere is a vector of fixed width with NULLs where isTrue has rows, besides its own.
func nullsWhere(f *frame, v batch.Vector, isTrue []byte) batch.Vector {
	if v.Const && arrowdata.IsNull(v.Array, 0) || arrowdata.CountBits(isTrue, f.rows) == 0 {
		return v
	}
	return batch.Vector{Array: batch.WithNulls(f.env.Expand(v, f.rows), isTrue)}
}
