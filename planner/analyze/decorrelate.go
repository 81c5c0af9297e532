package analyze

import (
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// A correlated subquery becomes a join: conditions that read outer columns move up to its top, and from there into
// the join. A condition that cannot move is refused.

// puller moves correlated conditions up.
type puller struct {
	*analyzer
	at         ast.Node
	outer      map[int]bool
	conditions []plan.Expr
	// anyCopy: the number of copies of a row does not matter.
	anyCopy bool
	known   map[plan.Node]bool // cached results of free
}

// refuseCorrelated ends the analysis with an error: at the query itself if it stands in parentheses, otherwise at
// the predicate that reads it.
func (e *env) refuseCorrelated(n ast.Node) {
	switch x := n.(type) {
	case *ast.Subquery:
		n = x.Query
	case *ast.Lateral:
		n = x.Query
	}
	e.fail(types.NotSupported, n, "Given correlated subquery is not supported")
}

func (p *puller) correlated(x plan.Expr) bool {
	found := false
	plan.FreeColumns(x, func(c *plan.Column) { found = found || p.outer[c.ID] })
	return found
}

// free reports whether nothing in n reads an outer column.
func (p *puller) free(n plan.Node) bool {
	if known, ok := p.known[n]; ok {
		return known
	}
	free := true
	plan.VisitExprs(n, func(x plan.Expr) { free = free && !p.correlated(x) })
	for _, in := range plan.Inputs(n) {
		free = free && p.free(in)
	}
	if p.known == nil {
		p.known = map[plan.Node]bool{}
	}
	p.known[n] = free
	return free
}

// pull returns n without its correlated conditions, with the columns that they read in its output. It returns false
// if n has a correlation that cannot move.
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
	case *plan.Limit:
		return p.pullLimit(n.Input, nil, n.Offset, n.Count)
	case *plan.TopN:
		if n.WithTies {
			return nil, false
		}
		return p.pullLimit(n.Input, n.Keys, n.Offset, n.Count)
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

// pullJoin takes conditions from the sides of a join that keep only matching rows.
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

// pullAggregate also groups by the inner sides of correlated equalities, so each outer row meets the groups with
// its own values.
func (p *puller) pullAggregate(n *plan.Aggregate) (plan.Node, bool) {
	if len(n.Keys) == 0 || n.Sets != nil {
		return nil, false
	}
	if p.anyCopy && len(n.Aggs) == 0 {
		return p.pull(n.Input)
	}
	input, keys, ok := p.keyed(n.Input)
	return &plan.Aggregate{Input: input, Keys: appendColumns(n.Keys, keys), Aggs: n.Aggs}, ok
}

// pullLimit keeps the first rows for each combination of values in the correlated equalities.
func (p *puller) pullLimit(input plan.Node, order []plan.SortKey, offset, count int64) (plan.Node, bool) {
	if offset == 0 && count < 0 {
		return p.pull(input)
	}
	below, keys, ok := p.keyed(input)
	if !ok {
		return nil, false
	}
	number := p.newColumn("row_number", types.BigIntType)
	call := plan.WindowCall{Column: number, Fn: p.resolve("row_number", p.at), Frame: wholePartition}
	window := &plan.Window{Input: below, PartitionBy: keys, OrderBy: order, Calls: []plan.WindowCall{call}}
	var terms []plan.Expr
	bound := func(op string, n int64) {
		term, _ := p.compareCall(op, &plan.Ref{Column: number}, longConst(n), p.at)
		terms = append(terms, term)
	}
	if offset > 0 {
		bound(types.OpGreater, offset)
	}
	if count >= 0 {
		bound(types.OpLessEqual, offset+count)
	}
	return &plan.Filter{Input: window, Predicate: and(terms...)}, true
}

// keyed pulls conditions from n that must all be equalities of an inner and an outer expression. It returns the
// columns of the inner expressions, which the conditions then compare.
func (p *puller) keyed(n plan.Node) (out plan.Node, keys []*plan.Column, ok bool) {
	before, anyCopy := len(p.conditions), p.anyCopy
	p.anyCopy = false
	input, ok := p.pull(n)
	p.anyCopy = anyCopy
	if !ok {
		return nil, nil, false
	}
	below := columnIDs(input)
	proj := &projection{analyzer: p.analyzer, input: input}
	for i := before; i < len(p.conditions); i++ {
		inner, outer, ok := equality(p.conditions[i])
		if ok && reads(outer, below) {
			inner, outer = outer, inner
		}
		if !ok || !reads(inner, below) || readsAny(outer, below) {
			return nil, nil, false
		}
		key := proj.column(inner, "")
		keys = appendColumns(keys, []*plan.Column{key})
		call := p.conditions[i].(*plan.Call)
		p.conditions[i] = &plan.Call{Fn: call.Fn, Args: []plan.Expr{outer, &plan.Ref{Column: key}}, Pos: call.Pos}
	}
	return proj.node(), keys, true
}

// appendColumns returns a copy of list with the columns of more that it lacks.
func appendColumns(list, more []*plan.Column) []*plan.Column {
	out := append([]*plan.Column{}, list...)
	have := map[int]bool{}
	for _, c := range out {
		have[c.ID] = true
	}
	for _, c := range more {
		if !have[c.ID] {
			have[c.ID] = true
			out = append(out, c)
		}
	}
	return out
}

func readsAny(x plan.Expr, ids map[int]bool) bool {
	found := false
	plan.FreeColumns(x, func(c *plan.Column) { found = found || ids[c.ID] })
	return found
}
