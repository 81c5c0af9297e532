package analyze

import (
	"fmt"
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

func (a *analyzer) explain(x *ast.Explain) plan.Node {
	switch {
	case x.Type != "" && x.Type != "LOGICAL" && x.Type != "DISTRIBUTED":
		panic(a.notSupported(x, "EXPLAIN (TYPE "+x.Type+")"))
	case x.Format != "" && x.Format != "TEXT":
		panic(a.notSupported(x, "EXPLAIN (FORMAT "+x.Format+")"))
	}
	if x.Verbose {
		panic(a.notSupported(x, "EXPLAIN ANALYZE VERBOSE"))
	}
	q, ok := x.Statement.(*ast.Query)
	if !ok {
		panic(a.notSupported(x.Statement, "EXPLAIN of this statement"))
	}
	return &plan.Explain{Input: a.output(q), Analyze: x.Analyze, Cols: []*plan.Column{a.newColumn("Query Plan", types.VarcharType)}}
}

// show plans SHOW and DESCRIBE as constant rows.
func (a *analyzer) show(x *ast.Show) plan.Node {
	a.checkFrom(x)
	switch x.Kind {
	case ast.ShowCatalogs:
		return a.listing(x, []string{"Catalog"}, [][]string{{a.session.Catalog}})
	case ast.ShowSchemas:
		return a.listing(x, []string{"Schema"}, [][]string{{a.session.Schema}})
	case ast.ShowTables:
		var rows [][]string
		for _, name := range a.tableNames() {
			rows = append(rows, []string{name})
		}
		return a.listing(x, []string{"Table"}, rows)
	case ast.ShowColumns:
		return a.showColumns(x)
	case ast.ShowFunctions:
		return a.showFunctions(x)
	}
	panic(a.notSupported(x, "SHOW "+string(x.Kind)))
}

// checkFrom checks the catalog or schema that a statement lists.
func (a *analyzer) checkFrom(x *ast.Show) {
	if x.From == nil || x.Kind == ast.ShowColumns {
		return
	}
	parts := x.From.Parts
	name := parts[len(parts)-1].Name
	switch {
	case x.Kind == ast.ShowFunctions:
		panic(a.notSupported(x, "SHOW FUNCTIONS FROM"))
	case x.Kind == ast.ShowSchemas && !strings.EqualFold(name, a.session.Catalog):
		a.fail(types.CatalogNotFound, x, "Catalog '%s' does not exist", name)
	case x.Kind == ast.ShowTables && len(parts) > 1 && !strings.EqualFold(parts[0].Name, a.session.Catalog):
		a.fail(types.CatalogNotFound, x, "Catalog '%s' does not exist", parts[0].Name)
	case x.Kind == ast.ShowTables && !strings.EqualFold(name, a.session.Schema):
		a.fail(types.SchemaNotFound, x, "Schema '%s' does not exist", name)
	}
}

func (a *analyzer) showColumns(x *ast.Show) plan.Node {
	rel := a.table(&ast.Table{At: x.From.At, Name: *x.From}, &scope{})
	var rows [][]string
	for _, c := range rel.node.(*plan.Scan).Table.Columns {
		if !c.Hidden {
			rows = append(rows, []string{c.Name, c.Type.Display(), "", ""})
		}
	}
	return a.listing(x, []string{"Column", "Type", "Extra", "Comment"}, rows)
}

func (a *analyzer) showFunctions(x *ast.Show) plan.Node {
	kinds := map[types.FunctionKind]string{types.Scalar: "scalar", types.Aggregate: "aggregate", types.Window: "window"}
	var rows [][]string
	for _, s := range a.fns.List() {
		args := make([]string, len(s.Args))
		for i, t := range s.Args {
			args[i] = t.String()
		}
		rows = append(rows, []string{s.Name, s.Return.String(), strings.Join(args, ", "), kinds[s.Kind], fmt.Sprint(!s.NonDeterministic), s.Doc})
	}
	return a.listing(x, []string{"Function", "Return Type", "Argument Types", "Function Type", "Deterministic", "Description"}, rows)
}

// listing is constant rows of text, those whose first column is LIKE the
// statement's pattern.
func (a *analyzer) listing(x *ast.Show, titles []string, rows [][]string) plan.Node {
	values := &plan.Values{}
	for _, t := range titles {
		values.Cols = append(values.Cols, a.newColumn(t, types.VarcharType))
	}
	for _, row := range rows {
		if x.Like != nil && !a.like(x, row[0]) {
			continue
		}
		var out []plan.Expr
		for _, text := range row {
			out = append(out, constant(types.Value{Type: types.VarcharType, V: text}))
		}
		values.Rows = append(values.Rows, out)
	}
	return &plan.Output{Input: values, Names: titles, Cols: values.Cols}
}

// like runs the LIKE operator on constants.
func (a *analyzer) like(x *ast.Show, text string) bool {
	args := []types.Value{{Type: types.VarcharType, V: text}, varcharValue(x.Like.Value)}
	list := []*types.Type{args[0].Type, args[1].Type}
	if x.Escape != nil {
		args = append(args, varcharValue(x.Escape.Value))
		list = append(list, args[2].Type)
	}
	v, err := a.fns.Fold(a.resolve(types.OpLike, x, list...), args, a.session)
	if err != nil {
		a.failWith(err, x)
	}
	matched, _ := v.V.(bool)
	return matched
}
