package expr

import (
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// flattenArrays compiles flatten(ARRAY[a, b]), where nothing else asks for the array of arrays, as one function of a and b; nil if e is something else.
func (c *compiler) flattenArrays(e *plan.Call) (node, error) {
	if e.Fn.Name != "flatten" {
		return nil, nil
	}
	outer, ok := e.Args[0].(*plan.Special)
	if !ok || outer.Form != plan.MakeArray || len(outer.Args) == 0 || outer.Type().Elem.Kind != types.Array || c.shared.timesOf(outer) > 1 {
		return nil, nil
	}
	arrays := make([]*types.Type, len(outer.Args))
	for i, a := range outer.Args {
		arrays[i] = a.Type()
	}
	return c.call(function.NewFlatten(arrays, e.Fn.Return), outer.Args)
}
