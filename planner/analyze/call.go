package analyze

import (
	"errors"
	"fmt"
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// maxArguments is how many arguments a function may take.
const maxArguments = 127

func (e *env) call(x *ast.FunctionCall) plan.Expr {
	if len(x.Name.Parts) > 1 {
		e.fail(types.FunctionNotFound, x, "Function '%s' not registered", x.Name)
	}
	name := strings.ToLower(x.Name.Last().Name)
	switch {
	case x.Label != nil:
		e.fail(types.InvalidFunctionArgument, x.Label, "label.* syntax is only supported as the only argument of row pattern count function")
	case x.Processing != ast.ProcessingDefault:
		e.fail(types.InvalidProcessingMode, x, "%s semantics is not supported out of pattern recognition context", x.Processing)
	case x.Over != nil:
		return e.windowCall(name, x)
	case e.fns.IsAggregate(name):
		return e.aggregateCall(name, x)
	case e.fns.IsWindow(name) && e.windows == nil && e.inside == nil && !e.inWindow && !e.inSpecification:
		e.fail(types.ExpressionNotScalar, e.root, "%s cannot contain aggregations, window functions or grouping operations: [%s]", e.clause, ast.Format(x))
	case x.Distinct:
		e.fail(types.FunctionNotAggregate, x, "DISTINCT is not supported for non-aggregation functions%s", distinctHint(name))
	}
	if x.Filter != nil {
		e.boolean(x.Filter, "Filter expression")
	}
	fn, args := e.resolveCall(name, x.Args, x)
	for _, item := range x.OrderBy {
		e.expr(item.X)
	}
	switch {
	case e.fns.IsWindow(name):
		e.failLater(withoutOver, types.MissingOver, x, "Window function %s requires an OVER clause", name)
		return constant(types.Null(fn.Return))
	case x.Filter != nil:
		e.fail(types.FunctionNotAggregate, x, "Filter is only valid for aggregation functions")
	case len(x.OrderBy) > 0:
		e.fail(types.FunctionNotAggregate, x, "ORDER BY is only valid for aggregation functions")
	}
	return &plan.Call{Fn: fn, Args: args, Pos: x.Pos()}
}

// resolveCall analyses the arguments, picks the function and coerces the arguments to its types.
func (e *env) resolveCall(name string, args []ast.Expr, n ast.Node) (*types.Resolved, []plan.Expr) {
	exprs := make([]plan.Expr, len(args))
	offered := make([]types.Arg, len(args))
	for i, arg := range args {
		if l, ok := arg.(*ast.Lambda); ok {
			offered[i] = e.lambdaArg(l)
			continue
		}
		if isUnit(arg) && e.mayBeUnit(i, name) {
			exprs[i] = e.unit(name, i, args, n)
		} else {
			exprs[i] = e.expr(arg)
		}
		offered[i].Type = exprs[i].Type()
	}
	if name == "format" && len(args) > 0 && offered[0].Type != nil && offered[0].Type.Kind != types.Varchar {
		e.fail(types.TypeMismatch, args[0], "Type of first argument to format() must be VARCHAR (actual: %s)", offered[0].Type)
	}
	if name == "listagg" && len(args) > 0 && offered[0].Type != nil && offered[0].Type.Kind != types.Varchar {
		e.fail(types.TypeMismatch, n, "Expected expression of varchar, but '%s' has %s type", ast.Format(args[0]), offered[0].Type)
	}
	fn, err := e.fns.Resolve(name, offered)
	if err != nil && name == "format" {
		e.failFormat(err, args)
	}
	if err != nil {
		e.failCall(readOtherwise(err, name, args, offered), timeHint(name, args, offered), name, args, n)
	}
	if len(args) > maxArguments {
		e.fail(types.TooManyArguments, n, "Too many arguments for function call %s()", name)
	}
	for i, arg := range args {
		if l, ok := arg.(*ast.Lambda); ok {
			exprs[i] = e.lambda(l, fn.Args[i])
			continue
		}
		exprs[i] = e.coerce(exprs[i], fn.Args[i], n)
	}
	return fn, exprs
}

// failFormat reports a value of a type that format does not support at the first value, as Trino does.
func (e *env) failFormat(err error, args []ast.Expr) {
	if len(args) > 1 && isError(err, types.NotSupported) {
		e.failWith(err, args[1])
	}
}

// lambdaArg offers a lambda for resolution. Its result type depends on its parameters' types.
func (e *env) lambdaArg(l *ast.Lambda) types.Arg {
	return types.Arg{Params: len(l.Params), Lambda: func(params []*types.Type) (result *types.Type, err error) {
		err = guard(func() { result = e.lambdaBody(l, params).Body.Type() })
		return result, err
	}}
}

// lambda analyses l for the function type that resolution has chosen.
func (e *env) lambda(l *ast.Lambda, want *types.Type) plan.Expr {
	params := make([]*types.Type, len(want.Fields))
	for i, f := range want.Fields {
		params[i] = f.Type
	}
	made := e.lambdaBody(l, params)
	made.Body = e.coerce(made.Body, want.Elem, l.Body)
	return made
}

func (e *env) lambdaBody(l *ast.Lambda, params []*types.Type) *plan.Lambda {
	if e.pattern != nil {
		e.fail(types.NotSupported, l, "Lambda expression in pattern recognition context is not yet supported")
	}
	e.lambdas++
	if e.lambdas > maxLambdas {
		e.fail(types.NotSupported, l, "lambdas nest too deep")
	}
	made := &plan.Lambda{}
	names := map[string]*plan.Column{}
	for i, p := range l.Params {
		c := e.newColumn(p.Name, params[i])
		made.Params = append(made.Params, c)
		names[strings.ToLower(p.Name)] = c
	}
	made.Body = e.inLambda(names).expr(l.Body)
	return made
}

// failCall reports why a call does not resolve; errors about a lambda's parameters are reported at the lambda. hint
// is what to write instead, "" if unknown.
func (e *env) failCall(err error, hint, name string, args []ast.Expr, n ast.Node) {
	switch {
	case isError(err, types.InvalidParameterUsage):
		for _, arg := range args {
			if l, ok := arg.(*ast.Lambda); ok {
				e.failWith(err, l)
			}
		}
	case isError(err, types.FunctionNotFound) && !e.fns.Exists(name):
		var known []string
		for _, s := range e.fns.List() {
			known = append(known, s.Name)
		}
		if hint == "" {
			hint = functionHint(name, args, known)
		}
		e.fail(types.FunctionNotFound, n, "Function '%s' not registered%s", name, hint)
	}
	if failed := (*types.Error)(nil); hint != "" && errors.As(err, &failed) {
		hinted := *failed
		hinted.Message += hint
		err = &hinted
	}
	e.failWith(err, n)
}

// function calls the function that a syntax stands for.
func (e *env) function(name string, n ast.Node, args ...plan.Expr) plan.Expr {
	list := make([]*types.Type, len(args))
	for i, arg := range args {
		list[i] = arg.Type()
	}
	return e.callWith(e.resolve(name, n, list...), n, args...)
}

var extractNames = map[string]string{
	"YEAR": "year", "QUARTER": "quarter", "MONTH": "month", "WEEK": "week", "DAY": "day", "DAY_OF_MONTH": "day",
	"DAY_OF_WEEK": "day_of_week", "DOW": "day_of_week", "DAY_OF_YEAR": "day_of_year", "DOY": "day_of_year",
	"YEAR_OF_WEEK": "year_of_week", "YOW": "year_of_week", "HOUR": "hour", "MINUTE": "minute", "SECOND": "second",
	"TIMEZONE_HOUR": "timezone_hour", "TIMEZONE_MINUTE": "timezone_minute",
}

func (e *env) extract(x *ast.Extract) plan.Expr {
	name, ok := extractNames[strings.ToUpper(x.Field.Name)]
	if !ok {
		hint := ""
		if strings.EqualFold(x.Field.Name, "epoch") {
			hint = fmt.Sprintf("; the seconds since 1970 are to_unixtime(%s)", ast.Format(x.X))
		}
		e.fail(types.SyntaxError, x, "Invalid EXTRACT field: %s%s", x.Field.Name, hint)
	}
	arg := e.expr(x.X)
	fn, err := e.fns.Resolve(name, []types.Arg{{Type: arg.Type()}})
	field := strings.ToUpper(x.Field.Name)
	// There is no coercion here: a date has no hour, a timestamp no zone, NULL nothing. Intervals have days, but no
	// day of the month.
	if err != nil || fn.Args[0].Kind != arg.Type().Kind ||
		field == "DAY_OF_MONTH" && arg.Type().Kind == types.IntervalDay {
		e.fail(types.TypeMismatch, x.X, "Cannot extract %s from %s", field, arg.Type())
	}
	return e.callWith(fn, x, arg)
}

func (e *env) trim(x *ast.Trim) plan.Expr {
	name := map[ast.TrimSide]string{ast.Leading: "ltrim", ast.Trailing: "rtrim"}[x.Side]
	if name == "" {
		name = "trim"
	}
	args := []plan.Expr{e.expr(x.X)}
	if x.Chars != nil {
		args = append(args, e.expr(x.Chars))
	}
	return e.function(name, x, args...)
}

// current returns a value of the session. The clock's values are functions, which the optimizer folds with the
// statement's time.
func (e *env) current(x *ast.Current) plan.Expr {
	text := func(s string) plan.Expr { return constant(types.Value{Type: types.VarcharType, V: s}) }
	switch x.Kind {
	case ast.CurrentUser:
		return text(e.session.User)
	case ast.CurrentCatalog:
		return text(e.session.Catalog)
	case ast.CurrentSchema:
		return text(e.session.Schema)
	case ast.CurrentPath:
		return text("")
	case ast.CurrentDate:
		return e.function("current_date", x)
	}
	precision := x.Precision
	if precision < 0 {
		precision = 3
	}
	to := map[ast.CurrentKind]*types.Type{
		ast.CurrentTimestamp: types.TimestampTZOf(precision), ast.LocalTimestamp: types.TimestampOf(precision),
		ast.CurrentTime: types.TimeTZOf(precision), ast.LocalTime: types.TimeOf(precision),
	}[x.Kind]
	if precision > 12 {
		e.fail(types.NumericValueOutOfRange, x, "%s precision must be in range [0, 12]: %d", x.Kind, precision)
	}
	now := e.function("now", x)
	if now.Type().Equal(to) {
		return now
	}
	fn, ok := e.fns.ResolveCast(now.Type(), to, false)
	if !ok {
		panic(e.notSupported(x, string(x.Kind)))
	}
	return &plan.Cast{Fn: fn, Arg: now}
}
