package analyze

import (
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// Two extensions to Trino apply to timestamp columns of event data stores.
//
// LakeTimestampLiteral: a varchar constant that is compared with such a column is a timestamp in UTC.
//
// LakeTimestampUTC: combined with a timestamp with time zone, such a column is in UTC, whatever the session's time
// zone is.

// isLakeTimestamp reports whether x is an unchanged timestamp column of an event data store, or a timestamp inside
// such a column.
func (a *analyzer) isLakeTimestamp(x plan.Expr) bool {
	return x.Type().Kind == types.Timestamp && a.insideStore(x)
}

// lakeOperands applies the extensions to operands that are compared with each other; at[i] is the position of
// operand i.
func (a *analyzer) lakeOperands(operands []plan.Expr, at []ast.Expr) []plan.Expr {
	precision, found := 0, false
	for _, x := range operands {
		if a.isLakeTimestamp(x) {
			precision, found = max(precision, x.Type().Precision), true
		}
	}
	if !found {
		return operands
	}
	out := make([]plan.Expr, len(operands))
	for i, x := range operands {
		switch x.Type().Kind {
		case types.Varchar:
			out[i] = a.lakeLiteral(x, precision, at[i])
		case types.TimestampTZ:
			out[i] = a.utcWallTime(x, at[i])
		default:
			out[i] = x
		}
	}
	return out
}

// lakeLiteral reads a varchar constant as a timestamp. It leaves other varchar expressions for the comparison to
// refuse.
func (a *analyzer) lakeLiteral(x plan.Expr, precision int, n ast.Node) plan.Expr {
	v, ok := a.fold(x)
	if !ok || !plan.IsDeterministic(x) {
		return x
	}
	if v.IsNull() {
		return constant(types.Null(types.TimestampOf(precision)))
	}
	text := v.V.(string)
	t, ok := types.ParseLakeTimestamp(text, precision)
	if !ok {
		a.fail(types.InvalidLiteral, n, "'%s' is not a timestamp: want YYYY-MM-DD[ HH:MM[:SS[.fff]]] in UTC, or with Z or an offset", text)
	}
	return &plan.Const{Value: t, Pos: n.Pos()}
}

// utcWallTime returns the UTC wall clock of a timestamp with time zone, as a timestamp. Comparing a lake timestamp
// with it compares instants, and leaves the column bare for pruning.
func (a *analyzer) utcWallTime(x plan.Expr, n ast.Node) plan.Expr {
	fn := a.resolve(types.OpAtZone, n, x.Type(), types.VarcharOf(3))
	utc := a.callWith(fn, n, x, constant(varcharValue("UTC")))
	cast, ok := a.fns.ResolveCast(utc.Type(), types.TimestampOf(x.Type().Precision), false)
	if !ok {
		a.fail(types.NotSupported, n, "cast from %s to timestamp is not supported", utc.Type())
	}
	return &plan.Cast{Fn: cast, Arg: utc}
}

// atUTC attaches UTC to a lake timestamp.
func (a *analyzer) atUTC(x plan.Expr, n ast.Node) plan.Expr {
	fn := a.resolve("with_timezone", n, x.Type(), types.VarcharOf(3))
	return a.callWith(fn, n, x, constant(varcharValue("UTC")))
}
