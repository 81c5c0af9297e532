package analyze

import (
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// correlatedMark is EXISTS over a subquery, with one more condition on its rows
// unless that is nil: a column that says whether a row matches.
func (e *env) correlatedMark(x ast.Node, s subplan, condition plan.Expr) plan.Expr {
	p := &puller{analyzer: e.analyzer, at: x, outer: s.correlated}
	node := s.node
	if condition == nil {
		node = existsInput(node)
	}
	if els, ok := e.elementsOf(node, condition, x); ok {
		return e.existsElement(els, x)
	}
	right, ok := p.pull(node)
	if !ok {
		e.refuseCorrelated(x)
	}
	conditions := p.conditions
	if condition != nil {
		conditions = append(conditions, condition)
	}
	mark := e.newColumn("exists", types.BooleanType)
	e.addSubquery(&pending{at: x, exprs: conditions, join: func(left plan.Node, exprs []plan.Expr) plan.Node {
		join := e.joinOn(plan.SemiMark, left, right, and(append([]plan.Expr{boolConst(true)}, exprs...)...)).(*plan.Join)
		join.Mark = mark
		return join
	}})
	return &plan.Ref{Column: mark}
}

// existsInput drops what does not matter to whether there are rows.
func existsInput(n plan.Node) plan.Node {
	for {
		switch m := n.(type) {
		case *plan.Project:
			n = m.Input
		case *plan.Sort:
			n = m.Input
		case *plan.Limit:
			if m.Offset > 0 || m.Count == 0 {
				return n
			}
			n = m.Input
		case *plan.TopN:
			if m.Offset > 0 || m.Count == 0 {
				return n
			}
			n = m.Input
		default:
			return n
		}
	}
}

// correlatedScalar is the value of a subquery for each outer row: an outer join
// with the subquery's rows grouped by the columns that must match.
func (e *env) correlatedScalar(x *ast.Subquery, s subplan) plan.Expr {
	p := &puller{analyzer: e.analyzer, at: x, outer: s.correlated}
	value, node := e.scalarSteps(s)
	if v, ok := node.(*plan.Values); ok && len(v.Rows) == 1 && len(v.Cols) == 0 {
		return value // SELECT without FROM
	}
	agg, ok := node.(*plan.Aggregate)
	if !ok || len(agg.Keys) > 0 || agg.Sets != nil {
		return e.correlatedRow(x, s, p)
	}
	if count, ok := e.countElements(agg, x); ok {
		return substitute(value, count)
	}
	input, keys, ok := p.keyed(agg.Input)
	if !ok || len(keys) == 0 {
		e.refuseCorrelated(x)
	}
	e.leftJoin(x, &plan.Aggregate{Input: input, Keys: keys, Aggs: agg.Aggs}, p.conditions)
	return e.overNoRows(value, agg)
}

// scalarSteps takes off what a subquery computes above its last aggregation or
// table: the value as an expression, and the node below.
func (e *env) scalarSteps(s subplan) (plan.Expr, plan.Node) {
	value := plan.Expr(&plan.Ref{Column: s.fields[0].col})
	node := s.node
	for {
		switch n := node.(type) {
		case *plan.Project:
			value, node = substitute(value, n.Items), n.Input
		case *plan.Filter:
			value = special(plan.If, value.Type(), n.Predicate, value, constant(types.Null(value.Type())))
			node = n.Input
		default:
			return value, node
		}
	}
}

// correlatedRow is a subquery that must give one row at most for an outer row.
func (e *env) correlatedRow(x *ast.Subquery, s subplan, p *puller) plan.Expr {
	single := isLimitedToOne(s.node)
	if !single && !e.fns.Exists(types.OpFail) {
		e.refuseCorrelated(x)
	}
	input, keys, ok := p.keyed(s.node)
	if !ok || len(keys) == 0 {
		e.refuseCorrelated(x)
	}
	value := s.fields[0].col
	pick, count := e.resolve("any_value", x, value.Type), e.resolve("count", x)
	picked, rows := e.newColumn(value.Name, pick.Return), e.newColumn("count", count.Return)
	agg := &plan.Aggregate{Input: input, Keys: keys, Aggs: []plan.AggCall{
		{Column: picked, Fn: pick, Args: []plan.Expr{&plan.Ref{Column: value}}}, {Column: rows, Fn: count}}}
	e.leftJoin(x, agg, p.conditions)
	if single {
		return &plan.Ref{Column: picked}
	}
	several, _ := e.compareCall(types.OpGreater, &plan.Ref{Column: rows}, longConst(1), x)
	text := func(s string) plan.Expr { return constant(types.Value{Type: types.VarcharType, V: s}) }
	fail := e.function(types.OpFail, x, text(types.SubqueryMultipleRows), text("Scalar sub-query has returned multiple rows"))
	return special(plan.If, pick.Return, and(several, fail), constant(types.Null(pick.Return)), &plan.Ref{Column: picked})
}

// isLimitedToOne reports whether n gives one row at most, also for each outer row.
func isLimitedToOne(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Limit:
		return n.Count == 0 || n.Count == 1
	case *plan.TopN:
		return n.Count <= 1 && !n.WithTies
	case *plan.Project:
		return isLimitedToOne(n.Input)
	}
	return false
}

// leftJoin joins right for the rows that the expression is evaluated on.
func (e *env) leftJoin(x ast.Node, right plan.Node, conditions []plan.Expr) {
	e.addSubquery(&pending{at: x, exprs: conditions, join: func(left plan.Node, exprs []plan.Expr) plan.Node {
		return e.joinOn(plan.LeftJoin, left, right, and(exprs...))
	}})
}

// overNoRows makes counts read as 0 where the outer join found no group.
func (e *env) overNoRows(value plan.Expr, agg *plan.Aggregate) plan.Expr {
	var items []plan.Assignment
	for _, call := range agg.Aggs {
		switch call.Fn.Name {
		case "count", "count_if", "approx_distinct":
			zero := special(plan.Coalesce, call.Fn.Return, &plan.Ref{Column: call.Column}, longConst(0))
			items = append(items, plan.Assignment{Column: call.Column, Expr: zero})
		}
	}
	return substitute(value, items)
}

// substitute replaces columns by the expressions assigned to them.
func substitute(x plan.Expr, items []plan.Assignment) plan.Expr {
	if r, ok := x.(*plan.Ref); ok {
		for _, item := range items {
			if item.Column.ID == r.Column.ID {
				return item.Expr
			}
		}
		return x
	}
	return plan.MapChildren(x, func(c plan.Expr) plan.Expr { return substitute(c, items) })
}

// joinLateral plans left JOIN LATERAL (query): the query may read left's columns.
func (a *analyzer) joinLateral(x *ast.Join, left relation, right *ast.Lateral, s *scope) relation {
	if x.Kind == ast.RightJoin || x.Kind == ast.FullJoin || len(x.Using) > 0 {
		a.fail(types.NotSupported, x, "%s JOIN involving LATERAL is not supported", x.Kind)
	}
	e := &env{analyzer: a, scope: s.inner(left.fields), clause: "LATERAL"}
	sub := e.subplan(right.Query)
	p := &puller{analyzer: a, at: right, outer: sub.correlated}
	node, ok := p.pull(sub.node)
	if !ok {
		e.refuseCorrelated(right)
	}
	spread := a.realias(x.Right, relation{node: node, fields: sub.fields})
	fields := append(append([]field{}, left.fields...), spread.fields...)
	conditions := append([]plan.Expr{boolConst(true)}, p.conditions...)
	if x.On != nil {
		on := &env{analyzer: a, scope: s.inner(fields), clause: "JOIN ON clause"}
		conditions = append(conditions, on.boolean(x.On, "JOIN ON clause"))
	}
	kind := plan.InnerJoin
	if x.Kind == ast.LeftJoin {
		kind = plan.LeftJoin
	}
	return relation{node: a.joinOn(kind, left.node, node, and(conditions...)), fields: fields}
}
