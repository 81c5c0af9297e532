package analyze

import (
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/sqljson"
	"github.com/auditlake/auditlake/planner/types"
)

// jsonTable joins each row of left with the rows of a JSON value, which may read left's columns. It is planned as
// UNNEST of an array of rows.
func (a *analyzer) jsonTable(left relation, x *ast.JSONTable, s *scope, outer bool) relation {
	e := &env{analyzer: a, scope: s.beside(left), clause: "JSON_TABLE", subqueries: new([]*pending)}
	c := e.jsonContext(x, x.Path, "", x.OnError)
	t := &jsonTable{env: e, context: c}
	t.paramNames = map[string]bool{}
	for _, p := range c.settings.Params {
		t.paramNames[p.Name] = true
	}
	t.names = map[string]bool{}
	root := &nestedPath{}
	if x.Path.Name != nil {
		root.name = canonicalName(*x.Path.Name)
		t.addName(root.name, x.Path.Name)
	}
	t.columns(root, x.Columns)
	t.arrange(root, x)
	c.settings.Table = root.plan
	if len(t.fields) == 0 {
		a.fail(types.SyntaxError, x, "JSON_TABLE has no columns")
	}
	rows := e.function(sqljson.TableFunction, x, append(c.args(), constant(types.Null(types.RowOf(t.fields...))))...)
	return a.spread(left, e, []plan.Expr{rows}, false, outer)
}

type jsonTable struct {
	*env
	context    *jsonContext
	fields     []types.Field
	paramNames map[string]bool
	names      map[string]bool // of columns and paths
}

// addName records the name of a column or path. The name must be new.
func (t *jsonTable) addName(name string, n ast.Node) {
	if t.names[name] {
		t.fail(types.DuplicateColumnOrPathName, n, "All column and path names in JSON_TABLE invocation must be unique")
	}
	t.names[name] = true
}

// columns adds the columns of a path and its nested paths.
func (t *jsonTable) columns(of *nestedPath, list []*ast.JSONColumn) {
	of.plan = &sqljson.Plan{}
	if of.path != nil {
		of.plan.Path = of.path.Value
	}
	for _, c := range list {
		if c.Kind == ast.JSONNestedColumns {
			of.nested = append(of.nested, t.nestedPath(c))
		} else {
			of.plan.Columns = append(of.plan.Columns, t.column(c))
		}
	}
}

func (t *jsonTable) nestedPath(c *ast.JSONColumn) *nestedPath {
	p := &nestedPath{path: c.Path}
	if c.Name != nil {
		p.name = canonicalName(*c.Name)
		t.addName(p.name, c.Name)
	}
	t.jsonPath(c.Path, nil)
	t.columns(p, c.Columns)
	return p
}

func (t *jsonTable) column(c *ast.JSONColumn) *sqljson.Column {
	name := canonicalName(*c.Name)
	t.addName(name, c)
	out := &sqljson.Column{Kind: sqljson.OrdinalityColumn, Field: len(t.fields)}
	if c.Kind == ast.JSONOrdinalityColumn {
		t.fields = append(t.fields, types.Field{Name: name, Type: types.BigIntType})
		return out
	}
	out.Path = `lax $."` + strings.ReplaceAll(name, `"`, `""`) + `"`
	if c.Path != nil {
		t.jsonPath(c.Path, nil)
		out.Path = c.Path.Value
	}
	to := t.resultType(c.Type, c)
	t.fields = append(t.fields, types.Field{Name: name, Type: to})
	out.OnEmpty, out.OnError = string(c.OnEmpty.Kind), string(c.OnError.Kind)
	if c.Kind == ast.JSONQueryColumn {
		t.requireOutput(to, c.Format, c)
		out.Kind, out.Wrapper, out.Omit, out.Format = sqljson.QueryColumn, string(c.Wrapper), c.Quotes == ast.JSONQuotesOmit, sqljson.Format(c.Format)
		return out
	}
	out.Kind = sqljson.ValueColumn
	if to.Kind != types.Boolean && to.Kind != types.Varchar && to.Kind != types.Char && !isNumeric(to) && !isDateTime(to) {
		t.fail(types.TypeMismatch, c, "Invalid type of column %s of JSON_TABLE: %s", name, to)
	}
	out.EmptyDefault, out.ErrorDefault = t.defaultField(c.OnEmpty, to, "EMPTY"), t.defaultField(c.OnError, to, "ERROR")
	return out
}

// defaultField adds the value of DEFAULT after the path's parameters and returns its index there, 0 if there is
// none.
func (t *jsonTable) defaultField(b ast.JSONValueBehavior, to *types.Type, when string) int {
	value := t.jsonDefault(b, to, when)
	if value == nil {
		return 0
	}
	t.context.params = append(t.context.params, value)
	return len(t.context.params) - 1
}
