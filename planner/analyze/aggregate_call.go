package analyze

import (
	"slices"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// aggregateCall adds an aggregate and returns a reference to its column.
func (e *env) aggregateCall(name string, x *ast.FunctionCall) plan.Expr {
	if e.aggregates == nil {
		return e.refuseAggregate(name, x)
	}
	if x.Nulls != ast.NullTreatmentDefault {
		e.fail(types.NullTreatmentNotAllowed, x, "Cannot specify null treatment clause for %s function", name)
	}
	inner := e.inAggregate(x)
	agg := &aggregate{distinct: x.Distinct}
	if x.Filter != nil {
		agg.filter = inner.boolean(x.Filter, "Filter expression")
	}
	agg.fn, agg.args = inner.aggregateArgs(name, x)
	for _, item := range append(append([]*ast.SortItem{}, x.OrderBy...), x.WithinGroup...) {
		key := inner.expr(item.X)
		if !key.Type().IsOrderable() {
			e.fail(types.TypeMismatch, x, "ORDER BY can only be applied to orderable types (actual: %s)", key.Type())
		}
		agg.order = append(agg.order, sortExpr{item, key})
	}
	if x.Distinct {
		e.checkDistinct(agg, x)
	}
	return &plan.Ref{Column: e.aggregates.add(e.analyzer, name, agg)}
}

func (e *env) refuseAggregate(name string, x *ast.FunctionCall) plan.Expr {
	if e.inside == nil {
		hint := ""
		if e.clause == "WHERE clause" {
			hint = "; a condition on groups stands behind GROUP BY: HAVING " + ast.Format(x) + " …"
		}
		e.fail(types.ExpressionNotScalar, e.root, "%s cannot contain aggregations, window functions or grouping operations: [%s]%s", e.clause, ast.Format(x), hint)
	}
	if x.Filter != nil {
		e.boolean(x.Filter, "Filter expression")
	}
	fn, _ := e.aggregateArgs(name, x)
	e.failLater(withGroups, types.NestedAggregation, e.inside, "Cannot nest aggregations inside aggregation: [%s]", ast.Format(x))
	return constant(types.Null(fn.Return))
}

func (e *env) aggregateArgs(name string, x *ast.FunctionCall) (*types.Resolved, []plan.Expr) {
	list := x.Args
	if len(x.WithinGroup) > 0 {
		list = listaggArgs(x)
	}
	fn, args := e.resolveCall(name, list, x)
	if fn.Kind != types.Aggregate {
		e.fail(types.FunctionNotAggregate, x, "%s is not an aggregate function", name)
	}
	for i, arg := range args {
		if _, ok := arg.(*plan.Lambda); ok {
			plan.FreeColumns(arg, func(*plan.Column) {
				panic(e.notSupported(x.Args[i], "a column inside an aggregate's lambda"))
			})
		}
	}
	return fn, args
}

// listaggArgs returns the clauses of LISTAGG as arguments: value, separator, whether to fail on overflow, the
// filler of a truncated list, whether to count what was cut off.
func listaggArgs(x *ast.FunctionCall) []ast.Expr {
	separator := ast.Expr(&ast.StringLiteral{At: x.At})
	if len(x.Args) > 1 {
		separator = x.Args[1]
	}
	fails, counts := true, false
	filler := &ast.StringLiteral{At: x.At, Value: "..."}
	if o := x.Overflow; o != nil && !o.Error {
		fails, counts = false, o.WithCount
		if o.Filler != nil {
			filler = o.Filler
		}
	}
	return []ast.Expr{x.Args[0], separator, &ast.BoolLiteral{At: x.At, Value: fails}, filler, &ast.BoolLiteral{At: x.At, Value: counts}}
}

func (e *env) checkDistinct(agg *aggregate, x *ast.FunctionCall) {
	for _, arg := range agg.args {
		if !arg.Type().IsComparable() {
			e.fail(types.TypeMismatch, x, "DISTINCT can only be applied to comparable types (actual: %s)", arg.Type())
		}
	}
	for _, o := range agg.order {
		found := false
		for _, arg := range agg.args {
			found = found || plan.Equal(o.expr, arg)
		}
		if !found {
			e.fail(types.ExpressionNotInDistinct, o.item.X, "For aggregate function with DISTINCT, ORDER BY expressions must appear in arguments")
		}
	}
}

// add returns the column of agg, or of an equal aggregate that was added before.
func (g *aggregation) add(a *analyzer, name string, agg *aggregate) *plan.Column {
	same, call := g.sameKind(agg), &plan.Call{Fn: agg.fn, Args: agg.args}
	if agg.filter != nil {
		call.Args = append(slices.Clone(agg.args), agg.filter)
	}
	if at := same.index.FindExpr(call); at >= 0 && len(agg.order) == 0 {
		return same.calls[at].col
	}
	agg.col = a.newColumn(name, agg.fn.Return)
	g.calls = append(g.calls, agg)
	if len(agg.order) == 0 {
		same.index.AddExpr(call)
		same.calls = append(same.calls, agg)
	}
	return agg.col
}

func (g *aggregation) sameKind(agg *aggregate) *sameAggregates {
	kind := aggregateKind{fn: agg.fn.Signature, distinct: agg.distinct, filtered: agg.filter != nil}
	if g.same == nil {
		g.same = map[aggregateKind]*sameAggregates{}
	}
	if g.same[kind] == nil {
		g.same[kind] = &sameAggregates{}
	}
	return g.same[kind]
}

func equalAll(a, b []plan.Expr) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !plan.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

func (e *env) grouping(x *ast.Grouping) plan.Expr {
	if e.aggregates == nil {
		e.fail(types.ExpressionNotScalar, e.root, "%s cannot contain aggregations, window functions or grouping operations: [%s]", e.clause, ast.Format(x))
	}
	if e.clause == "ORDER BY clause" && !e.aggregates.grouped {
		e.fail(types.MissingGroupBy, e.windows.sel, "A GROUPING() operation can only be used with a corresponding GROUPING SET/CUBE/ROLLUP/GROUP BY clause")
	}
	result := types.IntegerType
	switch n := len(x.Args); {
	case n > 63:
		e.fail(types.TooManyArguments, x, "GROUPING supports up to 63 column arguments")
	case n > 31:
		result = types.BigIntType
	}
	call := &groupingCall{col: e.newColumn("grouping", result), at: x}
	inner := e.inGrouping(x)
	for _, arg := range x.Args {
		call.args = append(call.args, inner.expr(arg))
	}
	e.aggregates.groupings = append(e.aggregates.groupings, call)
	return &plan.Ref{Column: call.col}
}
