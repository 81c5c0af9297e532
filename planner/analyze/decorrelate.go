package analyze

import (
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// A correlated subquery becomes a join: conditions that read outer columns move
// up to its top, and from there into the join. What cannot move is refused.

// puller moves correlated conditions up.
type puller struct {
	*analyzer
	outer      map[int]bool
	conditions []plan.Expr
}

func (e *env) refuseCorrelated(n ast.Node) {
	e.fail(types.NotSupported, n, "Given correlated subquery is not supported")
}

func (p *puller) correlated(x plan.Expr) bool {
	found := false
	plan.FreeColumns(x, func(c *plan.Column) { found = found || p.outer[c.ID] })
	return found
}

// free reports whether nothing in n reads an outer column.
func (p *puller) free(n plan.Node) bool {
	for _, x := range plan.Exprs(n) {
		if p.correlated(x) {
			return false
		}
	}
	for _, in := range n.Inputs() {
		if !p.free(in) {
			return false
		}
	}
	return true
}

// pull returns n without its correlated conditions, with the columns they read
// in its output; false when n holds a correlation that cannot move.
func (p *puller) pull(n plan.Node) (plan.Node, bool) {
	if p.free(n) {
		return n, true
	}
	switch n := n.(type) {
	case *plan.Filter:
		return p.pullFilter(n)
	case *plan.Project:
		return p.pullProject(n)
	case *plan.Join:
		return p.pullJoin(n)
	case *plan.Aggregate:
		return p.pullAggregate(n)
	case *plan.Sort:
		return p.pull(n.Input)
	case *plan.Unnest:
		input, ok := p.pull(n.Input)
		return &plan.Unnest{Input: input, Items: n.Items, Ordinality: n.Ordinality, Outer: n.Outer}, ok
	}
	return nil, false
}

func (p *puller) pullFilter(n *plan.Filter) (plan.Node, bool) {
	input, ok := p.pull(n.Input)
	if !ok {
		return nil, false
	}
	if keep := p.take(n.Predicate); len(keep) > 0 {
		return &plan.Filter{Input: input, Predicate: and(keep...)}, true
	}
	return input, true
}

// take moves the correlated terms of a condition up and returns the others.
func (p *puller) take(condition plan.Expr) (keep []plan.Expr) {
	for _, term := range plan.Conjuncts(condition) {
		if p.correlated(term) {
			p.conditions = append(p.conditions, term)
		} else {
			keep = append(keep, term)
		}
	}
	return keep
}

func (p *puller) pullProject(n *plan.Project) (plan.Node, bool) {
	for _, item := range n.Items {
		if p.correlated(item.Expr) {
			return nil, false
		}
	}
	input, ok := p.pull(n.Input)
	if !ok {
		return nil, false
	}
	items := append([]plan.Assignment{}, n.Items...)
	have := columnIDs(n)
	below := columnIDs(input)
	for _, x := range p.conditions {
		plan.FreeColumns(x, func(c *plan.Column) {
			if below[c.ID] && !have[c.ID] {
				have[c.ID] = true
				items = append(items, plan.Assignment{Column: c, Expr: &plan.Ref{Column: c}})
			}
		})
	}
	return &plan.Project{Input: input, Items: items}, true
}

// pullJoin takes conditions from the sides whose rows a join keeps only when
// they match.
func (p *puller) pullJoin(n *plan.Join) (plan.Node, bool) {
	out := *n
	ok := true
	switch n.Kind {
	case plan.InnerJoin, plan.CrossJoin:
		if n.Residual != nil {
			out.Residual = and(p.take(n.Residual)...)
		}
		if out.Left, ok = p.pull(n.Left); !ok {
			return nil, false
		}
		out.Right, ok = p.pull(n.Right)
	case plan.LeftJoin, plan.SemiMark:
		if !p.free(n.Right) || n.Residual != nil && p.correlated(n.Residual) {
			return nil, false
		}
		out.Left, ok = p.pull(n.Left)
	default:
		return nil, false
	}
	for _, k := range n.Equal {
		ok = ok && !p.outer[k.Left.ID] && !p.outer[k.Right.ID]
	}
	return &out, ok
}

// pullAggregate groups by the inner sides of correlated equalities too: each
// outer row then meets the groups of its own values.
func (p *puller) pullAggregate(n *plan.Aggregate) (plan.Node, bool) {
	if len(n.Keys) == 0 || n.Sets != nil {
		return nil, false
	}
	out, _, ok := p.groupByCorrelation(n)
	return out, ok
}

// groupByCorrelation pulls from n's input and adds the inner sides of the
// equalities found there to the keys. outer[i] is the other side of the i-th
// added key.
func (p *puller) groupByCorrelation(n *plan.Aggregate) (out *plan.Aggregate, equalities []plan.Expr, ok bool) {
	before := len(p.conditions)
	input, ok := p.pull(n.Input)
	if !ok {
		return nil, nil, false
	}
	below := columnIDs(input)
	proj := &projection{analyzer: p.analyzer, input: input}
	out = &plan.Aggregate{Keys: append([]*plan.Column{}, n.Keys...), Aggs: n.Aggs}
	for i := before; i < len(p.conditions); i++ {
		inner, outer, ok := equality(p.conditions[i])
		if ok && reads(outer, below) {
			inner, outer = outer, inner
		}
		if !ok || !reads(inner, below) || readsAny(outer, below) || !exactKey(inner.Type()) {
			return nil, nil, false
		}
		key := proj.column(inner, "")
		out.Keys = appendColumn(out.Keys, key)
		call := p.conditions[i].(*plan.Call)
		same := &plan.Call{Fn: call.Fn, Args: []plan.Expr{outer, &plan.Ref{Column: key}}, Pos: call.Pos}
		p.conditions[i] = same
		equalities = append(equalities, same)
	}
	out.Input = proj.node()
	return out, equalities, true
}

func appendColumn(list []*plan.Column, c *plan.Column) []*plan.Column {
	for _, have := range list {
		if have.ID == c.ID {
			return list
		}
	}
	return append(list, c)
}

func readsAny(x plan.Expr, ids map[int]bool) bool {
	found := false
	plan.FreeColumns(x, func(c *plan.Column) { found = found || ids[c.ID] })
	return found
}

// correlatedMark is EXISTS over a subquery, with one more condition on its rows
// unless that is nil: a column that says whether a row matches.
func (e *env) correlatedMark(x ast.Node, s subplan, condition plan.Expr) plan.Expr {
	p := &puller{analyzer: e.analyzer, outer: s.correlated}
	node := s.node
	if condition == nil {
		node = existsInput(node)
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

// correlatedScalar is a subquery that aggregates the rows matching an outer
// row: an outer join with the aggregation by the matching columns.
func (e *env) correlatedScalar(x *ast.Subquery, s subplan) plan.Expr {
	p := &puller{analyzer: e.analyzer, outer: s.correlated}
	value := plan.Expr(&plan.Ref{Column: s.fields[0].col})
	node := s.node
	for {
		switch n := node.(type) {
		case *plan.Project:
			value, node = substitute(value, n.Items), n.Input
			continue
		case *plan.Filter:
			value = special(plan.If, value.Type(), n.Predicate, value, constant(types.Null(value.Type())))
			node = n.Input
			continue
		}
		break
	}
	agg, ok := node.(*plan.Aggregate)
	if !ok || len(agg.Keys) > 0 || agg.Sets != nil {
		e.refuseCorrelated(x)
	}
	right, equalities, ok := p.groupByCorrelation(agg)
	if !ok || len(equalities) == 0 {
		e.refuseCorrelated(x)
	}
	e.addSubquery(&pending{at: x, exprs: equalities, join: func(left plan.Node, exprs []plan.Expr) plan.Node {
		return e.joinOn(plan.LeftJoin, left, right, and(exprs...))
	}})
	return e.overNoRows(value, agg)
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
	p := &puller{analyzer: a, outer: sub.correlated}
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
