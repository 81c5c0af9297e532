package analyze

import (
	"slices"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
)

// The methods of this file return the env for a part of an expression with rules of its own. Each changes all
// fields of env that its rules concern.

// inAggregate is the env of the arguments, the filter and the order of an aggregate x. Aggregates and window
// functions must not nest in it. Its subqueries are joined below the aggregation, which reads their rows.
func (e *env) inAggregate(x ast.Node) *env {
	inner := e.inGrouping(x)
	inner.subqueries = &e.aggregates.subqueries
	return inner
}

// inGrouping is the env of the arguments of GROUPING, which only name keys.
func (e *env) inGrouping(x ast.Node) *env {
	inner := *e
	inner.aggregates, inner.windows, inner.inside = nil, nil, x
	return &inner
}

// inLambda is the env of a lambda's body, which sees the parameters. The body is computed for values inside a row,
// so it must not hold what a node computes for whole rows.
func (e *env) inLambda(parameters map[string]*plan.Column) *env {
	inner := *e
	inner.params = append(slices.Clip(e.params), parameters)
	inner.aggregates, inner.windows, inner.subqueries = nil, nil, nil
	inner.inside, inner.inWindow = nil, false
	inner.clause, inner.root = "Lambda expression", nil
	return &inner
}

// inWindowCall is the env of the arguments of a window function.
func (e *env) inWindowCall() *env {
	inner := *e
	inner.windows, inner.inWindow = nil, true
	return &inner
}

// inWindowSpecification is the env of PARTITION BY, ORDER BY and the frame of a window.
func (e *env) inWindowSpecification() *env {
	inner := *e
	inner.windows, inner.inSpecification = nil, true
	return &inner
}

// navigatedTo is the env of the argument of a navigation function of a row pattern. Columns in it are read from the
// row to which p leads.
func (e *env) navigatedTo(p patternEnv) *env {
	inner := *e
	inner.pattern = &p
	return &inner
}

// inPatternAggregate is the env of the arguments of an aggregate x over the rows of a match.
func (e *env) inPatternAggregate(x ast.Node) *env {
	p := *e.pattern
	p.arguments = true
	inner := e.navigatedTo(p)
	inner.inside = x
	return inner
}
