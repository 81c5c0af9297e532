package exec

import (
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// settledBy returns the path of a scan's domain that implies a conjunct, "" if there is none. If statistics show
// that all rows lie in the domain, the conjunct is not evaluated and its column need not be read. Only comparisons
// of whole numbers, dates and timestamps qualify.
func settledBy(conjunct plan.Expr, n *plan.Scan) string {
	operator, ref, bound, ok := comparisonOf(conjunct)
	if !ok {
		return ""
	}
	for _, c := range n.Cols {
		if c.Column.ID != ref.Column.ID {
			continue
		}
		path := pathOf(c)
		for _, d := range pushdown(n.Domains).Domains {
			if d.Path != path || d.MapKey != nil || d.NullMatches {
				continue
			}
			for _, r := range d.Ranges {
				if !implies(r.Low, r.High, r.LowIncl, r.HighIncl, operator, bound) {
					return ""
				}
			}
			return path
		}
	}
	return ""
}

// isSettled reports whether all of the filter's conjuncts that read a column are implied by the column's domain.
func isSettled(c plan.ScanColumn, n *plan.Scan) bool {
	if n.Filter == nil {
		return false
	}
	for _, conjunct := range plan.Conjuncts(n.Filter) {
		reads := false
		plan.FreeColumns(conjunct, func(column *plan.Column) { reads = reads || column.ID == c.Column.ID })
		if reads && settledBy(conjunct, n) != pathOf(c) {
			return false
		}
	}
	return true
}

// comparisonOf recognizes column op constant and constant op column.
func comparisonOf(e plan.Expr) (operator string, ref *plan.Ref, bound int64, ok bool) {
	call, isCall := e.(*plan.Call)
	if !isCall || len(call.Args) != 2 {
		return "", nil, 0, false
	}
	operator = call.Fn.Name
	ref, isRef := call.Args[0].(*plan.Ref)
	constant, isConst := call.Args[1].(*plan.Const)
	if !isRef || !isConst {
		ref, isRef = call.Args[1].(*plan.Ref)
		constant, isConst = call.Args[0].(*plan.Const)
		operator = mirrored[operator]
	}
	if !isRef || !isConst || !ref.Type().Equal(constant.Type()) {
		return "", nil, 0, false
	}
	bound, ok = constant.Value.V.(int64)
	return operator, ref, bound, ok
}

// mirrored has each operator's counterpart for exchanged operands.
var mirrored = map[string]string{
	types.OpEqual: types.OpEqual, types.OpLess: types.OpGreater, types.OpLessEqual: types.OpGreaterEq,
	types.OpGreater: types.OpLess, types.OpGreaterEq: types.OpLessEqual,
}

// implies reports whether x op bound is true of every x between low and high. nil is an open end.
func implies(low, high any, lowIncl, highIncl bool, operator string, bound int64) bool {
	least, hasLeast := low.(int64)
	most, hasMost := high.(int64)
	switch operator {
	case types.OpGreaterEq:
		return hasLeast && least >= bound
	case types.OpGreater:
		return hasLeast && (least > bound || least == bound && !lowIncl)
	case types.OpLessEqual:
		return hasMost && most <= bound
	case types.OpLess:
		return hasMost && (most < bound || most == bound && !highIncl)
	case types.OpEqual:
		return hasLeast && hasMost && least == bound && most == bound
	}
	return false
}
