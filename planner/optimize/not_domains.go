package optimize

import (
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// notDomains returns the domains of a negation that bounds a single place: NOT x = 1 is true for all other values
// except NULL.
func (o *optimizer) notDomains(e plan.Expr) domains {
	o.step()
	switch e := e.(type) {
	case *plan.Ref:
		return at(e, point(types.Value{Type: types.BooleanType, V: false}))
	case *plan.Special:
		switch e.Form {
		case plan.IsNull:
			return at(e.Args[0], notNull())
		case plan.In:
			return o.notInDomains(e)
		case plan.Not:
			return o.domainsOf(e.Args[0])
		case plan.And:
			return unionOf(e.Args, o.notDomains)
		case plan.Or:
			return intersectOf(e.Args, o.notDomains)
		}
	case *plan.Call:
		if e.Fn.Name == types.OpDistinct {
			return o.distinctDomains(e, false)
		}
		if operator, ok := negations[e.Fn.Name]; ok && !isFloat(e.Args[0].Type()) {
			return o.comparisonDomains(operator, e.Args[0], e.Args[1])
		}
	}
	return nil
}

var negations = map[string]string{
	types.OpEqual: types.OpNotEqual, types.OpNotEqual: types.OpEqual, types.OpLess: types.OpGreaterEq,
	types.OpLessEqual: types.OpGreater, types.OpGreater: types.OpLessEqual, types.OpGreaterEq: types.OpLess,
}

func (o *optimizer) notInDomains(e *plan.Special) domains {
	if !allConstants(e.Args[1:]) || isFloat(e.Args[0].Type()) {
		return nil
	}
	if _, ok := placeOf(e.Args[0]); ok {
		return complementOf(o.inDomains(e))
	}
	if len(e.Args) > maxComputedItems {
		return nil
	}
	return intersectOf(e.Args[1:], func(item plan.Expr) domains { return o.comparisonDomains(types.OpNotEqual, e.Args[0], item) })
}
