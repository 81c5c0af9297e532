// Package planner turns SQL text into an optimised logical plan. It reads no data: the caller provides tables and
// functions as metadata.
package planner

import (
	"context"

	"github.com/auditlake/auditlake/planner/analyze"
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/optimize"
	"github.com/auditlake/auditlake/planner/parse"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// Plan parses, analyses and optimises a statement. EXECUTE, DESCRIBE INPUT and DESCRIBE OUTPUT find prepared
// statements in the session. A fault in the statement is a *types.Error with its position. Plan checks ctx
// throughout, except while it parses, as the length of the text is bounded. arguments are constant expressions for
// the question marks.
func Plan(ctx context.Context, sql string, catalog metadata.Catalog, fns metadata.Functions, session *metadata.Session, arguments ...string) (plan.Node, error) {
	stmt, err := Statement(sql, session.Prepared, arguments...)
	if err != nil {
		return nil, err
	}
	return PlanStatement(ctx, stmt, catalog, fns, session)
}

// PlanStatement is Plan for a statement that Statement returned. It does not change the statement.
func PlanStatement(ctx context.Context, stmt ast.Statement, catalog metadata.Catalog, fns metadata.Functions, session *metadata.Session) (plan.Node, error) {
	switch stmt := stmt.(type) {
	case *ast.DescribeInput:
		return describe(ctx, stmt.Name, analyze.DescribeInput, catalog, fns, session)
	case *ast.DescribeOutput:
		return describe(ctx, stmt.Name, analyze.DescribeOutput, catalog, fns, session)
	}
	if ChangesSession(stmt) {
		return nil, types.Errorf(types.NotSupported, stmt.Pos(), "%s changes a session, and this statement runs in none", stmt.Verb())
	}
	n, err := analyze.Statement(ctx, stmt, catalog, fns, session)
	if err != nil {
		return nil, err
	}
	return optimize.Optimize(ctx, n, fns, session)
}

// describe plans a description of a prepared statement, whose question marks need no values.
func describe(ctx context.Context, name ast.Ident,
	describe func(context.Context, ast.Statement, metadata.Catalog, metadata.Functions, *metadata.Session) (plan.Node, error),
	catalog metadata.Catalog, fns metadata.Functions, session *metadata.Session) (plan.Node, error) {
	text, err := preparedText(name, session.Prepared)
	if err != nil {
		return nil, err
	}
	stmt, err := parse.Statement(text)
	if err != nil {
		return nil, err
	}
	return describe(ctx, stmt, catalog, fns, session)
}
