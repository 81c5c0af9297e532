package analyze

import (
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// correlatedScalar returns the value of a subquery for each outer row: an outer join with the subquery's rows,
// grouped by the columns that must match.
func (e *env) correlatedScalar(x *ast.Subquery, s subplan) plan.Expr {
	p := &puller{analyzer: e.analyzer, at: x, outer: s.correlated}
	value, node := e.scalarSteps(s)
	if v, ok := node.(*plan.Values); ok && len(v.Rows) == 1 { // also SELECT without FROM
		return substitute(value, rowItems(v))
	}
	if j, ok := nested(node); ok && p.free(j.Right) {
		e.leftJoin(x, j.Right, plan.Conjuncts(j.Residual))
		return value
	}
	agg, ok := node.(*plan.Aggregate)
	if !ok || len(agg.Keys) > 0 || agg.Sets != nil {
		return e.correlatedRow(x, s, p)
	}
	if p.free(agg) {
		e.addSubquery(&pending{at: x, join: func(left plan.Node, _ []plan.Expr) plan.Node {
			return &plan.Join{Kind: plan.CrossJoin, Left: left, Right: agg}
		}})
		return value
	}
	if count, ok := e.countElements(agg, x); ok {
		return substitute(value, count)
	}
	return substitute(value, e.aggregateMatches(x, agg.Input, agg.Aggs, p))
}

// aggregateMatches aggregates the rows of input that match an outer row, and returns the expressions that replace
// the aggregates' columns above. If equalities decide which rows match, each of their values is aggregated once.
func (e *env) aggregateMatches(x ast.Node, input plan.Node, aggs []plan.AggCall, p *puller) []plan.Assignment {
	below, keys, ok := p.keyed(input)
	if ok && len(keys) > 0 {
		e.leftJoin(x, &plan.Aggregate{Input: below, Keys: keys, Aggs: aggs}, p.conditions)
		return zeroCounts(aggs)
	}
	if s, ok := spreadOf(input); ok && !p.inProjections(s) {
		e.aggregateSpread(x, s, aggs)
		return nil
	}
	p.conditions = nil
	if below, ok = p.pull(input); !ok || len(p.conditions) == 0 {
		e.refuseCorrelated(x)
	}
	e.aggregateByRow(x, below, aggs, p.conditions)
	return nil
}

// aggregateByRow joins the matching rows to each outer row, which gets a number, and aggregates by that number. It
// costs as much as the whole join.
func (e *env) aggregateByRow(x ast.Node, input plan.Node, aggs []plan.AggCall, conditions []plan.Expr) {
	matched := &projection{analyzer: e.analyzer, input: input}
	mark := matched.column(boolConst(true), "matched")
	right := matched.node()
	calls := make([]plan.AggCall, len(aggs))
	for i, call := range aggs {
		if calls[i] = call; call.Filter == nil {
			calls[i].Filter = mark
		}
	}
	number := e.newColumn("row_number", types.BigIntType)
	e.addSubquery(&pending{at: x, exprs: conditions, join: func(left plan.Node, exprs []plan.Expr) plan.Node {
		for _, c := range left.Columns() {
			if !c.Type.IsComparable() {
				e.refuseCorrelated(x)
			}
		}
		join := e.joinOn(plan.LeftJoin, &plan.NumberRows{Input: left, Number: number}, right, and(exprs...))
		return byRow(number, left, join, calls)
	}})
}

// byRow aggregates by the number that each row of left has in input. It keeps the columns of left.
func byRow(number *plan.Column, left, input plan.Node, calls []plan.AggCall) plan.Node {
	keys := appendColumns([]*plan.Column{number}, left.Columns())
	return &plan.Aggregate{Input: input, Keys: keys, RowNumber: number, Aggs: calls}
}

// scalarSteps splits off what a subquery computes above its last aggregation or table. It returns the value as an
// expression, and the node below.
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
			below := singleUnlimited(n)
			if below == nil {
				return value, node
			}
			node = below
		}
	}
}

// singleUnlimited returns the input of a limit that drops nothing of a single row; nil for other nodes.
func singleUnlimited(n plan.Node) plan.Node {
	switch n := n.(type) {
	case *plan.Limit:
		if n.Offset == 0 && n.Count != 0 && isSingleRow(n.Input) {
			return n.Input
		}
	case *plan.TopN:
		if n.Offset == 0 && n.Count != 0 && isSingleRow(n.Input) {
			return n.Input
		}
	}
	return nil
}

// nested recognises SELECT without FROM whose items read a correlated subquery. That subquery may be joined to the
// outer rows directly.
func nested(n plan.Node) (*plan.Join, bool) {
	j, ok := n.(*plan.Join)
	ok = ok && j.Kind == plan.LeftJoin && len(j.Equal) == 0 && len(j.Left.Columns()) == 0 && isSingleRow(j.Left)
	return j, ok
}

// rowItems returns the expressions of the columns of a VALUES with one row.
func rowItems(v *plan.Values) []plan.Assignment {
	items := make([]plan.Assignment, len(v.Cols))
	for i, c := range v.Cols {
		items[i] = plan.Assignment{Column: c, Expr: v.Rows[0][i]}
	}
	return items
}

// correlatedRow plans a subquery that must return at most one row for each outer row.
func (e *env) correlatedRow(x *ast.Subquery, s subplan, p *puller) plan.Expr {
	single := isLimitedToOne(s.node)
	value := s.fields[0].col
	pick, count := e.resolve("any_value", x, value.Type), e.resolve("count", x)
	picked, rows := e.newColumn(value.Name, pick.Return), e.newColumn("count", count.Return)
	e.aggregateMatches(x, s.node, []plan.AggCall{
		{Column: picked, Fn: pick, Args: []plan.Expr{&plan.Ref{Column: value}}}, {Column: rows, Fn: count}}, p)
	if single {
		return &plan.Ref{Column: picked}
	}
	several, _ := e.compareCall(types.OpGreater, &plan.Ref{Column: rows}, longConst(1), x)
	text := func(s string) plan.Expr { return constant(types.Value{Type: types.VarcharType, V: s}) }
	fail := e.function(types.OpFail, x, text(types.SubqueryMultipleRows), text("Scalar sub-query has returned multiple rows"))
	failed := special(plan.If, types.BooleanType, several, fail, boolConst(false))
	return special(plan.If, pick.Return, failed, constant(types.Null(pick.Return)), &plan.Ref{Column: picked})
}

// isLimitedToOne reports whether n returns at most one row, and still at most one for each outer row.
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

// leftJoin joins right to the rows for which the expression is evaluated.
func (e *env) leftJoin(x ast.Node, right plan.Node, conditions []plan.Expr) {
	e.addSubquery(&pending{at: x, exprs: conditions, join: func(left plan.Node, exprs []plan.Expr) plan.Node {
		return e.joinOn(plan.LeftJoin, left, right, and(exprs...))
	}})
}

// zeroCounts makes counts 0 where the outer join found no group.
func zeroCounts(aggs []plan.AggCall) []plan.Assignment {
	var items []plan.Assignment
	for _, call := range aggs {
		switch call.Fn.Name {
		case "count", "count_if", "approx_distinct":
			zero := special(plan.Coalesce, call.Fn.Return, &plan.Ref{Column: call.Column}, longConst(0))
			items = append(items, plan.Assignment{Column: call.Column, Expr: zero})
		}
	}
	return items
}
