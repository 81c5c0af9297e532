package analyze

import (
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// isUnit reports whether an argument is the bare name of a unit of time, as in other databases' dateadd(day, 1, x).
func isUnit(arg ast.Expr) bool {
	c, ok := arg.(*ast.Column)
	if !ok || c.Name.Quoted {
		return false
	}
	switch strings.ToLower(c.Name.Name) {
	case "second", "minute", "hour", "day", "week", "month", "quarter", "year":
		return true
	}
	return false
}

// mayBeUnit reports whether other databases take a unit of time as argument i of a call.
func (e *env) mayBeUnit(i int, name string) bool {
	switch name {
	case "date_add", "date_diff", "date_trunc":
		return true
	}
	return i == 0 || !e.fns.Exists(name)
}

// unit analyses argument i of a call, for which isUnit holds. If it is no column, the error says how to write a
// unit instead of suggesting a store's column.
func (e *env) unit(name string, i int, args []ast.Expr, n ast.Node) (x plan.Expr) {
	arg := args[i]
	err := guard(func() { x = e.expr(arg) })
	if err == nil {
		return x
	}
	if isError(err, types.ColumnNotFound) {
		switch name {
		case "date_add", "date_diff", "date_trunc":
			if cutsTime(name) && i == 1 && len(args) == 2 {
				e.fail(types.ColumnNotFound, arg, "Column '%s' cannot be resolved; it is written %s", ast.Format(arg), dateTrunc(arg, args[0]))
			}
			unit := arg.(*ast.Column).Name.Name
			e.fail(types.ColumnNotFound, arg, "Column '%s' cannot be resolved; a unit is a text: %s('%[1]s', …)", strings.ToLower(unit), name)
		}
		if hint := functionHint(name, args, nil); hint != "" && !e.fns.Exists(name) {
			e.fail(types.FunctionNotFound, n, "Function '%s' not registered%s", name, hint)
		}
	}
	e.failWith(err, arg)
	return nil
}
