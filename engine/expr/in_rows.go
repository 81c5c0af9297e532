package expr

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// inRows compiles (x, y) IN ((1, 2), (3, 4)) as a function of x and y, if all items are rows of constants. The
// function is computed once for each combination of their texts. For other expressions inRows returns nil.
func (c *compiler) inRows(e *plan.Special) (node, error) {
	x, ok := e.Args[0].(*plan.Special)
	if !ok || x.Form != plan.MakeRow {
		return nil, nil
	}
	t := x.Type()
	rows := make([]types.Value, 0, len(e.Args)-1)
	for _, item := range e.Args[1:] {
		row, ok := constantRow(item)
		if !ok {
			return nil, nil
		}
		rows = append(rows, row)
	}
	items, err := function.ArrayOf(t, rows)
	if err != nil {
		return nil, err
	}
	n := &call{
		fn:      &types.Resolved{Signature: inRowsSignature, Return: types.BooleanType},
		impl:    &function.Impl{Kernel: inRowsKernel(t, items)},
		returns: arrowtype.Of(types.BooleanType),
		fixed:   make([]bool, len(x.Args)),
	}
	n.args, err = c.compileAll(x.Args)
	return n, err
}

// inRowsSignature takes NULLs: (1, NULL) = (2, 3) is false.
var inRowsSignature = &types.Signature{Name: "in", Properties: types.Properties{NullCalled: true}}

// constantRow returns the value of a row of constants, false for other expressions.
func constantRow(e plan.Expr) (types.Value, bool) {
	row, ok := e.(*plan.Special)
	if !ok || row.Form != plan.MakeRow {
		return types.Value{}, false
	}
	fields := make([]types.Value, len(row.Args))
	for i, arg := range row.Args {
		field, ok := arg.(*plan.Const)
		if !ok {
			return types.Value{}, false
		}
		fields[i] = field.Value
	}
	return types.Value{Type: row.Type(), V: fields}, true
}

// inRowsKernel tests rows that it builds from its arguments.
func inRowsKernel(t *types.Type, items arrow.Array) function.Kernel {
	isIn, dt := inNestedKernel(t, items), arrowtype.Of(t).(*arrow.StructType)
	return func(env *function.Env, args []batch.Vector, lambdas []function.Lambda, rows int) (batch.Vector, error) {
		isConst := true
		for _, arg := range args {
			isConst = isConst && arg.Const
		}
		if isConst {
			rows = 1
		}
		fields := make([]arrow.Array, len(args))
		for i, arg := range args {
			fields[i] = env.Expand(arg, rows)
		}
		row := batch.Vector{Array: batch.FromFields(dt, rows, nil, fields), Const: isConst}
		return isIn(env, []batch.Vector{row}, lambdas, rows)
	}
}
