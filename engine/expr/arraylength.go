package expr

import (
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
)

// arrayLength compiles json_array_length(json_extract(text, '$.a')), where nothing else asks for what is extracted, as one function of text;
// nil if e is something else.
func (c *compiler) arrayLength(e *plan.Call) (node, error) {
	if e.Fn.Name != "json_array_length" {
		return nil, nil
	}
	extract, ok := e.Args[0].(*plan.Call)
	if !ok || extract.Fn.Name != "json_extract" || c.shared.timesOf(extract) > 1 {
		return nil, nil
	}
	path, ok := extract.Args[1].(*plan.Const)
	if !ok || path.Value.IsNull() {
		return nil, nil
	}
	text, ok := path.Value.V.(string)
	if !ok {
		return nil, nil
	}
	fn, impl := function.NewArrayLength(extract.Args[0].Type(), text)
	if fn == nil {
		return nil, nil
	}
	return c.ofText(fn, impl, extract.Args[0])
}
