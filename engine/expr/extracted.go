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
	extract, path := c.extractBelow(e.Args[0])
	if extract == nil {
		return nil, nil
	}
	fn, impl := function.NewArrayLength(extract.Args[0].Type(), path)
	if fn == nil {
		return nil, nil
	}
	return c.ofText(fn, impl, extract.Args[0])
}

// extractedContains compiles json_array_contains(json_extract(text, '$.a'), 1) in the same way.
func (c *compiler) extractedContains(e *plan.Call) (node, error) {
	if e.Fn.Name != "json_array_contains" {
		return nil, nil
	}
	extract, path := c.extractBelow(e.Args[0])
	wanted, ok := e.Args[1].(*plan.Const)
	if extract == nil || !ok || wanted.Value.IsNull() {
		return nil, nil
	}
	fn, impl := function.NewExtractedContains(e.Fn, extract.Fn, path, wanted.Value)
	if fn == nil {
		return nil, nil
	}
	return c.ofText(fn, impl, extract.Args[0])
}

// extractedCast compiles CAST(json_extract(text, '$.a') AS array(…)) in the same way.
func (c *compiler) extractedCast(e *plan.Cast) (node, error) {
	extract, path := c.extractBelow(e.Arg)
	if extract == nil {
		return nil, nil
	}
	fn, impl := function.NewExtractedCast(e.Fn, extract.Fn, path)
	if fn == nil {
		return nil, nil
	}
	return c.ofText(fn, impl, extract.Args[0])
}

// extractBelow is e and its path, if it is json_extract with a constant path and has no other place; nil otherwise.
func (c *compiler) extractBelow(e plan.Expr) (extract *plan.Call, path string) {
	extract, ok := e.(*plan.Call)
	if !ok || extract.Fn.Name != "json_extract" || c.shared.timesOf(extract) > 1 {
		return nil, ""
	}
	constant, ok := extract.Args[1].(*plan.Const)
	if !ok || constant.Value.IsNull() {
		return nil, ""
	}
	if path, ok = constant.Value.V.(string); !ok {
		return nil, ""
	}
	return extract, path
}
