package analyze

import (
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// quantified plans left op ALL | ANY (query): IN and NOT IN for = ANY and <> ALL, otherwise a comparison with the
// smallest and largest value.
func (e *env) quantified(x *ast.Quantified) plan.Expr {
	e.refuseInLambda(x.Query)
	value := e.expr(x.Left)
	switch {
	case x.Op == ast.Equal && x.Quantifier == ast.Any:
		return e.inQuery(x, value, x.Query, false)
	case x.Op == ast.NotEqual && x.Quantifier == ast.All:
		return not(e.inQuery(x, value, x.Query, true))
	}
	s := e.subplan(x.Query)
	pairs := e.subqueryOperands(value, s, x)
	equality := x.Op == ast.Equal || x.Op == ast.NotEqual
	orderable := true
	for _, pair := range pairs {
		orderable = orderable && pair[0].Type().IsOrderable()
	}
	switch {
	case equality && (len(pairs) > 1 || !orderable):
		return e.anyDiffers(x, value)
	case !orderable:
		e.fail(types.TypeMismatch, x, "Type [%s] must be orderable in order to be used in quantified comparison", value.Type())
	case len(pairs) > 1:
		return e.quantifiedRange(x, asRows(pairs), s)
	}
	return e.quantifiedRange(x, pairs[0], s)
}

// asRows makes one pair of rows.
func asRows(pairs [][2]plan.Expr) [2]plan.Expr {
	var left, right []plan.Expr
	for _, pair := range pairs {
		left, right = append(left, pair[0]), append(right, pair[1])
	}
	return [2]plan.Expr{rowOf(left), rowOf(right)}
}

// anyDiffers plans value <> ANY (query), which also decides value = ALL (query).
func (e *env) anyDiffers(x *ast.Quantified, value plan.Expr) plan.Expr {
	differs := trueElseNull(
		e.pairsMark(x, value, x.Query, func(x ast.Expr, pairs [][2]plan.Expr) plan.Expr { return not(e.equalPairs(x, pairs)) }),
		e.pairsMark(x, value, x.Query, func(x ast.Expr, pairs [][2]plan.Expr) plan.Expr { return isNull(e.equalPairs(x, pairs)) }))
	if x.Op == ast.NotEqual {
		return differs
	}
	return not(differs)
}

// quantifiedRange compares with min, max and the counts of all and of non-null values. Over no rows ALL is true and
// ANY false. A NULL leaves the result open unless the other values decide it.
func (e *env) quantifiedRange(x *ast.Quantified, pair [2]plan.Expr, s subplan) plan.Expr {
	right := &projection{analyzer: e.analyzer, input: s.node}
	c := right.column(pair[1], "")
	node := &plan.Aggregate{Input: right.node()}
	agg := func(name string, args ...plan.Expr) plan.Expr {
		list := make([]*types.Type, len(args))
		for i, arg := range args {
			list[i] = arg.Type()
		}
		fn := e.resolve(name, x, list...)
		col := e.newColumn(name, fn.Return)
		node.Aggs = append(node.Aggs, plan.AggCall{Column: col, Fn: fn, Args: args})
		return &plan.Ref{Column: col}
	}
	ref := &plan.Ref{Column: c}
	low, high, all, known := agg("min", ref), agg("max", ref), agg("count"), agg("count", ref)
	if len(s.correlated) > 0 {
		p := &puller{analyzer: e.analyzer, at: x, outer: s.correlated}
		counts := e.aggregateMatches(x.Query, node.Input, node.Aggs, p)
		all, known = substitute(all, counts), substitute(known, counts)
	} else {
		e.addSubquery(&pending{at: x, join: func(left plan.Node, _ []plan.Expr) plan.Node {
			return &plan.Join{Kind: plan.CrossJoin, Left: left, Right: node}
		}})
	}
	compare := func(bound plan.Expr) plan.Expr {
		return e.compare(x.Op, pair[0], bound, x, x.Left, x.Left)
	}
	decided := e.bounds(x, compare, low, high)
	empty, _ := e.compareCall(types.OpEqual, all, longConst(0), x)
	nulls, _ := e.compareCall(types.OpNotEqual, all, known, x)
	onEmpty := x.Quantifier == ast.All
	open := special(plan.If, types.BooleanType, nulls, constant(types.Null(types.BooleanType)), boolConst(onEmpty))
	form := plan.Or
	if onEmpty {
		form = plan.And
	}
	return special(plan.If, types.BooleanType, empty, boolConst(onEmpty), special(form, types.BooleanType, decided, open))
}

// bounds picks the deciding bound: x < ALL means x < min, x < ANY means x < max. If the values differ from each
// other, they decide = ALL and <> ANY, even for NULL.
func (e *env) bounds(x *ast.Quantified, compare func(plan.Expr) plan.Expr, low, high plan.Expr) plan.Expr {
	all := x.Quantifier == ast.All
	switch x.Op {
	case ast.Equal: // = ALL
		same, _ := e.compareCall(types.OpEqual, low, high, x)
		return and(same, compare(low))
	case ast.NotEqual: // <> ANY
		differ, _ := e.compareCall(types.OpNotEqual, low, high, x)
		return special(plan.Or, types.BooleanType, differ, compare(low))
	case ast.Less, ast.LessOrEqual:
		if all {
			return compare(low)
		}
		return compare(high)
	}
	if all {
		return compare(high)
	}
	return compare(low)
}
