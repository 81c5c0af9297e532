package query

import (
	"context"
	"time"

	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner"
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/types"
)

// maxConstantTime bounds the computing of a constant, which has no turn and no time
// limit as queries have.
const maxConstantTime = 10 * time.Second

// Constant computes an expression that belongs to no query, such as the value of a
// setting, in the session that options say. The value is coerced to the type want, nil
// for the expression's own.
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
