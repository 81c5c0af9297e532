package expr

import (
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
	size := (f.rows + 7) / 8
	stopped, null := make([]byte, size), make([]byte, size)
	open, rows := f, []int32(nil) // rows: row of f by row of open, nil for the same
	constant := true
	for _, arg := range n.args {
		v, err := arg.eval(open)
		if err != nil {
			return batch.Vector{}, err
		}
		constant = constant && v.Const
		left := n.decide(v, open.rows, rows, stopped, null)
		if len(left) == 0 {
			break
		}
		if len(left) < open.rows {
			open, rows = f.narrow(left), left
		}
	}
	return n.result(f.rows, stopped, null, constant), nil
}

// decide notes the truth of v for the open rows and returns those of them, as
// rows of the whole frame, that are still open.
func (n *andOr) decide(v batch.Vector, count int, rows []int32, stopped, null []byte) []int32 {
	left := make([]int32, 0, count)
	truths := truthReader(v)
	for i := range count {
		row := int32(i)
		if rows != nil {
			row = rows[i]
		}
		t := truths(i)
		if t == n.stopAt {
			arrowdata.SetBit(stopped, int(row))
			continue
		}
		if t == batch.Unknown {
			arrowdata.SetBit(null, int(row))
		}
		left = append(left, row)
	}
	return left
}

// truthReader reads a boolean vector by row.
func truthReader(v batch.Vector) func(i int) batch.Truth {
	b, ok := v.Array.(*array.Boolean)
	if !ok {
		return func(int) batch.Truth { return batch.Unknown }
	}
	read := func(i int) batch.Truth {
		switch {
		case b.IsNull(i):
			return batch.Unknown
		case b.Value(i):
			return batch.True
		}
		return batch.False
	}
	if v.Const {
		t := read(0)
		return func(int) batch.Truth { return t }
	}
	return read
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
	bits := trueBits(v)
	for i := range bits {
		bits[i] = ^bits[i]
	}
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
