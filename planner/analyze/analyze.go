// Package analyze turns a syntax tree into a logical plan. It resolves names in scopes, functions and types, plans
// subqueries, and reports mistakes with Trino's error names and positions.
package analyze

import (
	"context"
	"errors"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// Statement analyses stmt and returns its plan: a *plan.Output or a *plan.Explain. Mistakes in the statement are
// *types.Error; other errors come from the catalog, or from ctx if it ends.
func Statement(ctx context.Context, stmt ast.Statement, catalog metadata.Catalog, fns metadata.Functions, session *metadata.Session) (node plan.Node, err error) {
	a := newAnalyzer(ctx, catalog, fns, session)
	err = guard(func() { node = a.statement(stmt) })
	return node, err
}

func newAnalyzer(ctx context.Context, catalog metadata.Catalog, fns metadata.Functions, session *metadata.Session) *analyzer {
	return &analyzer{ctx: ctx, catalog: catalog, fns: fns, session: session, fromStore: make([]bool, 1)}
}

// analyzer holds the state of one statement. Its methods end the analysis by panicking with a bailout, which guard
// turns into an error.
type analyzer struct {
	ctx     context.Context
	catalog metadata.Catalog
	fns     metadata.Functions
	session *metadata.Session

	lastID     int
	fromStore  []bool      // by column ID: the column is an event data store's
	tables     []readTable // in the order in which they are found
	depth      int         // of nested queries and expressions
	steps      int         // queries and expressions so far
	ctes       int         // analyses of WITH queries so far
	lambdas    int         // analyses of lambda bodies so far
	outerReads []outerRead // of all subqueries, in the order in which they are found
	// joinColumns are the IDs of the columns of joins that no join above has merged into its own.
	joinColumns map[plan.Node]map[int]bool
	parameters  *parameters // nil: a parameter is a mistake
}

// stepsPerCheck is how many expressions are analysed between two checks of the context.
const stepsPerCheck = 1024

// bailout carries the error that ends the analysis.
type bailout struct{ err error }

// Limits that keep statements from taking exponential work.
const (
	maxDepth        = 10000
	maxCTEs         = 1000
	maxGroupingSets = 2048
	maxItems        = 10000 // of a select list, or of GROUP BY
	maxRollup       = 256   // elements of a ROLLUP
	maxRepeated     = 1000  // parts of an expression that the plan repeats
	maxLambdas      = 20000 // analyses of lambda bodies
)

func (a *analyzer) statement(stmt ast.Statement) plan.Node {
	switch stmt := stmt.(type) {
	case *ast.Query:
		return a.output(stmt)
	case *ast.Explain:
		return a.explain(stmt)
	case *ast.Show:
		return a.show(stmt)
	}
	panic(a.notSupported(stmt, stmt.Verb()))
}

// output plans the query that returns the statement's result.
func (a *analyzer) output(q *ast.Query) *plan.Output {
	rel := a.query(q, &scope{}, true)
	out := &plan.Output{Input: rel.node}
	for i, f := range rel.fields {
		if f.hidden {
			continue
		}
		out.Names = append(out.Names, f.title(i))
		out.Cols = append(out.Cols, f.col)
	}
	return out
}

func (a *analyzer) newColumn(name string, t *types.Type) *plan.Column {
	c := &plan.Column{Name: name, Type: t}
	a.number(c)
	return c
}

// number gives a column its ID, unique in the plan.
func (a *analyzer) number(c *plan.Column) {
	a.lastID++
	a.fromStore = append(a.fromStore, false)
	c.ID = a.lastID
}

// enter counts a level of nesting; every call is paired with leave.
func (a *analyzer) enter(n ast.Node) {
	a.depth++
	if a.steps++; a.steps%stepsPerCheck == 0 && a.ctx.Err() != nil {
		panic(bailout{a.ctx.Err()})
	}
	if a.depth > maxDepth {
		a.fail(types.NotSupported, n, "statement is nested more than %d levels deep", maxDepth)
	}
}

func (a *analyzer) leave() { a.depth-- }

// fail ends the analysis with an error at n.
func (a *analyzer) fail(name string, n ast.Node, format string, args ...any) {
	panic(bailout{types.Errorf(name, n.Pos(), format, args...)})
}

// failWith ends the analysis with err. An error without a position gets that of n.
func (a *analyzer) failWith(err error, n ast.Node) {
	panic(bailout{types.ErrorAt(err, n.Pos())})
}

// notSupported returns the bailout for a construct that the engine refuses.
func (a *analyzer) notSupported(n ast.Node, construct string) bailout {
	return bailout{types.Errorf(types.NotSupported, n.Pos(), "%s is not supported", construct)}
}

// guard runs f and returns the error that ended it. It keeps panics from crossing package borders.
func guard(f func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			b, ok := r.(bailout)
			if !ok {
				panic(r)
			}
			err = b.err
		}
	}()
	f()
	return nil
}

func isError(err error, name string) bool {
	var e *types.Error
	return errors.As(err, &e) && e.Name == name
}
