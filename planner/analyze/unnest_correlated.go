package analyze

import (
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// A correlated subquery over UNNEST of an outer row's arrays needs no join: the plan unnests the arrays for that
// row and aggregates their elements.

// spreading is UNNEST of arrays of an outer row, with the steps above it.
type spreading struct {
	unnest     *plan.Unnest
	arrays     []plan.Assignment
	conditions []plan.Expr
	items      [][]plan.Assignment // of the projections above, outermost first
}

// spreadOf takes filters and projections over such an UNNEST apart.
func spreadOf(n plan.Node) (*spreading, bool) {
	s := &spreading{}
	for {
		switch m := n.(type) {
		case *plan.Project:
			for i, c := range s.conditions {
				s.conditions[i] = substitute(c, m.Items)
			}
			s.items = append(s.items, m.Items)
			n = m.Input
		case *plan.Filter:
			s.conditions = append(s.conditions, m.Predicate)
			n = m.Input
		case *plan.Sort:
			n = m.Input
		case *plan.Unnest:
			below, ok := m.Input.(*plan.Project)
			if !ok || len(below.Input.Columns()) > 0 || !isSingleRow(below.Input) {
				return nil, false
			}
			s.unnest, s.arrays = m, below.Items
			return s, true
		default:
			return nil, false
		}
	}
}

// inProjections reports whether a projection over UNNEST reads outer columns.
func (p *puller) inProjections(s *spreading) bool {
	for _, items := range s.items {
		for _, item := range items {
			if p.correlated(item.Expr) {
				return true
			}
		}
	}
	return false
}

// column adds a column of the subquery to p.
func (s *spreading) column(p *projection, c *plan.Column) *plan.Column {
	x := plan.Expr(&plan.Ref{Column: c})
	for _, items := range s.items {
		x = substitute(x, items)
	}
	return p.column(x, c.Name)
}

// beside unnests the arrays for each row of left and keeps rows without elements. mark is true for rows that come
// from an element.
func (s *spreading) beside(a *analyzer, left plan.Node) (node *plan.Unnest, mark plan.Expr) {
	var items []plan.Assignment
	for _, c := range left.Columns() {
		items = append(items, plan.Assignment{Column: c, Expr: &plan.Ref{Column: c}})
	}
	number := s.unnest.Ordinality
	if number == nil {
		number = a.newColumn("ordinality", types.BigIntType)
	}
	node = &plan.Unnest{Input: &plan.Project{Input: left, Items: append(items, s.arrays...)},
		Items: s.unnest.Items, Ordinality: number, Outer: true}
	return node, not(special(plan.IsNull, types.BooleanType, &plan.Ref{Column: number}))
}

// aggregateSpread aggregates the elements of each outer row, which gets a number.
func (e *env) aggregateSpread(x ast.Node, s *spreading, aggs []plan.AggCall) {
	number := e.newColumn("row_number", types.BigIntType)
	arrays := len(s.arrays)
	exprs := append([]plan.Expr{}, s.conditions...)
	for _, array := range s.arrays {
		exprs = append(exprs, array.Expr)
	}
	e.addSubquery(&pending{at: x, exprs: exprs, join: func(left plan.Node, exprs []plan.Expr) plan.Node {
		for _, c := range left.Columns() {
			if !c.Type.IsComparable() {
				e.refuseCorrelated(x)
			}
		}
		conditions := exprs[:len(exprs)-arrays]
		for i, array := range exprs[len(conditions):] {
			s.arrays[i].Expr = array
		}
		node, mark := s.beside(e.analyzer, &plan.NumberRows{Input: left, Number: number})
		p := &projection{analyzer: e.analyzer, input: node}
		calls := s.calls(p, aggs, append([]plan.Expr{mark}, conditions...))
		return byRow(number, left, p.node(), calls)
	}})
}

// calls returns the aggregates over the elements for which the conditions hold.
func (s *spreading) calls(p *projection, aggs []plan.AggCall, conditions []plan.Expr) []plan.AggCall {
	out := make([]plan.AggCall, len(aggs))
	for i, call := range aggs {
		terms := conditions
		if call.Filter != nil {
			terms = append(append([]plan.Expr{}, terms...), &plan.Ref{Column: s.column(p, call.Filter)})
		}
		out[i] = call
		out[i].Filter = p.column(and(terms...), "")
		out[i].Args = make([]plan.Expr, len(call.Args))
		for j, arg := range call.Args {
			if ref, ok := arg.(*plan.Ref); ok {
				arg = &plan.Ref{Column: s.column(p, ref.Column)}
			}
			out[i].Args[j] = arg
		}
		out[i].OrderBy = make([]plan.SortKey, len(call.OrderBy))
		for j, key := range call.OrderBy {
			key.Column = s.column(p, key.Column)
			out[i].OrderBy[j] = key
		}
	}
	return out
}

// spreadJoin joins a query that is an UNNEST of left's arrays. An outer join must not have a condition on the
// query's rows.
func (l *lateral) spreadJoin() (relation, bool) {
	s, ok := spreadOf(l.base)
	if !ok || l.kind == plan.LeftJoin && (len(l.conditions) > 0 || !isTrue(l.join.On)) {
		return relation{}, false
	}
	node, mark := s.beside(l.analyzer, l.left.node)
	node.Outer = l.kind == plan.LeftJoin
	right := l.columns()
	var items []plan.Assignment
	for i, f := range right {
		items = append(items, plan.Assignment{Column: f.col, Expr: l.values[i]})
	}
	fields := l.fields(right)
	out := plan.Node(node)
	if l.kind == plan.LeftJoin {
		l.nullUnless(items, mark)
		return relation{node: l.withItems(out, items), fields: fields}, true
	}
	conditions := l.conditions
	for _, on := range l.on(fields) {
		conditions = append(conditions, substitute(on, items))
	}
	if len(conditions) > 0 {
		out = &plan.Filter{Input: out, Predicate: and(conditions...)}
	}
	return relation{node: l.withItems(out, items), fields: fields}, true
}

// isTrue reports whether a condition is the word TRUE.
func isTrue(x ast.Expr) bool {
	always, ok := x.(*ast.BoolLiteral)
	return ok && always.Value
}
