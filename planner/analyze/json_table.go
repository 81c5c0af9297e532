package analyze

import (
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/sqljson"
	"github.com/auditlake/auditlake/planner/types"
)

// jsonTable spreads the rows of a JSON value beside those of left, whose columns
// it may read: it is UNNEST of an array of rows.
func (a *analyzer) jsonTable(left relation, x *ast.JSONTable, s *scope, outer bool) relation {
	e := &env{analyzer: a, scope: s.beside(left), clause: "JSON_TABLE", subqueries: new([]*pending)}
	if x.Plan != nil && !isDefaultPlan(x.Plan) {
		panic(a.notSupported(x.Plan, "PLAN of JSON_TABLE, but for PLAN DEFAULT (OUTER, UNION),"))
	}
	c := e.jsonContext(x.Path, "", x.OnError)
	t := &jsonTable{env: e, context: c}
	t.paramNames = map[string]bool{}
	for _, p := range c.settings.Params {
		t.paramNames[p.Name] = true
	}
	t.names = map[string]bool{}
	if x.Path.Name != nil {
		t.addName(canonicalName(*x.Path.Name), x.Path.Name)
	}
	c.settings.Columns = t.columns(x.Columns)
	if len(t.fields) == 0 {
		a.fail(types.SyntaxError, x, "JSON_TABLE has no columns")
	}
	rows := e.function(sqljson.TableFunction, x, append(c.args(), constant(types.Null(types.RowOf(t.fields...))))...)
	return a.spread(left, e, []plan.Expr{rows}, false, outer)
}

// isDefaultPlan reports whether a plan is the one without PLAN.
func isDefaultPlan(p *ast.JSONPlan) bool {
	return p.Default && (p.ParentChild == "" || p.ParentChild == ast.JSONPlanOuter) && (p.Siblings == "" || p.Siblings == ast.JSONPlanUnion)
}

type jsonTable struct {
	*env
	context    *jsonContext
	fields     []types.Field
	paramNames map[string]bool
	names      map[string]bool // of columns and paths
}

// addName takes the name of a column or path, which must be new.
func (t *jsonTable) addName(name string, n ast.Node) {
	if t.names[name] {
		t.fail(types.DuplicateColumnOrPathName, n, "All column and path names in JSON_TABLE invocation must be unique")
	}
	t.names[name] = true
}

func (t *jsonTable) columns(list []*ast.JSONColumn) []*sqljson.Column {
	out := make([]*sqljson.Column, len(list))
	for i, c := range list {
		out[i] = t.column(c)
	}
	return out
}

func (t *jsonTable) column(c *ast.JSONColumn) *sqljson.Column {
	if c.Kind == ast.JSONNestedColumns {
		t.jsonPath(c.Path, nil)
		if c.Name != nil {
			t.addName(canonicalName(*c.Name), c.Name)
		}
		return &sqljson.Column{Kind: "NESTED", Path: c.Path.Value, Columns: t.columns(c.Columns)}
	}
	name := canonicalName(*c.Name)
	t.addName(name, c)
	out := &sqljson.Column{Kind: "ORDINALITY", Field: len(t.fields)}
	if c.Kind == ast.JSONOrdinalityColumn {
		t.fields = append(t.fields, types.Field{Name: name, Type: types.BigIntType})
		return out
	}
	to := t.typeOf(c.Type)
	t.fields = append(t.fields, types.Field{Name: name, Type: to})
	out.Path = `lax $."` + strings.ReplaceAll(name, `"`, `""`) + `"`
	if c.Path != nil {
		t.jsonPath(c.Path, nil)
		out.Path = c.Path.Value
	}
	out.OnEmpty, out.OnError = string(c.OnEmpty.Kind), string(c.OnError.Kind)
	if c.Kind == ast.JSONQueryColumn {
		if to.Kind != types.Varchar && to.Kind != types.Char {
			t.fail(types.TypeMismatch, c, "Cannot output JSON value as %s using formatting %s", to, c.Format)
		}
		out.Kind, out.Wrapper, out.Omit = "QUERY", string(c.Wrapper), c.Quotes == ast.JSONQuotesOmit
		return out
	}
	out.Kind = "VALUE"
	if to.Kind != types.Boolean && to.Kind != types.Varchar && to.Kind != types.Char && !isNumeric(to) && !isDateTime(to) {
		t.fail(types.TypeMismatch, c, "Invalid type of column %s of JSON_TABLE: %s", name, to)
	}
	out.EmptyDefault, out.ErrorDefault = t.defaultField(c.OnEmpty, to, "EMPTY"), t.defaultField(c.OnError, to, "ERROR")
	return out
}

// defaultField passes the value of DEFAULT behind the path's parameters.
func (t *jsonTable) defaultField(b ast.JSONValueBehavior, to *types.Type, when string) int {
	value := t.jsonDefault(b, to, when)
	if value == nil {
		return 0
	}
	t.context.params = append(t.context.params, value)
	return len(t.context.params) - 1
}
