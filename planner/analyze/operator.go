package analyze

import (
	"math"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

var arithmeticNames = map[ast.BinaryOp]string{
	ast.Add: types.OpAdd, ast.Subtract: types.OpSubtract, ast.Multiply: types.OpMultiply,
	ast.Divide: types.OpDivide, ast.Modulus: types.OpModulus,
}

// comparisonNames maps each operator to the function that computes it and to the operator named in error messages.
// As in Trino the latter is =, < or <=.
var comparisonNames = map[ast.CompareOp]struct{ function, base string }{
	ast.Equal: {types.OpEqual, "="}, ast.NotEqual: {types.OpNotEqual, "="},
	ast.Less: {types.OpLess, "<"}, ast.LessOrEqual: {types.OpLessEqual, "<="},
	ast.Greater: {types.OpGreater, "<"}, ast.GreaterOrEqual: {types.OpGreaterEq, "<="},
}

// resolve finds a function for arguments of these types. An error ends the analysis at n.
func (a *analyzer) resolve(name string, n ast.Node, args ...*types.Type) *types.Resolved {
	fn, err := a.fns.Resolve(name, argsOf(args))
	if err != nil {
		a.failWith(err, n)
	}
	return fn
}

func argsOf(list []*types.Type) []types.Arg {
	args := make([]types.Arg, len(list))
	for i, t := range list {
		args[i].Type = t
	}
	return args
}

// callWith calls fn with args coerced to its types.
func (a *analyzer) callWith(fn *types.Resolved, n ast.Node, args ...plan.Expr) plan.Expr {
	coerced := make([]plan.Expr, len(args))
	for i, arg := range args {
		coerced[i] = a.coerce(arg, fn.Args[i], n)
	}
	return &plan.Call{Fn: fn, Args: coerced, Pos: n.Pos()}
}

func (e *env) unary(x *ast.Unary) plan.Expr {
	arg := e.expr(x.X)
	if x.Op == ast.Plus {
		if t := arg.Type(); t.Kind == types.Decimal || !t.IsNumeric() {
			e.fail(types.TypeMismatch, x, "Unary '+' operator cannot by applied to %s type", t)
		}
		return arg
	}
	fn, err := e.fns.Resolve(types.OpNegate, []types.Arg{{Type: arg.Type()}})
	if isError(err, types.FunctionNotFound) {
		e.fail(types.TypeMismatch, x, "Cannot negate %s", arg.Type())
	}
	if err != nil {
		e.failWith(err, x)
	}
	return e.callWith(fn, x, arg)
}

func (e *env) binary(x *ast.Binary) plan.Expr {
	left, right := e.expr(x.Left), e.expr(x.Right)
	if x.Op == ast.Concat {
		fn, err := e.fns.Resolve(types.OpConcat, argsOf([]*types.Type{left.Type(), right.Type()}))
		if err != nil {
			e.failCall(err, timeHint("concat", []ast.Expr{x.Left, x.Right}, argsOf([]*types.Type{left.Type(), right.Type()})), types.OpConcat, nil, x)
		}
		return e.callWith(fn, x, left, right)
	}
	fn, err := e.fns.Resolve(arithmeticNames[x.Op], argsOf([]*types.Type{left.Type(), right.Type()}))
	if isError(err, types.FunctionNotFound) {
		e.fail(types.TypeMismatch, x, "Cannot apply operator: %s %s %s%s", left.Type(), x.Op, right.Type(),
			daysHint(x, left.Type(), right.Type())+joinedHint(x, left.Type(), right.Type()))
	}
	if err != nil {
		e.failWith(err, x)
	}
	return e.callWith(fn, x, left, right)
}

func (e *env) comparison(x *ast.Comparison) plan.Expr {
	left := e.expr(x.Left)
	return e.compare(x.Op, left, e.besideText(left.Type(), x.Right), x, x.Left, x.Right)
}

// compare builds left op right; n is the operator, the others are the operands.
func (a *analyzer) compare(op ast.CompareOp, left, right plan.Expr, n ast.Node, leftAt, rightAt ast.Expr) plan.Expr {
	operands := a.lakeOperands([]plan.Expr{left, right}, []ast.Expr{leftAt, rightAt})
	names := comparisonNames[op]
	call, ok := a.compareCall(names.function, operands[0], operands[1], n)
	if !ok {
		hint := literalHint(left, right) + numberHint(left.Type(), leftAt, rightAt) + numberHint(right.Type(), rightAt, leftAt) +
			jsonHint(left.Type(), right.Type(), leftAt) + jsonHint(right.Type(), left.Type(), rightAt) + unquotedDateHint(left.Type(), rightAt) + unquotedDateHint(right.Type(), leftAt) +
			epochHint(left.Type(), rightAt) + epochHint(right.Type(), leftAt)
		a.fail(types.TypeMismatch, n, "Cannot apply operator: %s %s %s%s", left.Type(), names.base, right.Type(), hint)
	}
	return call
}

// compareCall compares two operands as their common type. It returns false if they have none or the type lacks the
// operator.
func (a *analyzer) compareCall(function string, left, right plan.Expr, n ast.Node) (plan.Expr, bool) {
	common, ok := types.CommonSuperType(left.Type(), right.Type())
	if !ok {
		return nil, false
	}
	if common.Kind == types.Unknown {
		common = types.BooleanType
	}
	fn, err := a.fns.Resolve(function, argsOf([]*types.Type{common, common}))
	if err != nil {
		return nil, false
	}
	return a.callWith(fn, n, left, right), true
}

func (e *env) isDistinct(x *ast.IsDistinct) plan.Expr {
	left, right := e.expr(x.Left), e.expr(x.Right)
	operands := e.lakeOperands([]plan.Expr{left, right}, []ast.Expr{x.Left, x.Right})
	call, ok := e.compareCall(types.OpDistinct, operands[0], operands[1], x)
	if !ok {
		e.fail(types.TypeMismatch, x, "Cannot apply operator: %s IS DISTINCT FROM %s", left.Type(), right.Type())
	}
	return negateIf(x.Not, call)
}

func (e *env) logical(x *ast.Logical) plan.Expr {
	form, terms := plan.And, make([]plan.Expr, len(x.Terms))
	if x.Op == ast.Or {
		form = plan.Or
	}
	for i, t := range x.Terms {
		terms[i] = e.boolean(t, "Logical expression term")
	}
	return special(form, types.BooleanType, terms...)
}

// between is x >= low AND x <= high.
func (e *env) between(x *ast.Between) plan.Expr {
	value, use := e.repeated(e.expr(x.X), x.X)
	low, high := e.expr(x.Low), e.expr(x.High)
	operands := e.lakeOperands([]plan.Expr{value, low, high}, []ast.Expr{x.X, x.Low, x.High})
	common := types.UnknownType
	for _, o := range operands {
		var ok bool
		if common, ok = types.CommonSuperType(common, o.Type()); !ok || !common.IsOrderable() {
			hint := unquotedDateHint(value.Type(), x.Low)
			e.fail(types.TypeMismatch, x, "Cannot check if %s is BETWEEN %s and %s%s", value.Type(), low.Type(), high.Type(), hint)
		}
	}
	for i := range operands {
		operands[i] = e.coerce(operands[i], common, x)
	}
	above, ok1 := e.compareCall(types.OpGreaterEq, operands[0], operands[1], x)
	below, ok2 := e.compareCall(types.OpLessEqual, operands[0], operands[2], x)
	if !ok1 || !ok2 {
		e.fail(types.TypeMismatch, x, "Cannot check if %s is BETWEEN %s and %s", value.Type(), low.Type(), high.Type())
	}
	return use(negateIf(x.Not, and(above, below)))
}

// repeated calls use with a value that may occur several times in the expression that use returns.
//
// A nondeterministic value is computed once: it becomes the parameter of a lambda whose body is that expression. So
// it is still computed where the expression is, within TRY or in a branch that few rows take. A value so large that
// repeating it would blow up the plan is refused.
func (e *env) repeated(value plan.Expr, n ast.Node) (ref plan.Expr, use func(plan.Expr) plan.Expr) {
	size := 0
	plan.Walk(value, func(plan.Expr) bool {
		size++
		return size <= maxRepeated
	})
	if size > maxRepeated {
		e.fail(types.NotSupported, n, "an operand of more than %d parts is not supported here", maxRepeated)
	}
	if plan.IsDeterministic(value) {
		return value, func(body plan.Expr) plan.Expr { return body }
	}
	param := e.newColumn("", value.Type())
	return &plan.Ref{Column: param}, func(body plan.Expr) plan.Expr {
		lambda := types.Arg{Params: 1, Lambda: func([]*types.Type) (*types.Type, error) { return body.Type(), nil }}
		fn, err := e.fns.Resolve(types.OpBind, []types.Arg{{Type: value.Type()}, lambda})
		if err != nil {
			e.failWith(err, n)
		}
		return &plan.Call{Fn: fn, Args: []plan.Expr{value, &plan.Lambda{Params: []*plan.Column{param}, Body: body}}}
	}
}

func (e *env) in(x *ast.In) plan.Expr {
	at := append([]ast.Expr{x.X}, x.List...)
	items := make([]plan.Expr, len(at))
	items[0] = e.expr(x.X)
	for i, item := range x.List {
		items[i+1] = e.besideText(items[0].Type(), item)
	}
	items, common := e.single(e.lakeOperands(items, at), at, "IN value and list items")
	if common.Kind == types.Unknown {
		return constant(types.Null(types.BooleanType))
	}
	if !common.IsComparable() {
		e.fail(types.TypeMismatch, x, "Cannot apply operator: %s = %s", common, common)
	}
	return negateIf(x.Not, special(plan.In, types.BooleanType, items...))
}

func (e *env) like(x *ast.Like) plan.Expr {
	value := e.expr(x.X)
	if t := value.Type(); !t.IsText() && t.Kind != types.Unknown {
		e.fail(types.TypeMismatch, x.X, "Left side of LIKE expression must evaluate to a varchar (actual: %s)%s", t, partHint(x.X, t))
	}
	if call, ok := x.Pattern.(*ast.FunctionCall); ok && x.Not && callName(call) == "all" && !e.fns.Exists("all") {
		e.fail(types.FunctionNotFound, call, "Function 'all' not registered; it is written NOT (x LIKE 'a%%' OR x LIKE 'b%%')")
	}
	args := []plan.Expr{e.textOperand(value, x.X), e.likePart(x.Pattern, "Pattern for LIKE")}
	if x.Escape != nil {
		args = append(args, e.likePart(x.Escape, "Escape for LIKE"))
	}
	list := make([]*types.Type, len(args))
	for i, arg := range args {
		list[i] = arg.Type()
	}
	return negateIf(x.Not, e.callWith(e.resolve(types.OpLike, x, list...), x, args...))
}

func (e *env) likePart(x ast.Expr, what string) plan.Expr {
	part := e.expr(x)
	if t := part.Type(); t.Kind != types.Varchar && t.Kind != types.Unknown {
		e.fail(types.TypeMismatch, x, "%s expression must evaluate to a varchar (actual: %s)", what, t)
	}
	return e.textOperand(part, x)
}

// textOperand coerces a NULL to varchar.
func (e *env) textOperand(x plan.Expr, n ast.Node) plan.Expr {
	if x.Type().Kind == types.Unknown {
		return e.coerce(x, types.VarcharType, n)
	}
	return x
}

func (e *env) atTimeZone(x *ast.AtTimeZone) plan.Expr {
	value, zone := e.expr(x.X), e.expr(x.Zone)
	switch value.Type().Kind {
	case types.Time, types.TimeTZ, types.Timestamp, types.TimestampTZ:
	default:
		e.fail(types.TypeMismatch, x.X, "Type of value must be a time or timestamp with or without time zone (actual %s)", value.Type())
	}
	return e.callWith(e.resolve(types.OpAtZone, x, value.Type(), zone.Type()), x, value, zone)
}

func (e *env) subscript(x *ast.Subscript) plan.Expr {
	base := e.expr(x.Base)
	if base.Type().Kind == types.Row {
		return e.rowSubscript(x, base)
	}
	index := e.expr(x.Index)
	fn, err := e.fns.Resolve(types.OpSubscript, argsOf([]*types.Type{base.Type(), index.Type()}))
	if err != nil {
		e.fail(types.TypeMismatch, x, "Cannot use %s for subscript of %s", index.Type(), base.Type())
	}
	return e.callWith(fn, x, base, index)
}

func (e *env) rowSubscript(x *ast.Subscript, base plan.Expr) plan.Expr {
	index, ok := x.Index.(*ast.LongLiteral)
	if !ok {
		hint := ""
		if name, ok := x.Index.(*ast.StringLiteral); ok {
			hint = rowFieldHint(x.Base, base.Type(), name.Value)
		}
		e.fail(types.ExpressionNotConstant, x.Index, "Subscript expression on ROW requires a constant index%s", hint)
	}
	if index.Value < 1 {
		e.fail(types.InvalidFunctionArgument, x.Index, "Invalid subscript index: %d. ROW indices start at 1", index.Value)
	}
	if index.Value > math.MaxInt32 {
		e.fail(types.TypeMismatch, x.Index, "Subscript expression on ROW requires integer index, found bigint")
	}
	if fields := len(base.Type().Fields); index.Value > int64(fields) {
		e.fail(types.InvalidFunctionArgument, x.Index, "Subscript index out of bounds: %d, max value is %d", index.Value, fields)
	}
	return fieldOf(base, int(index.Value-1))
}
