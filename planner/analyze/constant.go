package analyze

import (
	"context"
	"errors"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// Constant analyses an expression without columns and subqueries, and coerces it to want; if want is nil it keeps
// its own type.
func Constant(ctx context.Context, x ast.Expr, want *types.Type, fns metadata.Functions, session *metadata.Session) (made plan.Expr, err error) {
	a := newAnalyzer(ctx, nil, fns, session)
	err = guard(func() {
		made = a.constantExpr(x)
		if want == nil {
			return
		}
		if !types.CanCoerce(made.Type(), want) {
			a.fail(types.TypeMismatch, x, "Cannot cast %s to %s", made.Type(), want)
		}
		made = a.coerce(made, want, x)
	})
	return made, err
}

// ValueOf computes an expression that Constant returned.
func ValueOf(ctx context.Context, made plan.Expr, x ast.Expr, fns metadata.Functions, session *metadata.Session) (v types.Value, err error) {
	a := newAnalyzer(ctx, nil, fns, session)
	err = guard(func() { v = a.constantValue(made, x) })
	return v, err
}

// constantExpr analyses an expression without columns and subqueries.
func (a *analyzer) constantExpr(x ast.Expr) plan.Expr {
	ast.Inspect(x, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.Subquery, *ast.Query:
			a.fail(types.ExpressionNotConstant, n, "Constant expression cannot contain a subquery")
		}
		return true
	})
	e := &env{analyzer: a, scope: &scope{}, clause: "Constant expression"}
	return e.expr(x)
}

// constantValue computes an expression that constantExpr returned. An error ends the
// analysis.
func (a *analyzer) constantValue(x plan.Expr, n ast.Node) types.Value {
	v, err := a.evaluate(x)
	var failed *types.Error
	switch {
	case errors.As(err, &failed):
		panic(bailout{types.Errorf(failed.Name, types.Pos{}, "%s", failed.Message)})
	case err != nil:
		a.fail(types.ExpressionNotConstant, n, "Constant expression must be made of literals and calls of functions")
	}
	return v
}

// fold computes an expression of constants. It returns false for other expressions and if computing fails.
func (a *analyzer) fold(x plan.Expr) (types.Value, bool) {
	v, err := a.evaluate(x)
	return v, err == nil
}

var errNotConstant = errors.New("not constant")

// evaluate computes an expression of constants.
func (a *analyzer) evaluate(x plan.Expr) (types.Value, error) {
	switch x := x.(type) {
	case *plan.Const:
		return x.Value, nil
	case *plan.Cast:
		return a.evaluateCall(x.Fn, []plan.Expr{x.Arg})
	case *plan.Call:
		return a.evaluateCall(x.Fn, x.Args)
	}
	return types.Value{}, errNotConstant
}

func (a *analyzer) evaluateCall(fn *types.Resolved, args []plan.Expr) (types.Value, error) {
	values := make([]types.Value, len(args))
	for i, arg := range args {
		v, err := a.evaluate(arg)
		if err != nil {
			return types.Value{}, err
		}
		values[i] = v
	}
	return a.fns.Fold(fn, values, a.session)
}
