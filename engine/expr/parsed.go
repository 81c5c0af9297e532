package expr

import (
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
)

// parsedMember compiles element_at(CAST(json_parse(text) AS map(varchar, json)), 'a'), where nothing else asks for the map, as one function of
// text; nil if e is something else.
func (c *compiler) parsedMember(e *plan.Call) (node, error) {
	if len(e.Args) != 2 {
		return nil, nil
	}
	cast, ok := e.Args[0].(*plan.Cast)
	if !ok || c.shared.timesOf(cast) > 1 {
		return nil, nil
	}
	parse := c.parseBelow(cast)
	key, ok := e.Args[1].(*plan.Const)
	if parse == nil || !ok || key.Value.IsNull() {
		return nil, nil
	}
	name, ok := key.Value.V.(string)
	if !ok {
		return nil, nil
	}
	fn, impl := function.NewParsedMember(e.Fn, cast.Fn, parse.Fn, name)
	if fn == nil {
		return nil, nil
	}
	return c.ofText(fn, impl, parse.Args[0])
}

// parsedRow compiles CAST(json_parse(text) AS row(…)), where nothing else asks for what is parsed, as one function of text; nil if e is
// something else.
func (c *compiler) parsedRow(e *plan.Cast) (node, error) {
	parse := c.parseBelow(e)
	if parse == nil {
		return nil, nil
	}
	fn, impl := function.NewParsedRow(e.Fn, parse.Fn)
	if fn == nil {
		return nil, nil
	}
	return c.ofText(fn, impl, parse.Args[0])
}

// parseBelow is the call whose value a cast takes, if it has no other place; nil otherwise. Whether it is json_parse the fused functions know.
func (c *compiler) parseBelow(cast *plan.Cast) *plan.Call {
	parse, ok := cast.Arg.(*plan.Call)
	if !ok || c.shared.timesOf(parse) > 1 {
		return nil
	}
	return parse
}
