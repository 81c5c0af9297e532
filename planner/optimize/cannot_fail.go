package optimize

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// totalFunctions return a value for all arguments of the types that they take.
var totalFunctions = map[string]bool{
	"starts_with": true, "lower": true, "upper": true, "length": true, "strpos": true, "substr": true, "substring": true,
	"trim": true, "ltrim": true, "rtrim": true, "reverse": true, "concat": true,
	"year": true, "month": true, "day": true, "hour": true, "minute": true, "second": true,
	"day_of_week": true, "dow": true, "day_of_year": true, "doy": true, "week": true, "quarter": true, "to_unixtime": true,
	"cardinality": true, "map_keys": true, "map_values": true, "is_nan": true,
	"any_match": true, "all_match": true, "none_match": true,
}

// patternFunctions fail for some of their later arguments, whatever the first argument is.
var patternFunctions = map[string]bool{
	"regexp_like": true, "regexp_extract": true, "json_extract": true, "json_extract_scalar": true, "split": true, "split_part": true,
}

// cannotFail reports whether e returns a value for all values of its columns.
func cannotFail(e plan.Expr) bool {
	for _, c := range plan.Children(e) {
		if !cannotFail(c) {
			return false
		}
	}
	switch e := e.(type) {
	case *plan.Ref, *plan.Const, *plan.FieldOf, *plan.Lambda:
		return true
	case *plan.Special:
		return e.Form <= plan.IsNull && scalarOnly(e.Args)
	case *plan.Cast:
		return e.Try || isTotalCast(e.Arg.Type(), e.Type())
	case *plan.Call:
		return isTotalCall(e)
	}
	return false
}

func isTotalCast(from, to *types.Type) bool {
	switch {
	case to.Kind == types.Varchar && to.Length == types.Unbounded:
		return from.Kind == types.Varchar || from.Kind == types.Boolean || from.IsInteger() || from.Kind == types.Date || from.Kind == types.Timestamp
	case to.Kind == types.Date:
		return from.Kind == types.Timestamp
	case to.Kind == types.Double, to.Kind == types.BigInt:
		return from.IsInteger()
	}
	return false
}

func isTotalCall(e *plan.Call) bool {
	switch e.Fn.Name {
	case types.OpEqual, types.OpNotEqual, types.OpLess, types.OpLessEqual, types.OpGreater, types.OpGreaterEq, types.OpDistinct:
		return scalarOnly(e.Args)
	case types.OpAdd, types.OpSubtract, types.OpMultiply:
		return e.Type().Kind == types.BigInt && !slices.ContainsFunc(e.Args, func(arg plan.Expr) bool { return !isSmall(arg) && !isSmallConstant(arg) })
	case types.OpLike:
		return len(e.Args) == 2 && allConstants(e.Args[1:])
	case "date_trunc":
		return allConstants(e.Args[:1]) && hasFixedLength(e.Args[0])
	case "date":
		return e.Args[0].Type().Kind == types.Timestamp || e.Args[0].Type().Kind == types.Date
	case "contains":
		return scalarOnly(e.Args[1:])
	case "element_at":
		return e.Args[0].Type().Kind == types.Map
	}
	return totalFunctions[e.Fn.Name]
}

// canFail reports whether e may fail. In addition to the checks of cannotFail it tries constant patterns.
func (o *optimizer) canFail(e plan.Expr) bool { return !cannotFail(o.withoutPatterns(e)) }

// withoutPatterns replaces calls by NULL if their constant patterns are known to be valid.
func (o *optimizer) withoutPatterns(e plan.Expr) plan.Expr {
	e = plan.MapChildren(e, o.withoutPatterns)
	call, ok := e.(*plan.Call)
	if !ok || !patternFunctions[call.Fn.Name] || !call.Args[0].Type().IsText() || !cannotFail(call.Args[0]) {
		return e
	}
	args := slices.Clone(call.Args)
	args[0] = constant(types.Value{Type: args[0].Type(), V: ""})
	if _, ok := o.foldCall(call, call.Fn, args).(*plan.Const); !ok {
		return e
	}
	return constant(types.Null(call.Type()))
}

// scalarOnly reports whether no expression has a nested type: a NULL inside a nested value cannot always be
// compared.
func scalarOnly(list []plan.Expr) bool {
	return !slices.ContainsFunc(list, func(e plan.Expr) bool { return e.Type().Kind >= types.Array })
}
