// Package expr compiles typed plan expressions to trees of kernels over Arrow columns. Every value is computed a
// column at a time over dense rows: a selection is applied to the columns that an expression reads, not to its
// steps.
package expr

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
)

// Evaluator is a compiled expression. It is safe for concurrent use.
type Evaluator interface {
	// Eval computes the expression for the live rows of b. The result is dense (row i is the i-th live row) or
	// Const. User errors are *types.Error. Eval accounts the memory that it needs while it runs; the caller
	// accounts the result.
	Eval(b *batch.Batch) (batch.Vector, error)
	// Filter returns the live rows of b for which the boolean expression is true, ascending; nil if these are all
	// rows of b. A conjunct sees only the rows that the conjuncts before it kept.
	Filter(b *batch.Batch) ([]int32, error)
}

// node is a compiled step. eval returns its value for the rows of a frame. A node guards state that calls share.
type node interface {
	eval(f *frame) (batch.Vector, error)
}

type evaluator struct {
	root      node
	returns   arrow.DataType
	conjuncts []node // root split at AND
	parts     int    // the number of shared parts
	env       *function.Env
}

func (e *evaluator) Eval(b *batch.Batch) (v batch.Vector, err error) {
	defer batch.Recover(&err)
	f := newFrame(e.env, b, b.Sel)
	f.shareParts(e.parts)
	defer f.close()
	return e.eval(b, f)
}

// eval computes the expression for f, a frame of the live rows of b.
func (e *evaluator) eval(b *batch.Batch, f *frame) (v batch.Vector, err error) {
	if f.rows == 0 { // not even a constant may raise its error
		return batch.Vector{Array: batch.Nulls(e.returns, 0)}, nil
	}
	f.env = e.env.Metered()
	defer f.env.Close()
	if v, err = e.root.eval(f); err != nil {
		err = inRowOrder(b, err, func(row []int32) error {
			_, err := e.root.eval(newFrame(f.env, b, row))
			return err
		})
	}
	return v, err
}

// List is a list of expressions over the same batches. It is safe for concurrent use.
type List struct {
	items []*evaluator
	parts int
	env   *function.Env
}

// CodeLists lets item i return lists whose texts are a dictionary. An UNNEST then neither copies nor reads equal
// texts of many rows.
func (l *List) CodeLists(i int) {
	if n, ok := l.items[i].root.(*call); ok {
		n.codesLists = true
	}
}

// Eval computes the expressions one after another, as Evaluator.Eval does.
func (l *List) Eval(b *batch.Batch) (columns []batch.Vector, err error) {
	defer batch.Recover(&err)
	f := newFrame(l.env, b, b.Sel)
	f.shareParts(l.parts)
	defer f.close()
	columns = make([]batch.Vector, len(l.items))
	for i, item := range l.items {
		if columns[i], err = item.eval(b, f); err != nil {
			return nil, err
		}
	}
	return columns, nil
}

func (e *evaluator) Filter(b *batch.Batch) (sel []int32, err error) {
	defer batch.Recover(&err)
	env := e.env.Metered()
	defer env.Close()
	if sel, err = e.filter(env, b, b.Sel); err != nil {
		err = inRowOrder(b, err, func(row []int32) error {
			_, err := e.filter(env, b, row)
			return err
		})
	}
	return sel, err
}

// filter returns the rows of sel (nil: all) that pass all conjuncts.
func (e *evaluator) filter(env *function.Env, b *batch.Batch, sel []int32) ([]int32, error) {
	for _, c := range e.conjuncts {
		var err error
		if sel, err = filter(env, c, b, sel, e.parts); err != nil {
			return nil, err
		}
		if sel != nil && len(sel) == 0 {
			return sel, nil
		}
	}
	return sel, nil
}

// inRowOrder returns the error of the first row of b that fails. The evaluation of the whole batch, call by call,
// may have met another row's error.
func inRowOrder(b *batch.Batch, met error, evaluate func(row []int32) error) error {
	if function.EndsStatement(met) {
		return met
	}
	rows := b.Len
	if b.Sel != nil {
		rows = len(b.Sel)
	}
	for i := range rows {
		row := int32(i)
		if b.Sel != nil {
			row = b.Sel[i]
		}
		if err := evaluate([]int32{row}); err != nil {
			return err
		}
	}
	return met
}

// filter returns the rows of sel (nil: all) for which n is true.
func filter(env *function.Env, n node, b *batch.Batch, sel []int32, parts int) ([]int32, error) {
	f := newFrame(env, b, sel)
	f.shareParts(parts)
	defer f.close()
	if f.rows == 0 {
		return []int32{}, nil
	}
	held := env.Held()
	v, err := n.eval(f)
	if err != nil {
		return nil, err
	}
	if err := env.Settle(held); err != nil {
		return nil, err
	}
	bits := batch.TrueBits(v)
	if v.Const {
		if bits[0]&1 == 0 {
			return []int32{}, nil
		}
		return sel, nil
	}
	kept := arrowdata.CountBits(bits, f.rows)
	switch {
	case kept == f.rows:
		return sel, nil
	case kept == 0:
		return []int32{}, nil
	}
	rows := arrowdata.AppendSetBits(make([]int32, 0, kept), bits, f.rows)
	if sel != nil {
		for i, r := range rows {
			rows[i] = sel[r]
		}
	}
	return rows, nil
}
