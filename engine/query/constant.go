package query

import (
	"context"
	"time"

	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner"
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/types"
)

// maxConstantTime limits the computation of a constant, which has no time limit as queries have.
const maxConstantTime = 10 * time.Second

// Constant computes an expression that belongs to no query, such as the value of a setting, in the session that
// options describe. The value is coerced to the type want; nil: the expression's own type.
func Constant(x ast.Expr, want *types.Type, options ...Option) (types.Value, error) {
	o := requestOf(options)
	session, err := o.session(time.Now().UTC())
	if err != nil {
		return types.Value{}, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), maxConstantTime)
	defer cancel()
	fns, end := function.New().Planning(ctx)
	defer end()
	return planner.Constant(ctx, x, want, fns, session)
}
