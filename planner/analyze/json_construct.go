package analyze

import (
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/sqljson"
	"github.com/auditlake/auditlake/planner/types"
)

func (e *env) jsonObject(x *ast.JSONObject) plan.Expr {
	settings := &sqljson.Settings{NullOut: !x.AbsentNull, Unique: x.UniqueKeys}
	var values []plan.Expr
	for _, m := range x.Members {
		key := e.expr(m.Key)
		if t := key.Type(); t.Kind != types.Varchar && t.Kind != types.Char {
			e.fail(types.InvalidFunctionArgument, m.Key, "Invalid type of JSON object key: %s", t)
		}
		value, format := e.jsonItem(m.Value, "JSON_OBJECT", x)
		if x.UniqueKeys && format != sqljson.NoFormat {
			e.fail(types.NotSupported, x, "WITH UNIQUE KEYS behavior is not supported for JSON_OBJECT function when input expression has FORMAT")
		}
		values = append(values, key, value)
		settings.Items = append(settings.Items, format)
	}
	return e.jsonConstructor(sqljson.ObjectFunction, settings, values, x.Returning, x.Format, x)
}

func (e *env) jsonArray(x *ast.JSONArray) plan.Expr {
	settings := &sqljson.Settings{NullOut: x.NullNull}
	var values []plan.Expr
	for _, item := range x.Items {
		value, format := e.jsonItem(item, "JSON_ARRAY", x)
		values = append(values, value)
		settings.Items = append(settings.Items, format)
	}
	return e.jsonConstructor(sqljson.ArrayFunction, settings, values, x.Returning, x.Format, x)
}

// jsonItem analyses a value that a function puts into JSON.
func (e *env) jsonItem(in *ast.JSONInput, function string, n ast.Node) (plan.Expr, sqljson.Format) {
	value, format := e.jsonInput(in, false)
	if format != sqljson.NoFormat {
		return value, format
	}
	shown, ok := e.jsonScalar(value)
	if !ok {
		if value.Type().Kind == types.Varbinary {
			n = in.X
		}
		e.fail(types.NotSupported, n, "Unsupported type of value passed to %s function: %s", function, value.Type())
	}
	return shown, format
}

func (e *env) jsonConstructor(name string, settings *sqljson.Settings, values []plan.Expr, returning *ast.Type, format ast.JSONFormat, n ast.Node) plan.Expr {
	text := constant(types.Value{Type: types.VarcharType, V: settings.String()})
	return e.jsonOutput(e.function(name, n, text, rowOf(values)), returning, format, n)
}
