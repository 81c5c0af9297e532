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

// Constant computes an expression outside of a query: one without columns, subqueries and
// aggregates. The value is coerced to the type want, nil for the expression's own. The error is
// what is wrong with the expression, a *types.Error with its place, or that computing it fails.
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
	return analyze.ValueOf(ctx, made, x, fns, session) // of what could not be folded, the reason
}
