package analyze

import (
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

func upper(s string) string { return strings.ToUpper(s) }

// coerce converts x to a type that it coerces to; n is x's position.
func (a *analyzer) coerce(x plan.Expr, to *types.Type, n ast.Node) plan.Expr {
	from := x.Type()
	if from.Equal(to) {
		return x
	}
	a.parameters.note(x, to)
	if c, ok := x.(*plan.Const); ok {
		if folded, ok := a.coerceConst(c, to); ok {
			return folded
		}
	}
	if s, ok := x.(*plan.Special); ok && (s.Form == plan.MakeArray || s.Form == plan.MakeRow) && from.Kind == to.Kind {
		return a.coerceItems(s, to, n)
	}
	if to.Kind == types.TimestampTZ && a.isLakeTimestamp(x) {
		if x = a.atUTC(x, n); x.Type().Equal(to) {
			return x
		}
	}
	fn, ok := a.fns.ResolveCast(x.Type(), to, false)
	if !ok {
		a.fail(types.NotSupported, n, "coercion from %s to %s is not supported", from, to)
	}
	return &plan.Cast{Fn: fn, Arg: x}
}

// coerceConst converts a constant at once if possible.
func (a *analyzer) coerceConst(c *plan.Const, to *types.Type) (plan.Expr, bool) {
	if c.Value.IsNull() {
		return &plan.Const{Value: types.Null(to), Pos: c.Pos}, true
	}
	if c.Value.Type.Kind == types.Varchar && to.Kind == types.Varchar {
		return &plan.Const{Value: types.Value{Type: to, V: c.Value.V}, Pos: c.Pos}, true
	}
	if c.Value.Type.IsInteger() && to.IsInteger() && to.Kind > c.Value.Type.Kind {
		return &plan.Const{Value: types.Value{Type: to, V: c.Value.V}, Pos: c.Pos}, true
	}
	fn, ok := a.fns.ResolveCast(c.Value.Type, to, false)
	if !ok {
		return nil, false
	}
	v, err := a.fns.Fold(fn, []types.Value{c.Value}, a.session)
	if err != nil {
		return nil, false
	}
	return &plan.Const{Value: v, Pos: c.Pos}, true
}

func (a *analyzer) coerceItems(s *plan.Special, to *types.Type, n ast.Node) plan.Expr {
	items := make([]plan.Expr, len(s.Args))
	for i, item := range s.Args {
		want := to.Elem
		if s.Form == plan.MakeRow {
			want = to.Fields[i].Type
		}
		items[i] = a.coerce(item, want, n)
	}
	return special(s.Form, to, items...)
}

// single coerces items to one type, as CASE results and array elements need. An error is reported at the first item
// that has no common type with those before it; what begins its message.
func (a *analyzer) single(items []plan.Expr, at []ast.Expr, what string) ([]plan.Expr, *types.Type) {
	common := types.UnknownType
	for i, item := range items {
		t, ok := types.CommonSuperType(common, item.Type())
		if !ok {
			a.fail(types.TypeMismatch, at[i], "%s must be the same type or coercible to a common type. Cannot find common type between %s and %s, all types (without duplicates): [%s]%s",
				what, common, item.Type(), distinctTypes(items), numberHint(items[0].Type(), at[0], at[i]))
		}
		common = t
	}
	out := make([]plan.Expr, len(items))
	for i, item := range items {
		out[i] = a.coerce(item, common, at[i])
	}
	return out, common
}

func distinctTypes(items []plan.Expr) string {
	var names []string
	seen := map[string]bool{}
	for _, item := range items {
		if name := item.Type().String(); !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

func (e *env) cast(x *ast.Cast) plan.Expr {
	to := e.castType(x)
	arg := e.expr(x.X)
	if arg.Type().Kind == types.Unknown {
		if c, ok := arg.(*plan.Const); ok {
			return &plan.Const{Value: types.Null(to), Pos: c.Pos}
		}
	}
	if arg.Type().Equal(to) {
		return arg
	}
	fn, ok := e.fns.ResolveCast(arg.Type(), to, x.Try)
	if !ok {
		hint := ""
		if to.IsText() && !arg.Type().IsText() {
			if _, ok := e.fns.ResolveCast(arg.Type(), types.JSONType, x.Try); ok {
				hint = "; its text is json_format(CAST(" + ast.Format(x.X) + " AS json))"
			}
		}
		e.fail(types.TypeMismatch, x, "Cannot cast %s to %s%s", arg.Type(), to, hint)
	}
	if call, ok := arg.(*plan.Call); ok && call.Fn.Name == "json_parse" && !x.Try && (to.Kind == types.Array || to.Kind == types.Map || to.Kind == types.Row) {
		arg = e.parsedForCast(call, x)
	}
	return &plan.Cast{Fn: fn, Arg: arg, Try: x.Try}
}

// parsedForCast handles json_parse below CAST to an array, map or row, as Trino does. The cast reads the text of
// json_parse directly, unless the text is a constant and is parsed first. TRY_CAST leaves json_parse and its errors
// as they are.
func (e *env) parsedForCast(call *plan.Call, x *ast.Cast) plan.Expr {
	name := types.FnJSONTextForCast
	if _, isConstant := call.Args[0].(*plan.Const); isConstant {
		name = types.FnJSONParseForCast
	}
	parse, err := e.fns.Resolve(name, []types.Arg{{Type: types.VarcharType}})
	if err != nil {
		e.failWith(err, x)
	}
	return &plan.Call{Fn: parse, Args: call.Args, Pos: call.Pos}
}

// resultType returns the type that n names for its result. An unknown type is a TYPE_MISMATCH here, as in Trino,
// not a TYPE_NOT_FOUND.
func (e *env) resultType(t *ast.Type, n ast.Node) *types.Type {
	to, err := makeType(t)
	if isError(err, types.TypeNotFound) || isError(err, types.NumericValueOutOfRange) {
		_, hint, isHinted := strings.Cut(err.Error(), "; ")
		if isHinted {
			hint = "; " + hint
		}
		e.fail(types.TypeMismatch, n, "Unknown type: %s%s", ast.Format(t), hint)
	}
	if err != nil {
		e.failWith(err, t)
	}
	return to
}

// castType returns the type that a CAST names.
func (e *env) castType(x *ast.Cast) *types.Type {
	to := e.resultType(x.Type, x)
	if to.Kind == types.Unknown {
		e.fail(types.TypeMismatch, x, "UNKNOWN is not a valid type")
	}
	return to
}
