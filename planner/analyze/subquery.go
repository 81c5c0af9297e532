package analyze

import (
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// pending is a subquery whose result an expression reads as a column. attach joins it below the node that evaluates
// the expression.
type pending struct {
	at ast.Node
	// exprs are over the columns of the node and of the subquery. They are rewritten if an aggregation comes in
	// between.
	exprs []plan.Expr
	join  func(node plan.Node, exprs []plan.Expr) plan.Node
}

func (p *pending) rewrite(f func(plan.Expr) plan.Expr) {
	for i, x := range p.exprs {
		p.exprs[i] = f(x)
	}
}

// Up to maxOwnOperands subqueries, each computes its compared operands right below its join. With more, one
// projection below computes all, as for windows.
const maxOwnOperands = 8

// attach joins subqueries to node.
func (a *analyzer) attach(node plan.Node, subqueries []*pending) plan.Node {
	if len(subqueries) > maxOwnOperands {
		p := &projection{analyzer: a, input: node}
		for _, s := range subqueries {
			s.rewrite(p.operands)
		}
		node = p.node()
	}
	for _, s := range subqueries {
		node = s.join(node, s.exprs)
	}
	return node
}

// operands returns an expression, or an equality, whose parts that read only the input's columns are replaced by
// columns of the projection.
func (p *projection) operands(x plan.Expr) plan.Expr {
	if call, ok := x.(*plan.Call); ok && call.Fn.Name == types.OpEqual {
		return plan.MapChildren(x, p.operand)
	}
	return p.operand(x)
}

func (p *projection) operand(x plan.Expr) plan.Expr {
	switch x.(type) {
	case *plan.Ref, *plan.Const:
		return x
	}
	some, own := false, true
	plan.FreeColumns(x, func(c *plan.Column) { some, own = true, own && p.has(c) })
	if !some || !own || !plan.IsDeterministic(x) {
		return x
	}
	return &plan.Ref{Column: p.column(x, "")}
}

// addSubquery adds a subquery to those of the node that evaluates the expression.
func (e *env) addSubquery(s *pending) {
	if e.subqueries == nil {
		panic(e.notSupported(s.at, "a subquery in "+e.clause))
	}
	*e.subqueries = append(*e.subqueries, s)
}

// subplan is an analysed subquery.
type subplan struct {
	relation
	correlated map[int]bool // columns of outer queries that it reads, by ID
}

func (e *env) subplan(q *ast.Query) subplan {
	var correlated []*plan.Column
	before := len(e.outerReads)
	rel := visible(e.query(q, e.scope.subquery(&correlated), false))
	if e.aggregates != nil {
		for _, read := range e.outerReads[before:] {
			read.from = q
			e.aggregates.outerReads = append(e.aggregates.outerReads, read)
		}
	}
	s := subplan{relation: rel, correlated: map[int]bool{}}
	for _, c := range correlated {
		s.correlated[c.ID] = true
	}
	return s
}

// refuseInLambda ends the analysis if a lambda's body holds a subquery.
func (e *env) refuseInLambda(x ast.Node) {
	if len(e.params) > 0 {
		e.fail(types.NotSupported, x, "Lambda expression cannot contain subqueries")
	}
}

func (e *env) scalarSubquery(x *ast.Subquery) plan.Expr {
	e.refuseInLambda(x)
	s := e.subplan(x.Query)
	if len(s.correlated) > 0 {
		return e.correlatedScalar(x, e.inOneColumn(s))
	}
	right := s.node
	if !isSingleRow(right) {
		right = &plan.EnforceSingleRow{Input: right}
	}
	e.addSubquery(&pending{at: x, join: func(node plan.Node, _ []plan.Expr) plan.Node { return e.cross(node, right) }})
	return valueOf(s.fields)
}

// valueOf returns the value of a subquery's row; several fields become a row.
func valueOf(fields []field) plan.Expr {
	if len(fields) == 1 {
		return &plan.Ref{Column: fields[0].col}
	}
	items, row := make([]plan.Expr, len(fields)), make([]types.Field, len(fields))
	for i, f := range fields {
		items[i] = &plan.Ref{Column: f.col}
		row[i] = types.Field{Name: f.name, Type: f.col.Type}
	}
	return special(plan.MakeRow, types.RowOf(row...), items...)
}

// inOneColumn makes several columns a row, so that a subquery without rows is NULL.
func (e *env) inOneColumn(s subplan) subplan {
	if len(s.fields) == 1 {
		return s
	}
	row := &projection{analyzer: e.analyzer, input: s.node}
	s.fields = []field{{col: row.column(valueOf(s.fields), "row")}}
	s.node = row.node()
	return s
}

// isSingleRow reports whether n returns exactly one row.
func isSingleRow(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Aggregate:
		return len(n.Keys) == 0 && n.Sets == nil
	case *plan.Project:
		return isSingleRow(n.Input)
	case *plan.Values:
		return len(n.Rows) == 1
	case *plan.EnforceSingleRow:
		return true
	}
	return false
}

func (e *env) exists(x *ast.Exists) plan.Expr {
	s := e.subplan(x.Query)
	if len(s.correlated) > 0 {
		if isSingleRow(existsInput(s.node)) {
			return boolConst(true)
		}
		return e.correlatedMark(x, s, nil)
	}
	mark := e.newColumn("exists", types.BooleanType)
	e.addSubquery(&pending{at: x, join: func(node plan.Node, _ []plan.Expr) plan.Node {
		right := &plan.Limit{Input: s.node, Count: 1}
		return &plan.Join{Kind: plan.SemiMark, Left: node, Right: right, Mark: mark}
	}})
	return &plan.Ref{Column: mark}
}
