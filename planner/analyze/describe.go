package analyze

import (
	"context"
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// origin is the table's column that a column of a plan holds.
type origin struct{ table, column string }

// readTable is a table of the statement; the IDs of its columns follow lastID.
type readTable struct {
	table  *metadata.Table
	lastID int
}

// originOf returns the table column that c holds, if it holds one.
func (a *analyzer) originOf(c *plan.Column) (from origin, known bool) {
	for _, t := range a.tables {
		if at := c.ID - t.lastID - 1; at >= 0 && at < len(t.table.Columns) {
			return origin{table: t.table.Name, column: t.table.Columns[at].Name}, true
		}
	}
	return origin{}, false
}

// commentOf returns the comment of the table column that c holds, "" if there is none.
func (a *analyzer) commentOf(c *plan.Column) string {
	for _, t := range a.tables {
		if at := c.ID - t.lastID - 1; at >= 0 && at < len(t.table.Columns) {
			return t.table.Columns[at].Comment
		}
	}
	return ""
}

// parameters collects the types that a statement's parameters need.
type parameters struct {
	types []*types.Type
	// places maps the parameters in the plan, which are NULLs, to their indexes.
	places map[plan.Expr]int
}

// parameter returns a NULL in place of a parameter without a value.
func (a *analyzer) parameter(x *ast.Parameter) plan.Expr {
	if a.parameters == nil {
		panic(bailout{types.Errorf(types.InvalidParameterUsage, types.Pos{Line: 1, Column: 1},
			"Incorrect number of parameters: expected %d but found 0", x.Index+1)})
	}
	value := constant(types.Null(types.UnknownType))
	a.parameters.places[value] = x.Index
	return value
}

// note records the type to which x is coerced, if x is a parameter.
func (p *parameters) note(x plan.Expr, to *types.Type) {
	if p == nil {
		return
	}
	if i, ok := p.places[x]; ok {
		p.types[i] = to
	}
}

// DescribeInput plans the rows of DESCRIBE INPUT: the statement's parameters, with the types that their positions
// require.
func DescribeInput(ctx context.Context, stmt ast.Statement, catalog metadata.Catalog, fns metadata.Functions, session *metadata.Session) (plan.Node, error) {
	a := newAnalyzer(ctx, catalog, fns, session)
	if _, err := a.describe(stmt); err != nil {
		return nil, err
	}
	out := a.rowsOf([]string{"Position", "Type"}, types.IntegerType, types.VarcharType)
	for i, t := range a.parameters.types {
		out.add(types.Value{Type: types.IntegerType, V: int64(i)}, varchar(t.String()))
	}
	return out.Output, nil
}

// DescribeOutput plans the rows of DESCRIBE OUTPUT: the columns of the statement's result.
func DescribeOutput(ctx context.Context, stmt ast.Statement, catalog metadata.Catalog, fns metadata.Functions, session *metadata.Session) (plan.Node, error) {
	a := newAnalyzer(ctx, catalog, fns, session)
	answer, err := a.describe(stmt)
	if err != nil {
		return nil, err
	}
	names := []string{"Column Name", "Catalog", "Schema", "Table", "Type", "Type Size", "Aliased"}
	v := types.VarcharType
	out := a.rowsOf(names, v, v, v, v, v, types.IntegerType, types.BooleanType)
	for i, c := range answer.Cols {
		name := answer.Names[i]
		from, known := a.originOf(c)
		place := [3]string{}
		if known {
			place = [3]string{session.Catalog, session.Schema, from.table}
		}
		aliased := !strings.EqualFold(name, from.column) && name != field{}.title(i)
		out.add(varchar(name), varchar(place[0]), varchar(place[1]), varchar(place[2]), varchar(c.Type.String()),
			types.Value{Type: types.IntegerType, V: int64(fixedBytes(c.Type))}, types.Value{Type: types.BooleanType, V: aliased})
	}
	return out.Output, nil
}

// describe analyses a statement whose parameters have no values.
func (a *analyzer) describe(stmt ast.Statement) (answer *plan.Output, err error) {
	a.parameters = &parameters{places: map[plan.Expr]int{}}
	ast.Inspect(stmt, func(n ast.Node) bool {
		if _, ok := n.(*ast.Parameter); ok {
			a.parameters.types = append(a.parameters.types, types.UnknownType)
		}
		return true
	})
	err = guard(func() {
		switch n := a.statement(stmt).(type) {
		case *plan.Output:
			answer = n
		case *plan.Explain:
			answer = &plan.Output{Names: []string{n.Cols[0].Name}, Cols: n.Cols}
		}
	})
	return answer, err
}

// fixedBytes returns the size of every value of a type in Trino, 0 if it varies.
func fixedBytes(t *types.Type) int {
	switch t.Kind {
	case types.Unknown, types.Boolean, types.TinyInt:
		return 1
	case types.SmallInt:
		return 2
	case types.Integer, types.Real, types.Date, types.IntervalYear:
		return 4
	case types.BigInt, types.Double, types.Time, types.TimeTZ, types.IntervalDay:
		return 8
	case types.Decimal:
		return 8 + 8*min(1, t.Precision/19)
	case types.Timestamp:
		return 8 + 4*min(1, t.Precision/7)
	case types.TimestampTZ:
		return 8 + 4*min(1, t.Precision/4)
	case types.UUID, types.IPAddress:
		return 16
	}
	return 0
}

// answerRows is a result that is known when the statement is planned.
type answerRows struct {
	*plan.Output
	values *plan.Values
}

func (a *analyzer) rowsOf(names []string, columns ...*types.Type) answerRows {
	values := &plan.Values{}
	for i, t := range columns {
		values.Cols = append(values.Cols, a.newColumn(names[i], t))
	}
	return answerRows{&plan.Output{Input: values, Names: names, Cols: values.Cols}, values}
}

func (r answerRows) add(row ...types.Value) {
	var out []plan.Expr
	for _, v := range row {
		out = append(out, constant(v))
	}
	r.values.Rows = append(r.values.Rows, out)
}

// varchar returns a text as an unbounded varchar.
func varchar(text string) types.Value { return types.Value{Type: types.VarcharType, V: text} }
