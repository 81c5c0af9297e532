package analyze

import (
	"slices"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
)

// The methods of this file return the places inside of a place where other rules
// hold. Each changes all fields of env that its rules are about.

// inAggregate is the place of the arguments, the filter and the order of an
// aggregate x. Aggregates and window functions may not nest in it; its subqueries
// are joined below the aggregation, because it is computed from their rows.
func (e *env) inAggregate(x ast.Node) *env {
	inner := e.inGrouping(x)
	inner.subqueries = &e.aggregates.subqueries
	return inner
}

// inGrouping is the place of the arguments of GROUPING, which only name keys.
func (e *env) inGrouping(x ast.Node) *env {
	inner := *e
	inner.aggregates, inner.windows, inner.inside = nil, nil, x
	return &inner
}

// inLambda is the place of a lambda's body, which sees the parameters. It is
// computed for values inside of a row: nothing that a node computes for whole rows
// may stand in it.
func (e *env) inLambda(parameters map[string]*plan.Column) *env {
	inner := *e
	inner.params = append(slices.Clip(e.params), parameters)
	inner.aggregates, inner.windows, inner.subqueries = nil, nil, nil
	inner.inside, inner.inWindow = nil, false
	inner.clause, inner.root = "Lambda expression", nil
	return &inner
}

// inWindowCall is the place of the arguments of a window function.
func (e *env) inWindowCall() *env {
	inner := *e
	inner.windows, inner.inWindow = nil, true
	return &inner
}

// inWindowSpecification is the place of PARTITION BY, ORDER BY and the frame of a
// window.
func (e *env) inWindowSpecification() *env {
	inner := *e
	inner.windows, inner.inSpecification = nil, true
	return &inner
}

// navigatedTo is the place of the argument of a navigation function of a row
// pattern: columns in it are read where p leads to.
func (e *env) navigatedTo(p patternEnv) *env {
	inner := *e
	inner.pattern = &p
	return &inner
}

// inPatternAggregate is the place of the arguments of an aggregate x over the rows
// of a match.
func (e *env) inPatternAggregate(x ast.Node) *env {
	p := *e.pattern
	p.arguments = true
	inner := e.navigatedTo(p)
	inner.inside = x
	return inner
}
