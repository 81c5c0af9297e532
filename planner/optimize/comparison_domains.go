package optimize

import (
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// mirrored has, for each operator, the operator with its operands exchanged.
var mirrored = map[string]string{
	types.OpEqual: types.OpEqual, types.OpNotEqual: types.OpNotEqual, types.OpLess: types.OpGreater,
	types.OpLessEqual: types.OpGreaterEq, types.OpGreater: types.OpLess, types.OpGreaterEq: types.OpLessEqual,
}

// comparisonDomains returns the domains of x op constant, where x is a column or a monotonic function of a column.
func (o *optimizer) comparisonDomains(operator string, x, y plan.Expr) domains {
	c, ok := y.(*plan.Const)
	if !ok {
		if c, ok = x.(*plan.Const); !ok {
			return nil
		}
		x, operator = y, mirrored[operator]
	}
	if b, ok := c.Value.V.(bool); ok && (operator == types.OpEqual || operator == types.OpNotEqual) {
		if b == (operator == types.OpEqual) {
			return o.domainsOf(x)
		}
		return o.notDomains(x)
	}
	if !supported(c.Value.Type) {
		return o.monotonicDomains(operator, x, c.Value)
	}
	d, ok := compared(operator, c.Value)
	if !ok {
		return nil
	}
	if found := at(x, d); found != nil {
		return found
	}
	if found := o.monotonicDomains(operator, x, c.Value); found != nil || operator != types.OpEqual {
		return found
	}
	return beginningDomains(x, c.Value)
}

// compared returns the domain of the values v' for which v' op v is true.
func compared(operator string, v types.Value) (domain, bool) {
	if v.IsNull() {
		return nothing(), true
	}
	switch operator {
	case types.OpEqual:
		return point(v), !isNaN(v)
	case types.OpNotEqual:
		return point(v).complement(), !isFloat(v.Type) // NaN is not equal, but is in no range
	case types.OpLess, types.OpLessEqual:
		return domain{ranges: []plan.Range{{High: &v, HighIncl: operator == types.OpLessEqual}}}, !isNaN(v)
	case types.OpGreater, types.OpGreaterEq:
		return domain{ranges: []plan.Range{{Low: &v, LowIncl: operator == types.OpGreaterEq}}}, !isNaN(v)
	}
	return domain{}, false
}

// distinctDomains returns the domains of x IS [NOT] DISTINCT FROM constant.
func (o *optimizer) distinctDomains(e *plan.Call, distinct bool) domains {
	x, c := e.Args[0], e.Args[1]
	if _, ok := x.(*plan.Const); ok {
		x, c = c, x
	}
	constant, ok := c.(*plan.Const)
	if !ok || !supported(x.Type()) || isFloat(x.Type()) {
		return nil
	}
	d := domain{null: true}
	if !constant.Value.IsNull() {
		d = point(constant.Value)
	}
	if distinct {
		d = domain{ranges: d.complement().ranges, null: !d.null}
	}
	return at(x, d)
}

func isFloat(t *types.Type) bool { return t.Kind == types.Real || t.Kind == types.Double }

func isNaN(v types.Value) bool {
	switch x := v.V.(type) {
	case float64:
		return x != x
	case float32:
		return x != x
	}
	return false
}
