package analyze

import (
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/types"
)

// typeOf returns the type that a statement names.
func (a *analyzer) typeOf(t *ast.Type) *types.Type {
	made, err := makeType(t)
	if err != nil {
		a.failWith(err, t)
	}
	return made
}

func makeType(t *ast.Type) (*types.Type, error) {
	if t.Name == "row" && len(t.Fields) > 0 {
		fields := make([]types.Field, len(t.Fields))
		for i, f := range t.Fields {
			made, err := makeType(f.Type)
			if err != nil {
				return nil, err
			}
			fields[i].Type = made
			if f.Name != nil {
				fields[i].Name = f.Name.Name
			}
		}
		return types.RowOf(fields...), nil
	}
	params := make([]types.Param, len(t.Args))
	for i, arg := range t.Args {
		if arg.Type == nil {
			params[i].Number = arg.Number
			continue
		}
		made, err := makeType(arg.Type)
		if err != nil {
			return nil, err
		}
		params[i].Type = made
	}
	made, err := types.Named(t.Name, params...)
	if err != nil {
		return nil, types.ErrorAt(err, t.Pos())
	}
	return made, nil
}
