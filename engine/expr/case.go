package expr

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

// caseWhen is CASE and IF. It computes a condition for the rows that no earlier condition took, and a value for the
// rows that its condition took.
type caseWhen struct {
	conditions, values []node
	otherwise          node // nil: NULL
	returns            arrow.DataType
	known              dictionaries
}

// newCase returns the node of a CASE: a constantCase if its values are constants.
func newCase(args []node, returns arrow.DataType) node {
	n := &caseWhen{returns: returns}
	for i := 0; i+1 < len(args); i += 2 {
		n.conditions = append(n.conditions, args[i])
		n.values = append(n.values, args[i+1])
	}
	if len(args)%2 == 1 {
		n.otherwise = args[len(args)-1]
	}
	if choice := newConstantCase(n); choice != nil {
		return choice
	}
	return n
}

func (n *caseWhen) eval(f *frame) (batch.Vector, error) {
	open, out := openAll(f), newPieces(f.rows)
	for i, condition := range n.conditions {
		taken, err := open.divide(condition)
		if err != nil {
			return batch.Vector{}, err
		}
		if len(taken) == f.rows {
			return n.values[i].eval(f)
		}
		if len(taken) > 0 {
			v, err := n.values[i].eval(f.narrow(taken))
			if err != nil {
				return batch.Vector{}, err
			}
			out.add(v, nil, taken)
		}
		if open.count == 0 {
			return out.vectorOf(f, n.returns, &n.known)
		}
	}
	if n.otherwise == nil {
		return out.vectorOf(f, n.returns, &n.known)
	}
	inner, rows := open.frame()
	v, err := n.otherwise.eval(inner)
	if err != nil || rows == nil {
		return v, err
	}
	out.add(v, nil, rows)
	return out.vectorOf(f, n.returns, &n.known)
}

// divide returns the open rows for which condition is true, and closes them.
func (o *openRows) divide(condition node) (taken []int32, err error) {
	v, rows, err := o.compute(condition)
	if err != nil {
		return nil, err
	}
	bits := batch.TrueBits(v)
	if v.Const {
		if !arrowdata.IsSet(bits, 0) {
			return nil, nil
		}
		taken, o.count = o.list(), 0
		return taken, nil
	}
	taken = o.among(rows, bits)
	o.close(rows, bits)
	return taken, nil
}

// constantCase is a CASE whose values are constants. Value 0 is the one without a condition.
type constantCase struct {
	conditions []node
	values     []batch.Vector
	choices    arrow.Array // the values in order
}

// newConstantCase returns nil if n is not such a CASE.
func newConstantCase(n *caseWhen) *constantCase {
	out := &constantCase{conditions: n.conditions, values: []batch.Vector{{Array: batch.Nulls(n.returns, 1), Const: true}}}
	if n.otherwise != nil {
		c, ok := n.otherwise.(*constant)
		if !ok {
			return nil
		}
		out.values[0] = c.value
	}
	for _, value := range n.values {
		c, ok := value.(*constant)
		if !ok {
			return nil
		}
		out.values = append(out.values, c.value)
	}
	if !out.join(n.returns) {
		return nil
	}
	return out
}

// maxChoicesBytes limits the size of the joined values of a CASE. They are not accounted.
const maxChoicesBytes = 1 << 20

// join builds choices from the values, which are of type returns or of the unknown type. It reports whether choose
// can use them.
func (n *constantCase) join(returns arrow.DataType) bool {
	if len(n.values) > math.MaxUint8 || !isChosenByNumber(returns) {
		return false
	}
	arrays, size := make([]arrow.Array, len(n.values)), int64(0)
	for i, v := range n.values {
		if v.Array.DataType().ID() == arrow.NULL {
			n.values[i].Array = batch.Nulls(returns, 1)
		}
		arrays[i] = n.values[i].Array
		size += batch.ArrayBytes(arrays[i])
	}
	if size > maxChoicesBytes {
		return false
	}
	n.choices = batch.Concat(arrays)
	return true
}

// isChosenByNumber reports whether choose can build columns of a type.
func isChosenByNumber(dt arrow.DataType) bool {
	switch dt.ID() {
	case arrow.BOOL, arrow.STRING:
		return true
	case arrow.FIXED_SIZE_BINARY:
		return false
	}
	fixed, ok := dt.(arrow.FixedWidthDataType)
	return ok && fixed.BitWidth() >= 8
}

// castConstants returns the node of a cast. If the cast is of a CASE whose values are constants, that is a CASE of
// the cast values, unless casting one of them fails.
func (c *compiler) castConstants(cast *call) node {
	arg, ok := cast.args[0].(settled)
	if !ok || cast.fn.NonDeterministic {
		return cast
	}
	of, ok := arg.node.(*constantCase)
	if !ok {
		return cast
	}
	out := &constantCase{conditions: of.conditions, values: make([]batch.Vector, len(of.values))}
	for i, value := range of.values {
		one := &call{fn: cast.fn, impl: cast.impl, returns: cast.returns, args: []node{&constant{value}}, fixed: []bool{true}}
		v, err := one.eval(&frame{env: c.env, rows: 1})
		if err != nil || !v.Const {
			return cast
		}
		out.values[i] = v
	}
	if !out.join(cast.returns) {
		return cast
	}
	return settled{out}
}

func (n *constantCase) eval(f *frame) (batch.Vector, error) {
	const widest = 16 + 1 // bytes of a value and its number
	if err := f.env.Grow(int64(f.rows) * widest); err != nil {
		return batch.Vector{}, err
	}
	numbers, of, err := valueNumbers(f, n.conditions)
	if err != nil {
		return batch.Vector{}, err
	}
	if numbers == nil {
		return n.values[of], nil
	}
	return batch.Vector{Array: choose(n.choices, numbers)}, nil
}

// valueNumbers returns for each row the position of the first condition that is true plus one, 0 if none is. If it
// is the same for all rows, valueNumbers returns nil and that number.
func valueNumbers(f *frame, conditions []node) (numbers []uint8, ofAll int, err error) {
	open, numbers := openAll(f), make([]uint8, f.rows)
	for i, condition := range conditions {
		taken, err := open.divide(condition)
		if err != nil {
			return nil, 0, err
		}
		if len(taken) == f.rows {
			return nil, i + 1, nil
		}
		for _, row := range taken {
			numbers[row] = uint8(i + 1)
		}
		if open.count == 0 {
			break
		}
	}
	if open.count == f.rows {
		return nil, 0, nil
	}
	return numbers, 0, nil
}

// choose returns the choices at the given numbers, texts as a dictionary.
func choose(choices arrow.Array, numbers []uint8) arrow.Array {
	dt, valid := choices.DataType(), chosenValid(choices, numbers)
	switch dt.ID() {
	case arrow.BOOL:
		bits := arrowdata.NewBitmap(len(numbers))
		chooseBits(bits, batch.TrueBits(batch.Vector{Array: choices}), numbers)
		return batch.FromBits(bits, len(numbers), valid)
	case arrow.STRING:
		codes := make([]int32, len(numbers))
		for i, number := range numbers {
			codes[i] = int32(number)
		}
		return batch.FromCodes(codes, valid, withoutNulls(choices))
	}
	switch dt.(arrow.FixedWidthDataType).BitWidth() {
	case 8:
		return chooseValues[uint8](choices, numbers, valid)
	case 16:
		return chooseValues[uint16](choices, numbers, valid)
	case 32:
		return chooseValues[uint32](choices, numbers, valid)
	case 64:
		return chooseValues[uint64](choices, numbers, valid)
	}
	return chooseValues[[2]uint64](choices, numbers, valid)
}

func chooseValues[T any](choices arrow.Array, numbers []uint8, valid []byte) arrow.Array {
	var values [math.MaxUint8 + 1]T
	copy(values[:], batch.Values[T](choices))
	out := make([]T, len(numbers))
	for i, number := range numbers {
		out[i] = values[number]
	}
	return batch.FromValues(choices.DataType(), out, valid)
}

// chosenValid marks the rows whose choice is not NULL, nil for all.
func chosenValid(choices arrow.Array, numbers []uint8) []byte {
	valid := arrowdata.Validity(choices)
	if valid == nil {
		return nil
	}
	out := arrowdata.NewBitmap(len(numbers))
	chooseBits(out, valid, numbers)
	return out
}

// chooseBits sets bit i of bits if choices has bit numbers[i].
func chooseBits(bits, choices []byte, numbers []uint8) {
	for i, number := range numbers {
		bits[i>>3] |= choices[number>>3] >> (number & 7) & 1 << (i & 7)
	}
}

// withoutNulls turns NULLs into texts with arbitrary content.
func withoutNulls(texts arrow.Array) arrow.Array {
	if texts.NullN() == 0 {
		return texts
	}
	offsets, data := batch.Text(texts)
	return batch.FromText(texts.DataType(), offsets, data, nil)
}
