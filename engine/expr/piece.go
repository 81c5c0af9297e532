package expr

import (
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// piece compiles split(text, '/')[2] as one function of text, if nothing else uses the pieces. For other
// expressions it returns nil.
func (c *compiler) piece(e *plan.Call) (node, error) {
	if len(e.Args) != 2 {
		return nil, nil
	}
	split, ok := e.Args[0].(*plan.Call)
	if !ok || split.Fn.Name != "split" || len(split.Args) != 2 || c.shared.timesOf(split) > 1 {
		return nil, nil
	}
	delimiter, isFixed := split.Args[1].(*plan.Const)
	index, ok := e.Args[1].(*plan.Const)
	if !ok || !isFixed || delimiter.Value.IsNull() || index.Value.IsNull() {
		return nil, nil
	}
	by, isText := delimiter.Value.V.(string)
	at, ok := index.Value.V.(int64)
	if !ok || !isText {
		return nil, nil
	}
	fn, impl := function.NewPiece(e.Fn, by, at)
	if fn == nil {
		return nil, nil
	}
	return c.ofText(fn, impl, split.Args[0])
}

// ofText compiles a call of one argument that replaces nested calls.
func (c *compiler) ofText(fn *types.Resolved, impl *function.Impl, text plan.Expr) (node, error) {
	arg, err := c.compile(text)
	if err != nil {
		return nil, err
	}
	n := &call{fn: fn, impl: impl, returns: arrowtype.Of(fn.Return), args: []node{arg}, fixed: make([]bool, 1)}
	n.chain = newChain(n)
	return n, nil
}
