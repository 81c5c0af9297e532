package analyze

import (
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// joinLateral plans left JOIN LATERAL (query): the query may read left's columns.
func (a *analyzer) joinLateral(x *ast.Join, left relation, right *ast.Lateral, s *scope) relation {
	if len(x.Using) > 0 {
		a.fail(types.NotSupported, x, "%s JOIN involving LATERAL is not supported", x.Kind)
	}
	l := &lateral{env: &env{analyzer: a, scope: s.inner(left), clause: "LATERAL"}, join: x, left: left, at: right, kind: plan.InnerJoin}
	if x.Kind == ast.LeftJoin {
		l.kind = plan.LeftJoin
	}
	l.sub = l.subplan(right.Query)
	p := l.puller()
	if node, ok := p.pull(l.sub.node); ok {
		fields := l.fields(l.sub.fields)
		conditions := append([]plan.Expr{boolConst(true)}, p.conditions...)
		return relation{node: a.joinOn(l.kind, left.node, node, and(append(conditions, l.on(fields)...)...)), fields: fields}
	}
	l.takeSteps()
	if agg, ok := l.base.(*plan.Aggregate); ok && len(agg.Keys) == 0 && agg.Sets == nil {
		return l.aggregated(agg)
	}
	return l.joined()
}

// lateral is a join whose right side reads columns of the left side.
type lateral struct {
	*env
	join *ast.Join
	left relation
	at   *ast.Lateral
	kind plan.JoinKind // inner or left
	sub  subplan

	// The query taken apart: its computed values and conditions, over the columns of base and left.
	base       plan.Node
	values     []plan.Expr
	conditions []plan.Expr
}

func (l *lateral) puller() *puller {
	return &puller{analyzer: l.analyzer, at: l.at, outer: l.sub.correlated}
}

// takeSteps splits off what the query computes and filters above its last join, aggregation or limit.
func (l *lateral) takeSteps() {
	l.base = l.sub.node
	for _, f := range l.sub.fields {
		l.values = append(l.values, &plan.Ref{Column: f.col})
	}
	for {
		switch n := l.base.(type) {
		case *plan.Project:
			for _, item := range n.Items {
				if !plan.IsDeterministic(item.Expr) {
					return
				}
			}
			l.replace(n.Items)
			l.base = n.Input
		case *plan.Values:
			if len(n.Rows) == 1 && len(n.Cols) > 0 {
				l.replace(rowItems(n))
				l.base = oneRow()
			}
			return
		case *plan.Filter:
			l.conditions = append(l.conditions, plan.Conjuncts(n.Predicate)...)
			l.base = n.Input
		case *plan.Sort:
			l.base = n.Input
		default:
			below := singleUnlimited(n)
			if below == nil {
				return
			}
			l.base = below
		}
	}
}

// replace substitutes expressions for columns in what the query computes.
func (l *lateral) replace(items []plan.Assignment) {
	for _, list := range [][]plan.Expr{l.values, l.conditions} {
		for i := range list {
			list[i] = substitute(list[i], items)
		}
	}
}

// fields returns the join's fields for the query's fields.
func (l *lateral) fields(right []field) []field {
	spread := l.realias(l.join.Right, relation{node: l.sub.node, fields: right})
	return append(append([]field{}, l.left.fields...), spread.fields...)
}

// on returns the condition of ON, nothing without one.
func (l *lateral) on(fields []field) []plan.Expr {
	if l.join.On == nil {
		return nil
	}
	on := &env{analyzer: l.analyzer, scope: l.scope.inner(relation{fields: fields}), clause: "JOIN clause"}
	return []plan.Expr{on.boolean(l.join.On, "JOIN ON clause")}
}

// columns makes a column for each of the query's fields.
func (l *lateral) columns() []field {
	fields := append([]field{}, l.sub.fields...)
	for i, f := range fields {
		fields[i].col = l.newColumn(f.col.Name, f.col.Type)
		l.fromStore[fields[i].col.ID] = l.fromStore[f.col.ID]
	}
	return fields
}

// aggregated joins a query that aggregates without keys. Such a query returns one row, or none if a condition on
// that row fails, so a left row never has a second partner.
func (l *lateral) aggregated(agg *plan.Aggregate) relation {
	var subqueries []*pending
	l.subqueries = &subqueries
	node := l.left.node
	if l.puller().free(agg) {
		node = &plan.Join{Kind: plan.CrossJoin, Left: node, Right: agg}
	} else {
		counts := l.aggregateMatches(l.at, agg.Input, agg.Aggs, l.puller())
		node = l.attach(node, subqueries)
		l.replace(counts)
	}
	right := l.columns()
	var items []plan.Assignment
	for i, f := range right {
		items = append(items, plan.Assignment{Column: f.col, Expr: l.values[i]})
	}
	fields := l.fields(right)
	conditions := l.conditions
	for _, on := range l.on(fields) {
		conditions = append(conditions, substitute(on, items))
	}
	if len(conditions) > 0 && l.kind == plan.InnerJoin {
		node = &plan.Filter{Input: node, Predicate: and(conditions...)}
	}
	if len(conditions) > 0 && l.kind == plan.LeftJoin {
		l.nullUnless(items, and(conditions...))
	}
	return relation{node: l.withItems(node, items), fields: fields}
}

// joined joins the base of a query that computes with left's columns.
func (l *lateral) joined() relation {
	if rel, ok := l.spreadJoin(); ok {
		return rel
	}
	p := l.puller()
	base, ok := p.pull(l.base)
	if !ok {
		l.refuseCorrelated(l.at)
	}
	marked := &projection{analyzer: l.analyzer, input: base}
	mark := marked.column(boolConst(true), "matched")
	right := l.columns()
	var items []plan.Assignment
	for i, f := range right {
		items = append(items, plan.Assignment{Column: f.col, Expr: l.values[i]})
	}
	fields := l.fields(right)
	conditions := append(append([]plan.Expr{boolConst(true)}, p.conditions...), l.conditions...)
	for _, on := range l.on(fields) {
		conditions = append(conditions, substitute(on, items))
	}
	node := l.joinOn(l.kind, l.left.node, marked.node(), and(conditions...))
	if l.kind == plan.LeftJoin {
		l.nullUnless(items, &plan.Ref{Column: mark})
	}
	return relation{node: l.withItems(node, items), fields: fields}
}

// nullUnless makes the items NULL unless a condition holds.
func (l *lateral) nullUnless(items []plan.Assignment, condition plan.Expr) {
	for i, item := range items {
		t := item.Column.Type
		items[i].Expr = special(plan.If, t, condition, item.Expr, constant(types.Null(t)))
	}
}

// withItems adds the items to the left side's columns.
func (l *lateral) withItems(node plan.Node, items []plan.Assignment) plan.Node {
	var all []plan.Assignment
	for _, c := range l.left.node.Columns() {
		all = append(all, plan.Assignment{Column: c, Expr: &plan.Ref{Column: c}})
	}
	return &plan.Project{Input: node, Items: append(all, items...)}
}
