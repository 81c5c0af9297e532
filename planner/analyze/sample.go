package analyze

import (
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// sample plans TABLESAMPLE: each row is kept with the same probability. SYSTEM leaves the unit of sampling to the
// engine, which samples rows too.
func (a *analyzer) sample(x *ast.Sample, s *scope) relation {
	rel := a.from(x.Relation, s)
	ast.Inspect(x.Percentage, func(n ast.Node) bool {
		if column, ok := n.(*ast.Column); ok {
			a.fail(types.ExpressionNotConstant, column, "Sample percentage cannot contain column references")
		}
		return true
	})
	value := a.constantValue(a.double(a.constantExpr(x.Percentage), x.Percentage), x.Percentage)
	if value.IsNull() {
		a.fail(types.InvalidArguments, x.Percentage, "Sample percentage cannot be NULL")
	}
	percentage := value.V.(float64)
	switch {
	case !(percentage >= 0):
		a.fail(types.NumericValueOutOfRange, x.Percentage, "Sample percentage must be greater than or equal to 0")
	case percentage > 100:
		a.fail(types.NumericValueOutOfRange, x.Percentage, "Sample percentage must be less than or equal to 100")
	case percentage == 100:
		return rel
	}
	share := constant(types.Value{Type: types.DoubleType, V: percentage / 100})
	keep, _ := a.compareCall(types.OpLess, (&env{analyzer: a}).function("random", x), share, x)
	rel.node = &plan.Filter{Input: rel.node, Predicate: keep}
	return rel
}

// double coerces a number to double.
func (a *analyzer) double(x plan.Expr, n ast.Node) plan.Expr {
	if !x.Type().IsNumeric() && x.Type().Kind != types.Unknown {
		a.fail(types.TypeMismatch, n, "Sample percentage should be a numeric expression")
	}
	return a.coerce(x, types.DoubleType, n)
}
