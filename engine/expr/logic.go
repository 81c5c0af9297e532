package expr

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/plan"
)

// andOr is AND (stopAt False) or OR (stopAt True). It computes an argument only for the rows that no earlier
// argument decided, unless its value is known for all.
type andOr struct {
	args   []node
	stopAt batch.Truth
}

func (n *andOr) eval(f *frame) (batch.Vector, error) {
	open, null := openAll(f), arrowdata.NewBitmap(f.rows)
	constant := true
	for _, arg := range n.args {
		v, rows, err := open.compute(arg)
		if err != nil {
			return batch.Vector{}, err
		}
		constant = constant && v.Const
		count := f.rows
		if rows != nil {
			count = len(rows)
		}
		stops, unknown := n.truths(v, count)
		open.close(rows, stops)
		if unknown != nil {
			mark(null, rows, unknown)
		}
		if open.count == 0 {
			break
		}
	}
	invert(open.bits)
	return n.result(f.rows, open.bits, null, constant), nil
}

// mark sets the bits of whole that bits marks. Bit i stands for rows[i]; nil rows are all rows.
func mark(whole []byte, rows []int32, bits []byte) {
	if rows == nil {
		for i := range whole {
			whole[i] |= bits[i]
		}
		return
	}
	for i, row := range rows {
		whole[row>>3] |= bits[i>>3] >> (i & 7) & 1 << (row & 7)
	}
}

// truths returns which of the rows v decides, and for which v is NULL, nil for none.
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
	return negated(v), nil
}

func negated(v batch.Vector) batch.Vector {
	b, ok := v.Array.(*array.Boolean)
	if !ok {
		return v
	}
	bits := batch.TrueBits(v)
	invert(bits)
	return batch.Vector{Array: batch.FromBits(bits, b.Len(), arrowdata.Validity(b)), Const: v.Const}
}

// isNull is IS NULL.
type isNull struct{ arg node }

func (n *isNull) eval(f *frame) (batch.Vector, error) {
	v, err := n.arg.eval(f)
	if err != nil {
		return batch.Vector{}, err
	}
	return nullsOf(v), nil
}

// nullOfAll compiles COALESCE(x, y) IS NULL as x IS NULL AND y IS NULL, if nothing else uses the COALESCE: no value
// is then chosen for a row. e is the argument of IS NULL. If e is anything else, nullOfAll returns nil.
func (c *compiler) nullOfAll(e plan.Expr) (node, error) {
	coalesce, ok := e.(*plan.Special)
	if !ok || coalesce.Form != plan.Coalesce || len(c.scopes) == 0 && c.shared.timesOf(e) > 1 {
		return nil, nil
	}
	args, err := c.compileAll(coalesce.Args)
	if err != nil {
		return nil, err
	}
	for i, arg := range args {
		args[i] = &isNull{arg}
	}
	return &andOr{args: args, stopAt: batch.False}, nil
}

// nullsOf returns a boolean vector that is true where v is NULL.
func nullsOf(v batch.Vector) batch.Vector {
	rows := v.Array.Len()
	bits := arrowdata.NewBitmap(rows)
	if valid := arrowdata.Validity(v.Array); valid != nil {
		copy(bits, valid)
		invert(bits)
	}
	return batch.Vector{Array: batch.FromBits(bits, rows, nil), Const: v.Const}
}
