package parse

import (
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/types"
)

// argumentValues parses the expressions that replace parameters.
func argumentValues(arguments []string) ([]ast.Expr, error) {
	var out []ast.Expr
	for _, text := range arguments {
		x, err := Expression(text)
		if err != nil {
			return nil, err
		}
		if err := CheckConstant(x); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

// CheckConstant returns the mistake in a value, such as that of a parameter, nil if there is none. A value is
// computed without any row, so it must read no column and no subquery.
func CheckConstant(value ast.Expr) error {
	var err error
	ast.Inspect(value, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.Column, *ast.Dereference:
			err = types.Errorf(types.ExpressionNotConstant, n.Pos(), "Constant expression cannot contain column references")
		case *ast.Query:
			err = types.Errorf(types.ExpressionNotConstant, n.Pos(), "Constant expression cannot contain a subquery")
		case *ast.Parameter:
			err = types.Errorf(types.InvalidParameterUsage, n.Pos(), "No value provided for parameter")
		}
		return err == nil
	})
	return err
}

// checkValueCount requires one value for each parameter.
func (p *parser) checkValueCount() {
	if len(p.values) != p.parameters && p.deferred == nil {
		p.deferred = types.Errorf(types.InvalidParameterUsage, p.start,
			"Incorrect number of parameters: expected %d but found %d", p.parameters, len(p.values))
	}
}
