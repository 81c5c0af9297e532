package analyze

import (
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// isUnit reports whether an argument is the bare name of a unit of time, as in dateadd(day, 1, x) of other databases.
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

// unit analyses a first argument for which isUnit holds. If it is no column, the error says how a unit is written, not what a
// column of this name is called in a store.
func (e *env) unit(name string, arg ast.Expr, n ast.Node) (x plan.Expr) {
	err := guard(func() { x = e.expr(arg) })
	if err == nil {
		return x
	}
	if isError(err, types.ColumnNotFound) {
		switch name {
		case "date_add", "date_diff", "date_trunc":
			unit := arg.(*ast.Column).Name.Name
			e.fail(types.ColumnNotFound, arg, "Column '%s' cannot be resolved; a unit is a text: %s('%[1]s', …)", strings.ToLower(unit), name)
		}
		if hint := functionHint(name, nil); hint != "" && !e.fns.Exists(name) {
			e.fail(types.FunctionNotFound, n, "Function '%s' not registered%s", name, hint)
		}
	}
	e.failWith(err, arg)
	return nil
}
