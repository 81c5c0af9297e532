package analyze

import (
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

func (e *env) caseOf(x *ast.Case) plan.Expr {
	conditions, use := e.caseConditions(x)
	var results []plan.Expr
	var at []ast.Expr
	for _, w := range x.Whens {
		results, at = append(results, e.expr(w.Result)), append(at, w.Result)
	}
	otherwise := plan.Expr(constant(types.Null(types.UnknownType)))
	otherwiseAt := ast.Expr(x)
	if x.Else != nil {
		otherwise, otherwiseAt = e.expr(x.Else), x.Else
	}
	results, common := e.single(append(results, otherwise), append(at, otherwiseAt), "All CASE results")
	args := make([]plan.Expr, 0, 2*len(results)-1)
	for i, c := range conditions {
		args = append(args, c, results[i])
	}
	return use(special(plan.Case, common, append(args, results[len(results)-1])...))
}

// caseConditions also returns a function to apply to the whole CASE, because the conditions repeat the operand.
func (e *env) caseConditions(x *ast.Case) (conditions []plan.Expr, use func(plan.Expr) plan.Expr) {
	conditions = make([]plan.Expr, len(x.Whens))
	if x.Operand == nil {
		for i, w := range x.Whens {
			conditions[i] = e.boolean(w.Condition, "CASE WHEN clause")
		}
		return conditions, func(c plan.Expr) plan.Expr { return c }
	}
	operand, use := e.repeated(e.expr(x.Operand), x.Operand)
	for i, w := range x.Whens {
		value := e.expr(w.Condition)
		operands := e.lakeOperands([]plan.Expr{operand, value}, []ast.Expr{x.Operand, w.Condition})
		call, ok := e.compareCall(types.OpEqual, operands[0], operands[1], w.Condition)
		if !ok {
			e.fail(types.TypeMismatch, w.Condition, "CASE operand type does not match WHEN clause operand type: %s vs %s", operand.Type(), value.Type())
		}
		conditions[i] = call
	}
	return conditions, use
}

func (e *env) ifOf(x *ast.If) plan.Expr {
	condition := e.boolean(x.Condition, "IF condition")
	then := e.expr(x.Then)
	otherwise := plan.Expr(constant(types.Null(types.UnknownType)))
	if x.Else != nil {
		otherwise = e.expr(x.Else)
	}
	common, ok := types.CommonSuperType(then.Type(), otherwise.Type())
	if !ok {
		e.fail(types.TypeMismatch, x, "Result types for IF must be the same: %s vs %s", then.Type(), otherwise.Type())
	}
	return special(plan.If, common, condition, e.coerce(then, common, x), e.coerce(otherwise, common, x))
}

func (e *env) coalesce(x *ast.Coalesce) plan.Expr {
	items := make([]plan.Expr, len(x.Args))
	for i, arg := range x.Args {
		items[i] = e.expr(arg)
	}
	items, common := e.single(items, x.Args, "All COALESCE operands")
	return special(plan.Coalesce, common, items...)
}

// nullIf compares values as their common type but returns the first one unchanged.
func (e *env) nullIf(x *ast.NullIf) plan.Expr {
	first, use := e.repeated(e.expr(x.First), x.First)
	second := e.expr(x.Second)
	if first.Type().Kind == types.Unknown {
		return constant(types.Null(types.UnknownType))
	}
	operands := e.lakeOperands([]plan.Expr{first, second}, []ast.Expr{x.First, x.Second})
	equal, ok := e.compareCall(types.OpEqual, operands[0], operands[1], x)
	if !ok {
		e.fail(types.TypeMismatch, x, "Types are not comparable with NULLIF: %s vs %s", first.Type(), second.Type())
	}
	if first.Type().Equal(second.Type()) {
		return use(special(plan.NullIf, first.Type(), first, second))
	}
	return use(special(plan.If, first.Type(), equal, constant(types.Null(first.Type())), first))
}

func (e *env) row(x *ast.Row) plan.Expr {
	items := make([]plan.Expr, len(x.Items))
	fields := make([]types.Field, len(x.Items))
	for i, item := range x.Items {
		items[i] = e.expr(item)
		fields[i].Type = items[i].Type()
	}
	return special(plan.MakeRow, types.RowOf(fields...), items...)
}

func (e *env) array(x *ast.Array) plan.Expr {
	items := make([]plan.Expr, len(x.Items))
	for i, item := range x.Items {
		items[i] = e.expr(item)
	}
	items, elem := e.single(items, x.Items, "All ARRAY elements")
	return special(plan.MakeArray, types.ArrayOf(elem), items...)
}
