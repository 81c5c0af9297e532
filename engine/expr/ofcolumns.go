package expr

import (
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// ofColumns is an expression that builds arrays, maps or rows of several columns and returns a plain value, such as
// json_format(CAST(MAP(ARRAY['n', 'r'], ARRAY[n, r]) AS json)). It is computed once for each combination of the
// columns' values, if few combinations occur. Functions over dictionaries cannot do this: an array, map or row has no
// dictionary. Benchmark question N179 takes 7 times the processor time without it, about twice DuckDB's time.
type ofColumns struct {
	node
	columns []*ref
	isByRow atomic.Bool // rows had too many combinations, or the expression failed for one
}

// maxCombinedColumns limits how many columns an ofColumns reads.
const maxCombinedColumns = 4

// ofColumns compiles an expression as an ofColumns. It returns nil for other expressions, and inside an ofColumn or
// an ofColumns.
func (c *compiler) ofColumns(e plan.Expr) (node, error) {
	if c.isInOfColumn || len(c.scopes) > 0 || isNested(e.Type()) {
		return nil, nil
	}
	switch e.(type) {
	case *plan.Call, *plan.Cast:
	default: // conditions read few rows, and IN reads dictionaries
		return nil, nil
	}
	facts := c.readsOf(e)
	if facts.isOther || len(facts.columns) < 2 || len(facts.nested) < len(facts.columns) {
		return nil, nil
	}
	n := &ofColumns{}
	for _, column := range facts.columns {
		read, err := c.ref(column)
		if err != nil {
			return nil, err
		}
		n.columns = append(n.columns, read)
	}
	c.isInOfColumn = true
	defer func() { c.isInOfColumn = false }()
	var err error
	n.node, err = c.compileWhole(e)
	return n, err
}

func isNested(t *types.Type) bool {
	return t.Kind == types.Array || t.Kind == types.Map || t.Kind == types.Row
}

// isCombined reports whether columns of a type may have few values in many rows, as integers or dictionary codes.
func isCombined(t *types.Type) bool {
	switch t.Kind {
	case types.Varchar, types.Boolean, types.Date:
		return true
	case types.Timestamp:
		return !t.IsLong()
	}
	return t.IsInteger()
}

func (n *ofColumns) eval(f *frame) (batch.Vector, error) {
	if f.rows < minRowsToCombine || n.isByRow.Load() {
		return n.node.eval(f)
	}
	held := f.env.Held()
	v, ok, err := n.overCombinations(f)
	if err != nil {
		return v, err
	}
	if !ok {
		return n.node.eval(f)
	}
	return v, f.env.SettleResult(held, v)
}

// overCombinations declines as call.overCombinations does.
func (n *ofColumns) overCombinations(f *frame) (batch.Vector, bool, error) {
	var columns []arrow.Array
	for _, read := range n.columns {
		v, err := read.eval(f)
		if err != nil {
			return v, false, err
		}
		if v.Const {
			continue
		}
		if _, isDictionary := v.Array.(*array.Dictionary); !isDictionary && !isOfIntegers(v.Array) {
			return batch.Vector{}, false, nil
		}
		columns = append(columns, v.Array)
	}
	if len(columns) == 0 {
		return batch.Vector{}, false, nil
	}
	return f.overFirsts(columns, &n.isByRow, func(firsts []int32) (batch.Vector, error) {
		v, err := n.node.eval(f.narrow(firsts))
		if err == nil {
			v.Array = f.env.Decode(v.Array)
		}
		return v, err
	})
}
