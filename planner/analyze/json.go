package analyze

import (
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/sqljson"
	"github.com/auditlake/auditlake/planner/types"
)

// jsonContext holds what the SQL/JSON functions with a path share: the input, the settings and the parameters.
type jsonContext struct {
	input    plan.Expr
	settings *sqljson.Settings
	params   []plan.Expr
}

// args returns the arguments of the call.
func (c *jsonContext) args() []plan.Expr {
	text := constant(types.Value{Type: types.VarcharType, V: c.settings.String()})
	return []plan.Expr{c.input, text, rowOf(c.params)}
}

// rowOf returns a row of the expressions, or an untyped NULL if there are none.
func rowOf(items []plan.Expr) plan.Expr {
	if len(items) == 0 {
		return constant(types.Null(types.UnknownType))
	}
	fields := make([]types.Field, len(items))
	for i, item := range items {
		fields[i].Type = item.Type()
	}
	return special(plan.MakeRow, types.RowOf(fields...), items...)
}

// jsonContext analyses the parts of the call n that all SQL/JSON functions with a path share.
func (e *env) jsonContext(n ast.Node, p *ast.JSONPath, onEmpty, onError ast.JSONBehavior) *jsonContext {
	c := &jsonContext{settings: &sqljson.Settings{Path: p.Path.Value, OnEmpty: string(onEmpty), OnError: string(onError)}}
	c.input, c.settings.Input = e.jsonInput(p.Input, true)
	names := map[string]bool{}
	for _, arg := range p.Passing {
		name := canonicalName(arg.Name)
		if names[name] {
			e.fail(types.DuplicateParameterName, &arg.Name, "%s JSON path parameter is specified more than once", name)
		}
		names[name] = true
		value, format := e.jsonInput(arg.Input, false)
		if format == sqljson.NoFormat {
			value = e.jsonParameter(value, arg.Input.X, n)
		}
		c.settings.Params = append(c.settings.Params, sqljson.Param{Name: name, Format: format})
		c.params = append(c.params, value)
	}
	e.jsonPath(p.Path, names)
	return c
}

// canonicalName returns a name as SQL stores it: in upper case unless quoted.
func canonicalName(name ast.Ident) string {
	if name.Quoted {
		return name.Name
	}
	return strings.ToUpper(name.Name)
}

// jsonInput analyses a value. It is read as JSON if always is set, if it has a FORMAT, or if it comes from a
// SQL/JSON function.
func (e *env) jsonInput(in *ast.JSONInput, always bool) (plan.Expr, sqljson.Format) {
	value := e.expr(in.X)
	format := sqljson.Format(in.Format)
	if format == sqljson.NoFormat {
		format = impliedFormat(in.X)
	}
	if format == sqljson.NoFormat && always {
		format = sqljson.Text
	}
	if format == sqljson.NoFormat {
		return value, format
	}
	t := value.Type()
	if !(format == sqljson.Text && t.Kind == types.Varchar || t.Kind == types.Varbinary || t.Kind == types.Unknown) {
		e.fail(types.TypeMismatch, in.X, "Cannot read input of type %s as JSON using formatting %s", t, format)
	}
	return value, format
}

// impliedFormat returns the format of a SQL/JSON function's result, in any encoding.
func impliedFormat(x ast.Expr) sqljson.Format {
	switch x.(type) {
	case *ast.JSONQuery, *ast.JSONObject, *ast.JSONArray:
		return sqljson.Text
	}
	return sqljson.NoFormat
}

// jsonParameter converts a value to a type that paths support. A value of another type becomes text.
func (e *env) jsonParameter(value plan.Expr, x ast.Expr, n ast.Node) plan.Expr {
	t := value.Type()
	switch {
	case t.Kind == types.Varbinary:
		e.fail(types.NotSupported, x, "Unsupported type of JSON path parameter: %s", t)
	case isDateTime(t):
		return value
	}
	text, ok := e.jsonScalar(value)
	if !ok {
		e.fail(types.NotSupported, n, "Unsupported type of JSON path parameter: %s", t)
	}
	return text
}

func isDateTime(t *types.Type) bool {
	switch t.Kind {
	case types.Date, types.Time, types.TimeTZ, types.Timestamp, types.TimestampTZ:
		return true
	}
	return false
}

// jsonScalar converts a value to a type that JSON has. Values of other types become text; if that is impossible it
// returns false.
func (e *env) jsonScalar(value plan.Expr) (plan.Expr, bool) {
	t := value.Type()
	switch {
	case t.Kind == types.Boolean, t.Kind == types.Varchar, t.Kind == types.Char, t.Kind == types.Unknown, isNumeric(t):
		return value, true
	case t.Kind == types.Varbinary:
		return nil, false
	}
	fn, ok := e.fns.ResolveCast(t, types.VarcharType, false)
	if !ok {
		return nil, false
	}
	return &plan.Cast{Fn: fn, Arg: value}, true
}

func isNumeric(t *types.Type) bool {
	return t.IsInteger() || t.Kind == types.Real || t.Kind == types.Double || t.Kind == types.Decimal
}

// refusePathName ends the analysis if a path has a name. Only the paths of JSON_TABLE may have one.
func (e *env) refusePathName(p *ast.JSONPath, function string) {
	if p.Name != nil {
		e.fail(types.InvalidPath, p.Name, "JSON path name is not allowed in %s function", function)
	}
}

func (e *env) jsonExists(x *ast.JSONExists) plan.Expr {
	e.refusePathName(x.Path, "JSON_EXISTS")
	c := e.jsonContext(x, x.Path, "", x.OnError)
	return e.function(sqljson.ExistsFunction, x, c.args()...)
}

// jsonValue computes DEFAULT values only for the rows that need them.
func (e *env) jsonValue(x *ast.JSONValue) plan.Expr {
	e.refusePathName(x.Path, "JSON_VALUE")
	c := e.jsonContext(x, x.Path, x.OnEmpty.Kind, x.OnError.Kind)
	to := types.VarcharType
	if x.Returning != nil {
		to = e.resultType(x.Returning, x)
		if to.Kind != types.Boolean && to.Kind != types.Varchar && to.Kind != types.Char && !isNumeric(to) && !isDateTime(to) {
			e.fail(types.TypeMismatch, x, "Invalid return type of function JSON_VALUE: %s", to)
		}
	}
	onEmpty, onError := e.jsonDefault(x.OnEmpty, to, "EMPTY"), e.jsonDefault(x.OnError, to, "ERROR")
	if onEmpty == nil && onError == nil {
		return e.function(sqljson.ValueFunction, x, append(c.args(), constant(types.Null(to)))...)
	}
	input, use := e.repeated(c.input, x)
	c.input = input
	args := append(c.args(), constant(types.Null(to)))
	value := e.function(sqljson.ValueFunction, x, args...)
	which := e.function(sqljson.CaseFunction, x, args...)
	var parts []plan.Expr
	for _, d := range []struct {
		when  string
		value plan.Expr
	}{{sqljson.EmptyCase, onEmpty}, {sqljson.ErrorCase, onError}} {
		if d.value != nil {
			is := e.function(types.OpEqual, x, which, constant(types.Value{Type: types.VarcharType, V: d.when}))
			parts = append(parts, is, d.value)
		}
	}
	return use(special(plan.Case, to, append(parts, value)...))
}

// jsonDefault returns the value of DEFAULT, nil for another behavior.
func (e *env) jsonDefault(b ast.JSONValueBehavior, to *types.Type, when string) plan.Expr {
	if b.Kind != ast.JSONOnDefault {
		return nil
	}
	value := e.expr(b.Default)
	common, ok := types.CommonSuperType(value.Type(), to)
	if !ok || !common.Equal(to) {
		e.fail(types.TypeMismatch, b.Default, "Function JSON_VALUE default ON %s result must evaluate to a %s (actual: %s)", when, to, value.Type())
	}
	return e.coerce(value, to, b.Default)
}

func (e *env) jsonQuery(x *ast.JSONQuery) plan.Expr {
	if x.Quotes != ast.JSONQuotesNone && (x.Wrapper == ast.JSONWrapperConditional || x.Wrapper == ast.JSONWrapperUnconditional) {
		e.fail(types.InvalidFunctionArgument, x, "%s QUOTES behavior specified with %s ARRAY WRAPPER behavior", x.Quotes, x.Wrapper)
	}
	e.refusePathName(x.Path, "JSON_QUERY")
	c := e.jsonContext(x, x.Path, x.OnEmpty, x.OnError)
	c.settings.Wrapper, c.settings.Omit = string(x.Wrapper), x.Quotes == ast.JSONQuotesOmit
	return e.jsonOutput(e.function(sqljson.QueryFunction, x, c.args()...), x.Returning, x.Format, x)
}

// jsonOutput converts JSON text to the type of RETURNING.
func (e *env) jsonOutput(text plan.Expr, returning *ast.Type, format ast.JSONFormat, n ast.Node) plan.Expr {
	if returning == nil {
		return text
	}
	return e.jsonOutputAs(text, e.resultType(returning, n), format, n)
}

func (e *env) jsonOutputAs(text plan.Expr, to *types.Type, format ast.JSONFormat, n ast.Node) plan.Expr {
	if format == ast.JSONFormatNone {
		format = ast.JSONFormatPlain
	}
	e.requireOutput(to, format, n)
	if to.Kind == types.Varbinary {
		return e.function(sqljson.EncodeFunction, n, text, constant(types.Value{Type: types.VarcharType, V: string(format)}))
	}
	if text.Type().Equal(to) {
		return text
	}
	fn, ok := e.fns.ResolveCast(text.Type(), to, false)
	if !ok {
		panic(e.notSupported(n, "JSON as "+to.String()))
	}
	return &plan.Cast{Fn: fn, Arg: text}
}

// requireOutput ends the analysis unless JSON can be returned in this type and format.
func (e *env) requireOutput(to *types.Type, format ast.JSONFormat, n ast.Node) {
	text := to.Kind == types.Varchar || to.Kind == types.Char
	if to.Kind != types.Varbinary && !(text && format == ast.JSONFormatPlain) {
		e.fail(types.TypeMismatch, n, "Cannot output JSON value as %s using formatting %s", to, format)
	}
}
