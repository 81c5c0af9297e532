package planner

import (
	"context"

	"github.com/auditlake/auditlake/planner/analyze"
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/optimize"
	"github.com/auditlake/auditlake/planner/parse"
	"github.com/auditlake/auditlake/planner/types"
)

// Constant computes an expression outside a query: one without columns, subqueries and aggregates. The value is
// coerced to want; if want is nil it keeps the expression's type. A fault in the expression is a *types.Error with
// its position; other errors come from computing it.
func Constant(ctx context.Context, x ast.Expr, want *types.Type, fns metadata.Functions, session *metadata.Session) (types.Value, error) {
	if err := parse.CheckConstant(x); err != nil {
		return types.Value{}, err
	}
	made, err := analyze.Constant(ctx, x, want, fns, session)
	if err != nil {
		return types.Value{}, err
	}
	if made, err = optimize.Fold(ctx, made, fns, session); err != nil {
		return types.Value{}, err
	}
	return analyze.ValueOf(ctx, made, x, fns, session) // if it could not be folded, this returns the reason
}
