package analyze

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// show plans SHOW and DESCRIBE as constant rows.
func (a *analyzer) show(x *ast.Show) plan.Node {
	switch x.Kind {
	case ast.ShowCatalogs:
		return a.boundedListing(x, []string{"Catalog"}, single(a.catalogs()))
	case ast.ShowSchemas:
		return a.listing(x, []string{"Schema"}, single(a.schemas(x)))
	case ast.ShowTables:
		return a.listing(x, []string{"Table"}, single(a.tablesIn(x)))
	case ast.ShowColumns:
		return a.showColumns(x)
	case ast.ShowCreateTable:
		return a.showCreateTable(x)
	case ast.ShowCreateSchema:
		return a.showCreateSchema(x)
	case ast.ShowFunctions:
		return a.showFunctions(x)
	case ast.ShowSession:
		return a.showSession(x)
	case ast.ShowStats:
		return a.showStats(x)
	case ast.ShowRoles, ast.ShowCurrentRoles:
		return a.showRoles(x, "Role")
	case ast.ShowRoleGrants:
		return a.showRoles(x, "Role Grants")
	case ast.ShowGrants:
		return a.showGrants(x)
	}
	panic(a.notSupported(x, "SHOW "+string(x.Kind)))
}

// catalogs lists the result of SHOW CATALOGS.
func (a *analyzer) catalogs() []string {
	out := []string{a.session.Catalog}
	if system, ok := a.catalog.(metadata.SystemTables); ok {
		out = append(out, system.SystemCatalogs()...)
	}
	slices.Sort(out)
	return out
}

// schemas lists the schemas of the catalog that a statement names.
func (a *analyzer) schemas(x *ast.Show) []string {
	catalog := a.session.Catalog
	if x.From != nil {
		catalog = strings.ToLower(x.From.Last().Name)
	}
	var out []string
	if strings.EqualFold(catalog, a.session.Catalog) {
		out = append(out, a.session.Schema)
	}
	for _, schema := range a.systemSchemas(catalog) {
		out = append(out, schema.Name)
	}
	if out == nil {
		a.fail(types.CatalogNotFound, x, "Catalog '%s' does not exist", catalog)
	}
	slices.Sort(out)
	return out
}

// tablesIn lists the tables of the schema that a statement names.
func (a *analyzer) tablesIn(x *ast.Show) []string {
	catalog, schema := a.session.Catalog, a.session.Schema
	if x.From != nil {
		schema = strings.ToLower(x.From.Last().Name)
		if len(x.From.Parts) > 1 {
			catalog = strings.ToLower(x.From.Parts[0].Name)
		}
	}
	own := strings.EqualFold(catalog, a.session.Catalog)
	if own && strings.EqualFold(schema, a.session.Schema) {
		return a.tableNames()
	}
	system := a.systemSchemas(catalog)
	for _, s := range system {
		if s.Name == schema {
			return s.Tables
		}
	}
	if !own && len(system) == 0 {
		a.fail(types.CatalogNotFound, x, "Catalog '%s' does not exist", catalog)
	}
	a.fail(types.SchemaNotFound, x, "Schema '%s' does not exist", schema)
	return nil
}

// single returns rows with one column each.
func single(names []string) [][]string {
	rows := make([][]string, len(names))
	for i, name := range names {
		rows[i] = []string{name}
	}
	return rows
}

// shownColumns returns the columns of the table that a statement names.
func (a *analyzer) shownColumns(x *ast.Show) []field {
	name := *x.From
	name.At = x.At
	rel := a.table(&ast.Table{At: x.At, Name: name}, &scope{})
	return visible(rel).fields
}

func (a *analyzer) showColumns(x *ast.Show) plan.Node {
	var rows [][]string
	for _, f := range a.shownColumns(x) {
		rows = append(rows, []string{f.name, f.col.Type.String(), "", a.commentOf(f.col)})
	}
	return a.listing(x, []string{"Column", "Type", "Extra", "Comment"}, rows)
}

// showCreateTable returns a statement that would create a table with the same columns.
func (a *analyzer) showCreateTable(x *ast.Show) plan.Node {
	var columns []string
	for _, f := range a.shownColumns(x) {
		columns = append(columns, "   "+quotedName(f.name)+" "+f.col.Type.Display())
	}
	name := []string{quotedName(a.session.Catalog), quotedName(a.session.Schema)}
	name = name[:3-len(x.From.Parts)]
	for _, part := range x.From.Parts {
		name = append(name, quotedName(strings.ToLower(part.Name)))
	}
	text := "CREATE TABLE " + strings.Join(name, ".") + " (\n" + strings.Join(columns, ",\n") + "\n)"
	return a.boundedListing(x, []string{"Create Table"}, [][]string{{text}})
}

func (a *analyzer) showCreateSchema(x *ast.Show) plan.Node {
	catalog, schema := a.session.Catalog, strings.ToLower(x.From.Last().Name)
	if len(x.From.Parts) > 1 {
		catalog = strings.ToLower(x.From.Parts[0].Name)
	}
	own := catalog == a.session.Catalog && schema == a.session.Schema
	isSystem := slices.ContainsFunc(a.systemSchemas(catalog), func(s metadata.SystemSchema) bool { return s.Name == schema })
	if len(x.From.Parts) > 2 || !own && !isSystem {
		a.fail(types.SchemaNotFound, x, "Schema '%s.%s' does not exist", catalog, schema)
	}
	return a.boundedListing(x, []string{"Create Schema"}, [][]string{{"CREATE SCHEMA " + catalog + "." + schema}})
}

func quotedName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func (a *analyzer) showFunctions(x *ast.Show) plan.Node {
	if x.From != nil {
		panic(a.notSupported(x, "SHOW FUNCTIONS FROM"))
	}
	kinds := map[types.FunctionKind]string{types.Scalar: "scalar", types.Aggregate: "aggregate", types.Window: "window"}
	var rows [][]string
	for _, s := range a.fns.List() {
		args := make([]string, len(s.Args))
		for i, t := range s.Args {
			args[i] = t.String()
		}
		rows = append(rows, []string{s.Name, s.Return.String(), strings.Join(args, ", "), kinds[s.Kind], fmt.Sprint(!s.NonDeterministic), s.Doc})
	}
	slices.SortStableFunc(rows, func(x, y []string) int {
		x, y = slices.Clone(x), slices.Clone(y)
		x[0], y[0] = strings.ToLower(x[0]), strings.ToLower(y[0])
		return slices.Compare(x[:4], y[:4])
	})
	return a.boundedListing(x, []string{"Function", "Return Type", "Argument Types", "Function Type", "Deterministic", "Description"}, rows, 4)
}

// listing returns constant rows of text: those whose first column is LIKE the statement's pattern.
func (a *analyzer) listing(x *ast.Show, titles []string, rows [][]string) plan.Node {
	out := a.rowsOf(titles, slices.Repeat([]*types.Type{types.VarcharType}, len(titles))...)
	for _, row := range rows {
		if x.Like != nil && !a.like(x, row[0]) {
			continue
		}
		var values []types.Value
		for _, text := range row {
			values = append(values, varchar(text))
		}
		out.add(values...)
	}
	return out.Output
}

// boundedListing is listing with Trino's types for literals. A column is varchar with the length of its longest
// text in all rows, including those that LIKE drops. The columns at the indexes booleans hold the texts true and
// false.
func (a *analyzer) boundedListing(x *ast.Show, titles []string, rows [][]string, booleans ...int) plan.Node {
	columns := make([]*types.Type, len(titles))
	for i := range titles {
		longest := 0
		for _, row := range rows {
			longest = max(longest, utf8.RuneCountInString(row[i]))
		}
		columns[i] = types.VarcharOf(longest)
		if slices.Contains(booleans, i) {
			columns[i] = types.BooleanType
		}
	}
	out := a.rowsOf(titles, columns...)
	for _, row := range rows {
		if x.Like != nil && !a.like(x, row[0]) {
			continue
		}
		values := make([]types.Value, len(row))
		for i, text := range row {
			values[i] = types.Value{Type: columns[i], V: text}
			if columns[i].Kind == types.Boolean {
				values[i].V = text == "true"
			}
		}
		out.add(values...)
	}
	return out.Output
}

// like runs the LIKE operator on constants.
func (a *analyzer) like(x *ast.Show, text string) bool {
	args := []types.Value{varchar(text), varcharValue(x.Like.Value)}
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
