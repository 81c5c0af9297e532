package parse

import (
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/types"
)

// argumentValues parses the expressions that stand in for parameters; they may
// hold nothing that a row gives.
func argumentValues(arguments []string) ([]ast.Expr, error) {
	var out []ast.Expr
	for _, text := range arguments {
		x, err := Expression(text)
		if err != nil {
			return nil, err
		}
		ast.Inspect(x, func(n ast.Node) bool {
			switch n.(type) {
			case *ast.Column, *ast.Dereference, *ast.Query, *ast.Parameter:
				err = types.Errorf(types.ExpressionNotConstant, n.Pos(), "Constant expression cannot contain column references, subqueries or parameters")
			}
			return err == nil
		})
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

// checkArguments demands one argument for each parameter.
func (p *parser) checkArguments() {
	if len(p.values) > 0 && len(p.values) != p.parameters && p.deferred == nil {
		p.deferred = types.Errorf(types.InvalidParameterUsage, types.Pos{Line: 1, Column: 1},
			"Incorrect number of parameters: expected %d but found %d", p.parameters, len(p.values))
	}
}
