package expr

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// ofColumn is an expression of a single column of texts in which functions over dictionaries do not suffice. It has
// a function that takes the column in several arguments, as substr(x, strpos(x, '/') + 1), or a CASE with the
// column in several places. If the column is a dictionary, the expression is computed once for each of its texts,
// or for those that rows have.
type ofColumn struct {
	node
	column  *ref
	answers answers
	// isPartial: it failed for a value of a dictionary. isByRow: it failed for a value that rows have, or these had
	// too many values.
	isPartial, isByRow atomic.Bool

	askNull      sync.Once
	isNullOfNull bool // set by askNull: the result is NULL if the column is
}

// ofColumn compiles an expression as an ofColumn. It returns nil for other expressions, and inside an ofColumn.
func (c *compiler) ofColumn(e plan.Expr) (node, error) {
	if c.isInOfColumn || len(c.scopes) > 0 {
		return nil, nil
	}
	facts := c.readsOf(e)
	if facts.isMixed || !facts.joinsItself && !facts.chooses {
		return nil, nil
	}
	read, err := c.ref(facts.column)
	if err != nil {
		return nil, err
	}
	c.isInOfColumn = true
	defer func() { c.isInOfColumn = false }()
	n, err := c.compileWhole(e)
	return &ofColumn{node: n, column: read}, err
}

// reads describes what an expression reads.
type reads struct {
	column *plan.Ref // nil: no column
	// isMixed: it reads several columns or types other than varchar, or is not deterministic.
	isMixed bool
	// joinsItself: a function takes the column in several of its arguments, or takes the result of such a function.
	// Other expressions, except a CASE, are computed for a dictionary step by step.
	joinsItself bool
	// chooses: it has a CASE with the column in several places, whose conditions would else be computed for each
	// row.
	chooses bool
	// columns are all columns it reads. nested are those of them from which it builds arrays, maps or rows.
	columns, nested []*plan.Ref
	// isOther: it reads too many columns or columns that may have many values, or is not deterministic.
	isOther bool
}

// addRef returns columns plus ref, unless it is among them.
func addRef(columns []*plan.Ref, ref *plan.Ref) []*plan.Ref {
	if slices.ContainsFunc(columns, func(c *plan.Ref) bool { return c.Column.ID == ref.Column.ID }) {
		return columns
	}
	return append(slices.Clip(columns), ref)
}

// add adds what a part of an expression reads. If isOther is set, no columns are listed.
func (r *reads) add(of reads) {
	if r.isOther = r.isOther || of.isOther; r.isOther {
		r.columns, r.nested = nil, nil
		return
	}
	for _, ref := range of.columns {
		r.columns = addRef(r.columns, ref)
	}
	for _, ref := range of.nested {
		r.nested = addRef(r.nested, ref)
	}
	r.isOther = len(r.columns) > maxCombinedColumns
}

// readsOf returns what e reads. Results are cached by expression.
func (c *compiler) readsOf(e plan.Expr) reads {
	if known, ok := c.reads[e]; ok {
		return known
	}
	var r reads
	isCall, isCase, places := false, false, 0
	switch e := e.(type) {
	case *plan.Ref:
		r.column, r.isMixed = e, e.Type().Kind != types.Varchar
		r.columns, r.isOther = []*plan.Ref{e}, !isCombined(e.Type())
	case *plan.Lambda:
		r.isMixed, r.isOther = true, true
	case *plan.Call:
		isCall, r.isMixed, r.isOther = true, e.Fn.NonDeterministic, e.Fn.NonDeterministic
	case *plan.Cast:
		isCall = true
	case *plan.Special:
		isCase = e.Form == plan.Case || e.Form == plan.If
	}
	for _, child := range plan.Children(e) {
		of := c.readsOf(child)
		r.add(of)
		r.isMixed = r.isMixed || of.isMixed || r.column != nil && of.column != nil && r.column.Column.ID != of.column.Column.ID
		if of.column != nil {
			places++
			r.chooses = r.chooses || of.chooses || isCase && places > 1
			r.joinsItself = isCall && (of.joinsItself || r.column != nil)
			r.column = of.column
		}
	}
	if isNested(e.Type()) {
		r.nested = r.columns
	}
	if c.reads == nil {
		c.reads = map[plan.Expr]reads{}
	}
	c.reads[e] = r
	return r
}

func (n *ofColumn) eval(f *frame) (batch.Vector, error) {
	v, err := n.column.eval(f)
	if err != nil {
		return v, err
	}
	column, ok := v.Array.(*array.Dictionary)
	if !ok || v.Const || n.isByRow.Load() {
		return n.node.eval(f)
	}
	held := f.env.Held()
	v, ok, err = n.overDictionary(f, column)
	if err != nil {
		return v, err
	}
	if !ok {
		return n.node.eval(f)
	}
	return v, f.env.SettleResult(held, v)
}

// overDictionary computes the expression once for each value of a dictionary. It declines as call.overDictionary
// does.
func (n *ofColumn) overDictionary(f *frame, column *array.Dictionary) (batch.Vector, bool, error) {
	valid := arrowdata.Validity(column)
	if valid != nil && !n.givesNull(f.env) {
		return n.overUsed(f, column)
	}
	dictionary := column.Dictionary()
	answer := n.answers.find(dictionary.Data())
	if answer == nil {
		if dictionary.Len() > maxDictionaryRatio*f.rows || n.isPartial.Load() {
			return n.overUsed(f, column)
		}
		var err error
		if answer, err = n.answers.compute(f.env, dictionary, func(texts arrow.Array) (batch.Vector, error) { return n.over(f.env, texts) }); err != nil {
			n.isPartial.Store(true) // the next dictionary may have such a value, too
			if err := f.env.Stopped(); err != nil {
				return batch.Vector{}, false, err
			}
			return n.overUsed(f, column)
		}
	}
	return answer.spread(f.env, batch.Codes(column), valid, dictionary.Len()), true, nil
}

// overUsed computes the expression once for each value that rows have, including NULL.
func (n *ofColumn) overUsed(f *frame, column *array.Dictionary) (batch.Vector, bool, error) {
	if f.rows < minRowsToCombine {
		return batch.Vector{}, false, nil
	}
	return f.overFirsts([]arrow.Array{column}, &n.isByRow, func(firsts []int32) (batch.Vector, error) {
		return n.over(f.env, f.env.Decode(f.env.Take(column, firsts)))
	})
}

// over computes the expression for texts.
func (n *ofColumn) over(env *function.Env, texts arrow.Array) (batch.Vector, error) {
	columns := make([]batch.Vector, n.column.index+1)
	columns[n.column.index].Array = texts
	v, err := n.node.eval(&frame{env: env, rows: texts.Len(), levels: []level{{columns: columns}}})
	if err == nil {
		v.Array = env.Decode(v.Array)
	}
	return v, err
}

// givesNull reports whether the expression is NULL if the column is.
func (n *ofColumn) givesNull(env *function.Env) bool {
	n.askNull.Do(func() {
		v, err := n.over(env, batch.Nulls(arrow.BinaryTypes.String, 1))
		n.isNullOfNull = err == nil && arrowdata.IsNull(v.Array, 0)
	})
	return n.isNullOfNull
}
